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
    ACTIONS = "actions", "取組（名称・状態・期間・目標）"
    ACTION_OWNERS = "action_owners", "取組の担当（課と相手方の名称。個人の名前は出ません）"
    RESULTS = "results", "取組の実績（実績値・実施した内容・完了日）"
    EFFECTS = "effects", "効果額と算定方法（完了した取組）"
    REPORTS = "reports", "年度実績報告書（公開用。「公開する」を選んだ取組）"


class EditionKind(TextChoices):
    """公開の記録: what one line of the 更新履歴 of a public page is."""

    PUBLISHED = "published", "公開"
    CORRECTED = "corrected", "訂正・更新"
    WITHDRAWN = "withdrawn", "取下げ"


class WebhookEvent(TextChoices):
    """できごと: what other systems are told by a webhook."""

    PUBLISHED = "agreement.published", "公開"
    CORRECTED = "agreement.corrected", "公開した内容の訂正・更新"
    WITHDRAWN = "agreement.withdrawn", "公開の取下げ"
    STATE_CHANGED = "agreement.state_changed", "状態の変更"
    DEADLINE = "agreement.deadline", "更新の通知期限（120・60・30・7日前）"
    TEST = "test", "テスト"


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


class Funding(TextChoices):
    """財源: who pays for an action. ゼロ予算 counts neither staff nor consumables."""

    MUNICIPAL_BUDGET = "municipal_budget", "自治体予算"
    ZERO_BUDGET = "zero_budget", "ゼロ予算"
    PARTNER_COST = "partner_cost", "相手方負担"
    SHARED = "shared", "分担"
    GRANT = "grant", "国県補助"
    CORP_FURUSATO = "corp_furusato", "企業版ふるさと納税"
    SPONSORSHIP = "sponsorship", "協賛・物納"
    UNDECIDED = "undecided", "未定"


class BudgetRound(TextChoices):
    INITIAL = "initial", "当初"
    SUPPLEMENTARY = "supplementary", "補正"


class BudgetStatus(TextChoices):
    """How far the money has come on its way through the budget."""

    NOT_REQUESTED = "not_requested", "要求前"
    REQUESTED = "requested", "要求中"
    INCLUDED = "included", "計上"
    VOTED = "voted", "議決済"
    OMITTED = "omitted", "未計上"


class ContractMethod(TextChoices):
    """契約方式: how the other side of a contract is found. Competition is the rule (地方自治法第234条)."""

    BID = "bid", "入札"
    PROPOSAL = "proposal", "プロポーザル"
    NEGOTIATED = "negotiated", "随意契約"


class Fairness(TextChoices):
    """公平性メモ: on what footing this partner does the work."""

    FREE = "free", "無償"
    DONATION = "donation", "寄附"
    BID = "bid", "入札"
    PROPOSAL = "proposal", "プロポーザル"
    NEGOTIATED = "negotiated", "随意契約"


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


class SharePurpose(TextChoices):
    """相手方リンクの依頼の内容: what a company is asked for."""

    WORKSHEET = "worksheet", "すり合わせの回答"
    CONFIRMATION = "confirmation", "すり合わせの確認"
    PROGRESS = "progress", "取組の進み"
    REPORT = "report", "年度実績へのコメント"


class ReportState(TextChoices):
    """Where an 年度実績報告 stands. A corrected one is replaced by the next version when that is accepted."""

    DRAFT = "draft", "作成中"
    SUBMITTED = "submitted", "提出済み"
    RETURNED = "returned", "差戻し"
    ACCEPTED = "accepted", "受理"
    REPLACED = "replaced", "訂正前の版"
    DISCARDED = "discarded", "取りやめ"


class Evaluation(TextChoices):
    """評価: how a 取組 went in the year, against its plan."""

    AS_PLANNED = "as_planned", "計画どおり"
    DELAYED = "delayed", "遅れ"
    NOT_BEGUN = "not_begun", "未実施"
    CANCELLED = "cancelled", "中止"


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
    REPORT = "report", "年度実績報告"


class NoticeFrequency(TextChoices):
    """How often a person wants mail; 「今日の仕事」 shows everything in any case."""

    IMMEDIATE = "immediate", "すぐに"
    DAILY = "daily", "まとめて（1日1通まで）"
    WEEKLY = "weekly", "週1回まとめて"
    NONE = "none", "受け取らない"


class PrintKind(TextChoices):
    """Printouts for which a person's choices are remembered."""

    SHEET = "sheet", "協定シート"
    ACTIONS = "actions", "アクションプラン一覧・進捗表"
    LIST = "list", "一覧の印刷"
    REPORT = "report", "年度実績報告書"


class JobKind(TextChoices):
    """処理: what runs in the background (`agreements.jobs` says which function does it)."""

    BULK = "bulk", "一括変更"
    BULK_UNDO = "bulk_undo", "一括変更の取消し"
    EXPORT = "export", "書き出し"
    SHEETS = "sheets", "協定シートの印刷"
    IMPORT_CHECK = "import_check", "台帳の確認"
    IMPORT = "import", "台帳の取込み"
    IMPORT_UNDO = "import_undo", "取込みの取消し"
    SITE = "site", "公開サイトの書き出し"


class JobState(TextChoices):
    """処理の状態."""

    QUEUED = "queued", "開始待ち"
    RUNNING = "running", "実行中"
    DONE = "done", "完了"
    FAILED = "failed", "失敗"
    CANCELLED = "cancelled", "中止"


class RowOutcome(TextChoices):
    """What a 処理 did to one row."""

    DONE = "done", "済み"
    UNCHANGED = "unchanged", "変更なし"
    FAILED = "failed", "できません"


