"""Choices of the municipality side (a leaf: imports nothing of ours)."""

from django.db.models import TextChoices


class MunicipalityKind(TextChoices):
    PREFECTURE = "prefecture", "都道府県"
    DESIGNATED_CITY = "designated_city", "政令指定都市"
    CITY = "city", "市"
    SPECIAL_WARD = "special_ward", "特別区"
    TOWN = "town", "町"
    VILLAGE = "village", "村"


class Role(TextChoices):
    """What a staff member may do inside their own municipality; `access.py` says what each means."""

    VIEWER = "viewer", "閲覧"
    EDITOR = "editor", "編集（自課）"
    MANAGER = "manager", "管理（企画課）"


class ApiScope(TextChoices):
    """What a token of the API may do; `access.py` says what each opens."""

    READ = "read", "読取り"
    WRITE_PROGRESS = "progress:write", "取組の進捗の記録"


class AuditKind(TextChoices):
    """What the audit records (domain pack, 6: login, view, edit, export, print, permission changes)."""

    LOGIN = "login", "ログイン"
    LOGOUT = "logout", "ログアウト"
    LOGIN_FAILED = "login_failed", "ログイン失敗"
    CREDENTIAL_CHANGE = "credential_change", "認証情報の変更"
    VIEW_INTERNAL = "view_internal", "内部情報の閲覧"
    EXPORT = "export", "書き出し"
    PRINT = "print", "印刷"
    DOWNLOAD = "download", "ダウンロード"
    UPLOAD = "upload", "アップロード"
    IMPORT = "import", "取込み"
    PERMISSION_CHANGE = "permission_change", "権限・所属の変更"
    PUBLICATION = "publication", "公開区分の変更"
    BULK_CHANGE = "bulk_change", "一括変更"
    DELETION = "deletion", "削除"
    RESTORATION = "restoration", "復元"
    ERASURE = "erasure", "個人情報の消去"
    DISPOSAL = "disposal", "廃棄"
    RETENTION = "retention", "古い操作記録の削除"


class PlanState(TextChoices):
    """Where a 総合計画 stands. 施策 are chosen from plans in force; old links stay with an ended one."""

    DRAFT = "draft", "策定中"
    CURRENT = "current", "計画期間中"
    ENDED = "ended", "終了"
