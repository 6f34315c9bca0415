"""Every choice of the agreement side (a leaf: imports nothing of ours)."""

from django.db.models import IntegerChoices, TextChoices


class AgreementKind(TextChoices):
    """種別. 包括 covers several fields, 事業（個別）連携 one."""

    COMPREHENSIVE = "comprehensive", "包括連携"
    PROJECT = "project", "事業（個別）連携"
    DISASTER = "disaster", "災害時応援"
    WATCHING = "watching", "見守り"
    LOCATION = "location", "立地"
    UNIVERSITY = "university", "大学等"
    INTERMUNICIPAL = "intermunicipal", "自治体間・広域"
    OTHER = "other", "覚書・その他"


class AgreementState(TextChoices):
    """The 8 states of the life cycle (transitions and guards: `domain/lifecycle.py`)."""

    PROPOSED = "proposed", "提案受付"
    REVIEWING = "reviewing", "庁内調整"
    NEGOTIATING = "negotiating", "相手方協議"
    APPROVING = "approving", "決裁中"
    ACTIVE = "active", "締結・実施中"
    SUSPENDED = "suspended", "休止"
    ENDED = "ended", "終了"
    DECLINED = "declined", "見送り"


class EndedReason(TextChoices):
    EXPIRED = "expired", "満了"
    MUTUAL = "mutual", "合意解除"
    UNILATERAL = "unilateral", "一方解除"
    REPLACED = "replaced", "新協定へ移行"
    PARTNER_GONE = "partner_gone", "相手方消滅"


class IntakeResult(TextChoices):
    """How a proposal stands to one of the municipality's criteria."""

    MET = "met", "適合"
    UNMET = "unmet", "不適合"
    UNCLEAR = "unclear", "確認中"


class OpinionAnswer(TextChoices):
    """意見: what an asked 課 says about an agreement to come."""

    AGREED = "agreed", "可"
    CONDITIONAL = "conditional", "条件付"
    OPPOSED = "opposed", "不可"


class ApprovalDecision(TextChoices):
    PENDING = "pending", "決裁待ち"
    APPROVED = "approved", "承認"
    SENT_BACK = "sent_back", "差戻し"
    WITHDRAWN = "withdrawn", "取下げ"


class RenewalChoice(TextChoices):
    """更新判断. 黙示更新 is what the system writes when an automatic renewal passed undecided."""

    RENEWED = "renewed", "更新"
    REVISED = "revised", "見直して更新"
    ENDING = "ending", "終了"
    TACIT = "tacit", "黙示更新"


class AmendmentState(TextChoices):
    """変更の手続き: how far a change of the text has come."""

    DRAFT = "draft", "変更案"
    MERGED = "merged", "反映済み"
    REJECTED = "rejected", "見送り"
    WITHDRAWN = "withdrawn", "取下げ"


class Publication(TextChoices):
    """公開区分: its own state, separate from the life cycle."""

    PRIVATE = "private", "非公開"
    PREPARING = "preparing", "公開準備"
    PUBLISHED = "published", "公開"
    WITHDRAWN = "withdrawn", "取下げ"


class PublicField(TextChoices):
    """公開項目: what a municipality may add to the facts that every published agreement shows."""

    PURPOSE = "purpose", "目的"
    ITEMS = "items", "連携事項（原文）"
    TERM = "term", "期間と更新の条件"
    DOCUMENTS = "documents", "書類（「公開する」を選んだもの）"
    SIGNATORIES = "signatories", "締結者の職名と氏名"
    DEPARTMENT = "department", "主担当課"
    ACTIONS = "actions", "取組（名称・状態・期間）"


class EditionKind(TextChoices):
    """公開の記録: what one line of the 更新履歴 of a public page is."""

    PUBLISHED = "published", "公開"
    CORRECTED = "corrected", "訂正・更新"
    WITHDRAWN = "withdrawn", "取下げ"


class Licence(TextChoices):
    """利用条件 of the open data."""

    CC_BY = "cc-by-4.0", "クリエイティブ・コモンズ 表示 4.0 国際（CC BY 4.0）"
    PDL = "pdl-1.0", "公共データ利用規約（第1.0版）"


class Retention(IntegerChoices):
    """保存年限 in years; the clock starts at the agreement's end."""

    ONE = 1, "1年"
    THREE = 3, "3年"
    FIVE = 5, "5年"
    TEN = 10, "10年"
    PERMANENT = 999, "永久"