class ImportState(TextChoices):
    """How far a ledger is on its way into the registry."""

    UPLOADED = "uploaded", "列の確認待ち"
    CHECKING = "checking", "確認中"
    CHECKED = "checked", "登録待ち"
    IMPORTING = "importing", "登録中"
    DONE = "done", "登録済み"
    UNDOING = "undoing", "取消し中"
    UNDONE = "undone", "取消し済み"


class ImportOutcome(TextChoices):
    """What becomes, or became, of one row of a ledger."""

    CREATE = "create", "新規"
    UPDATE = "update", "更新"
    UNCHANGED = "unchanged", "変更なし"
    SKIP = "skip", "取り込まない"
    ERROR = "error", "エラー"


class ExpectationOccasion(TextChoices):
    """What a round of すり合わせ is held for."""

    BEFORE_SIGNING = "before_signing", "締結前"
    REVIEW = "review", "見直し"


class ExpectationRoundState(TextChoices):
    """How far a round has come (`domain/expectations.py`)."""

    FILLING = "filling", "記入中"
    OPENED = "opened", "開示済"
    CONFIRMED = "confirmed", "合意・確認済"
    CANCELLED = "cancelled", "取りやめ"


class ExpectationKind(TextChoices):
    """③ what kind of good a company expects; 将来の受注 needs a word on procurement (E03)."""

    PUBLICITY = "publicity", "広報"
    KNOWLEDGE = "knowledge", "データ・知見"
    TRIAL = "trial", "実証"
    COMMUNITY = "community", "地域貢献"
    PEOPLE = "people", "人材"
    ORDER = "order", "将来の受注"
    OTHER = "other", "その他"


class ExpectationCost(TextChoices):
    """⑦ what one side thinks the work costs."""

    FREE = "free", "無償"
    AT_COST = "at_cost", "実費"
    PAID = "paid", "有償"
    UNDECIDED = "undecided", "未定"


class Procurement(TextChoices):
    """⑧ whether the work needs a contract of its own."""

    NOT_NEEDED = "not_needed", "調達は要らない"
    NEEDED = "needed", "調達が要る"
    UNDECIDED = "undecided", "未定"


class SubmissionKind(TextChoices):
    """What a company sends."""

    ANSWERS = "answers", "期待の回答"
    CONFIRMATION = "confirmation", "合意の確認"
    PROGRESS = "progress", "取組の進捗"
    COMMENT = "comment", "年度実績への意見"


class SubmissionSource(TextChoices):
    LINK = "link", "専用リンク"
    EXCEL = "excel", "Excel"


class SubmissionState(TextChoices):
    """What became of it. Nothing a company sends changes the record before it is accepted."""

    PENDING = "pending", "確認待ち"
    ACCEPTED = "accepted", "取り込み済み"
    PARTLY = "partly", "一部を取り込み済み"
    REJECTED = "rejected", "取り込まない"
    REPLACED = "replaced", "差し替え済み"


class DiagnosisAxis(TextChoices):
    """The axes of the 診断 (`domain.diagnosis.Axis`)."""

    CLARITY = "clarity", "明確さ"
    ALIGNMENT = "alignment", "すり合わせ"
    VITALITY = "vitality", "活動"


class DiagnosisGrade(TextChoices):
    """The grades of the 診断 (`domain.diagnosis.Grade`)."""

    A = "A", "A 良好"
    B = "B", "B 軽微な補正"
    C = "C", "C 要協議"
    D = "D", "D 要仕切り直し"
    PENDING = "pending", "判定前"
    NOT_APPLICABLE = "not_applicable", "対象なし"
    UNPREPARED = "unprepared", "未整備"


class RestartOutcome(TextChoices):
    """What became of a 仕切り直し."""

    ALIVE = "alive", "活動が戻った"
    REVISED = "revised", "内容を見直して続ける"
    ENDED = "ended", "終了する"


class ClauseKind(TextChoices):
    """What a 条項ひな形 is about, in the usual order of a 協定書."""

    PREAMBLE = "preamble", "前文"
    PURPOSE = "purpose", "目的"
    ITEMS = "items", "連携事項"
    CONSULTATION = "consultation", "協議"
    COST = "cost", "費用"
    SECRECY = "secrecy", "秘密保持"
    PERSONAL_DATA = "personal_data", "個人情報"
    PUBLICITY = "publicity", "広報・名称使用"
    INTELLECTUAL_PROPERTY = "intellectual_property", "知的財産"
    ANTISOCIAL = "antisocial", "反社会的勢力の排除"
    CANCELLATION = "cancellation", "解除"
    REVIEW = "review", "見直し"
    AMENDMENT = "amendment", "変更"
    TERM = "term", "期間・更新"
    DOUBT = "doubt", "疑義"
    OTHER = "other", "その他"
    CLOSING = "closing", "後書き"
    ANNEX = "annex", "別記"


class ClauseUse(TextChoices):
    """When a 条項ひな形 goes into a first draft by itself."""

    ALWAYS = "always", "いつも入れる"
    RENEWING = "renewing", "自動更新する協定に入れる"
    FIXED = "fixed", "自動更新しない協定に入れる"
    OPTIONAL = "optional", "選んだときだけ入れる"


class TextOrigin(TextChoices):
    """Where a version of a 協定書案 comes from."""

    COMPOSED = "composed", "ひな形から作成"
    EDITED = "edited", "編集"
    RESTORED = "restored", "前の版に戻した"


class AnnexLabel(TextChoices):
    APPENDIX = "別記", "別記"
    SHEET = "別紙", "別紙"
    TABLE = "別表", "別表"