class DisposalState(TextChoices):
    """廃棄目録: until it is approved nothing is lost."""

    OPEN = "open", "承認待ち"
    APPROVED = "approved", "承認済み"
    WITHDRAWN = "withdrawn", "取りやめ"


class PartyRole(TextChoices):
    SIGNATORY = "signatory", "締結者"
    PARTICIPANT = "participant", "参加者"
    WITNESS = "witness", "立会人"


class ActionState(TextChoices):
    """遅れ is not a state: it is computed from the due date."""

    PLANNED = "planned", "計画"
    IN_PROGRESS = "in_progress", "実施中"
    DONE = "done", "完了"
    CANCELLED = "cancelled", "中止"


class FieldCategory(TextChoices):
    """分野: the 16 field categories; `sdgs` are the goals each usually serves."""

    REGION = "01", "地域活性化・まちづくり・移住定住"
    INDUSTRY = "02", "産業・雇用・経済"
    TOURISM = "03", "観光・シティプロモーション・国際"
    AGRICULTURE = "04", "農林水産・地産地消"
    HEALTH = "05", "健康・医療・食育"
    WELFARE = "06", "高齢者・障がい者・地域福祉・見守り"
    CHILDREN = "07", "子育て・若者"
    EDUCATION = "08", "教育・青少年・生涯学習"
    CULTURE = "09", "文化・芸術・スポーツ"
    DISASTER = "10", "防災・災害時支援"
    SAFETY = "11", "防犯・交通安全・消費生活"
    ENVIRONMENT = "12", "環境・脱炭素・資源循環"
    DIGITAL = "13", "デジタル・DX・情報発信"
    INFRASTRUCTURE = "14", "インフラ・公共施設・交通"
    INCLUSION = "15", "人権・共生・男女共同参画・女性活躍"
    OTHER = "99", "その他"

    @property
    def sdgs(self) -> tuple[int, ...]:
        return _SDGS[self.value]


_SDGS: dict[str, tuple[int, ...]] = {
    "01": (11, 17),
    "02": (8, 9),
    "03": (8, 11, 12),
    "04": (2, 12, 14, 15),
    "05": (2, 3),
    "06": (1, 3, 10),
    "07": (1, 3, 4, 5),
    "08": (4,),
    "09": (3, 4, 11),
    "10": (11, 13),
    "11": (11, 16),
    "12": (6, 7, 12, 13, 14, 15),
    "13": (9, 16),
    "14": (6, 9, 11),
    "15": (5, 10, 16),
    "99": (17,),
}


class DocumentKind(TextChoices):
    """書類の種類."""

    DRAFT = "draft", "協定書案"
    SIGNED = "signed", "締結済み協定書"
    ANNEX = "annex", "別紙"
    PRESS_RELEASE = "press_release", "報道発表"
    MINUTES = "minutes", "議事録"
    PHOTO = "photo", "写真"
    OTHER = "other", "その他"


class MeetingForm(TextChoices):
    """会議の形: how the two sides talked."""

    IN_PERSON = "in_person", "対面"
    ONLINE = "online", "オンライン"
    TELEPHONE = "telephone", "電話"
    WRITTEN = "written", "書面"


class Side(TextChoices):
    """Who of the two sides takes on a task."""

    OWN = "own", "自治体"
    PARTNER = "partner", "相手方"


class NoticeKind(TextChoices):
    """お知らせ: what a notice is about (when it is due: `domain/notices.py`)."""

    DEADLINE = "deadline", "更新の通知期限"
    UNDECIDED = "undecided", "更新判断が未記録"
    TACIT = "tacit", "黙示更新"
    EXPIRY = "expiry", "満了"
    NO_MEETING = "no_meeting", "会議がない協定"
    OPINION = "opinion", "庁内意見の回答"
    CONTACT = "contact", "相手窓口の確認"
    OVERDUE = "overdue", "期限を過ぎた取組"


class NoticeFrequency(TextChoices):
    """How often a person wants mail; 「今日の仕事」 shows everything in any case."""

    IMMEDIATE = "immediate", "すぐに"
    DAILY = "daily", "まとめて（1日1通まで）"
    WEEKLY = "weekly", "週1回まとめて"
    NONE = "none", "受け取らない"
