"""What requests may say and answers hold: the OpenAPI document is made of it.

Answers about agreements hold the facts as `open_data` gives them, so their schemas allow further fields: what
is added there goes out here without a change, and what a municipality does not publish is not there.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from agreements.choices import AgreementKind, AgreementState, EditionKind, FieldCategory, PartyRole

LARGEST_KEY = 2**63 - 1
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_day(value: Any) -> date:
    """ISO dates alone: pydantic would take a number for seconds since 1970."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("日付は 2026-04-01 のように指定してください。")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("この日付はありません。") from error


def read_moment(value: Any) -> datetime:
    message = (
        "日時は 2026-04-01T09:00:00+09:00 のように、時差を付けて指定してください（「+」は %2B と書きます）。"
    )
    if not isinstance(value, str) or not _DAY.match(value):
        raise ValueError(message)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(message) from error
    if moment.tzinfo is None or not 1900 < moment.year < 9000:
        raise ValueError(message)
    return moment


def read_plain(value: Any) -> Any:
    if isinstance(value, str) and ("\x00" in value or value != value.encode("utf-8", "ignore").decode()):
        raise ValueError("使えない文字が含まれています。")
    return value


Key = Annotated[int, Field(ge=1, le=LARGEST_KEY, description="番号（id）")]
Day = Annotated[
    date,
    BeforeValidator(read_day),
    WithJsonSchema({"type": "string", "format": "date", "example": "2026-04-01"}),
]
Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "example": "2026-04-01T09:00:00+09:00"}),
]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", description="全国地方公共団体コード（6桁）")]
Year = Annotated[int, Field(ge=1868, le=9999, description="年度（4月1日の属する西暦年）")]
Words = Annotated[str, BeforeValidator(read_plain), Field(max_length=100)]


class Asked(Schema):
    """What a request may say, and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Paged(Asked):
    cursor: str = Field("", max_length=2000, description="続きの位置。前の応答の next の値")
    limit: int = Field(50, ge=1, le=200, description="1回に返す件数（200まで。指定がなければ50）")


class MunicipalityQuery(Paged):
    prefecture: str = Field("", pattern=r"^([0-9]{2})?$", description="都道府県番号（2桁）")


class AgreementQuery(Paged):
    municipality: Code | None = None
    category: FieldCategory | None = Field(None, description="分野の番号（/fields）")
    company: Key | None = Field(None, description="相手方の番号（/companies）")
    kind: AgreementKind | None = Field(None, description="種別")
    fiscal_year: Year | None = Field(None, description="締結年度")
    q: Words = Field("", description="言葉（空白で区切ると、すべてを含むもの）")


class ChangeQuery(Paged):
    since: Moment | None = Field(None, description="この日時以後の変更")
    municipality: Code | None = None
    kind: EditionKind | None = Field(None, description="公開・訂正・取下げの別")


class CompanyQuery(Paged):
    municipality: Code | None = Field(None, description="この自治体が公開した協定の相手方")
    corporate_number: str = Field("", pattern=r"^([0-9]{13})?$", description="法人番号（13桁）")


# What the names in answers mean, wherever they stand; a field that needs other words has its own.
WORDS = {
    "id": "番号",
    "code": "全国地方公共団体コード。施策では施策コード、分野では分野の番号",
    "name": "名称",
    "prefecture": "都道府県",
    "municipality": "自治体",
    "agreement": "協定の番号",
    "action": "取組の番号",
    "plan": "総合計画",
    "parent": "上の階層の番号",
    "company": "相手方の番号。自治体のときは null",
    "corporate_number": "法人番号（13桁）",
    "municipality_code": "自治体のときは全国地方公共団体コード",
    "label": "呼称（甲、乙など）",
    "role": "役割",
    "contact": "問合せ先",
    "website": "ウェブサイト",
    "licence_url": "利用条件の本文",
    "url": "画面のアドレス",
    "ledger_number": "管理番号",
    "title": "名称",
    "title_kana": "かな",
    "kind": "種別",
    "state": "状態",
    "publication": "公開区分",
    "department": "主担当課・担当課・主管課",
    "signed_on": "締結日",
    "effective_on": "効力発生日",
    "first_expiry": "当初の満了日。期間の定めがないときは null",
    "auto_renew": "自動更新",
    "renewal_months": "更新期間（月）",
    "ended_on": "終了日",
    "ended_reason": "終了理由",
    "parties": "当事者",
    "purpose": "目的（原文）",
    "renewal_text": "更新条件の原文",
    "items": "連携事項",
    "term": "期間と更新の条件",
    "documents": "公開した書類",
    "actions": "取組",
    "number": "連携事項の番号",
    "text": "原文",
    "categories": "分野の番号",
    "description": "内容",
    "starts_on": "開始日",
    "due_on": "期限",
    "fiscal_year": "年度",
    "target_value": "目標値",
    "target_unit": "単位",
    "baseline_value": "基準値",
    "result_value": "実績値",
    "result_text": "実施した内容",
    "completed_on": "完了日",
    "cancelled_reason": "中止の理由",
    "on": "日付",
    "value": "現在値",
    "note": "できごと",
    "recorded_by": "person 職員、system ほかのシステム",
    "system": "記録したシステムの名称",
    "edition": "公開の版",
    "reason": "理由",
    "at": "記録された日時",
    "sdgs": "SDGsの目標",
    "agreements": "公開されている協定の数",
    "level": "階層の名前",
    "kpi_name": "KPI（指標名）",
    "kpi_unit": "KPIの単位",
    "kpi_baseline": "KPIの基準値",
    "kpi_target": "KPIの目標値",
    "kpi_year": "KPIの目標年度",
    "prefix": "トークンの先頭",
    "scopes": "できること",
    "expires_on": "有効期限（この日まで）",
    "created_at": "登録日時",
    "updated_at": "更新日時",
    "detail": "何がうまくいかなかったか",
    "errors": "項目ごとの説明",
    "message": "説明",
    "results": "このページのもの",
}


def _describe(schema: dict[str, Any]) -> None:
    for name, part in schema.get("properties", {}).items():
        if name in WORDS:
            part.setdefault("description", WORDS[name])


class Told(Schema):
    """What answers hold; `WORDS` says what the names mean."""

    model_config = ConfigDict(json_schema_extra=_describe)


class PlainError(Told):
    field: str = Field(description="条件や項目の名前。全体についてのときは空")
    message: str


class ProblemOut(Told):
    """うまくいかなかったとき"""

    detail: str
    errors: list[PlainError]


class Next(Told):
    next: str | None = Field(description="続きの位置。最後のページでは null")


class MunicipalityRef(Told):
    code: str
    name: str
    prefecture: str


class MunicipalityOut(MunicipalityRef):
    title: str = Field(description="公開ページの名称")
    agreements: int = Field(description="公開している協定の数")
    as_of: date = Field(description="最後に公開した日")
    contact: str
    website: str
    licence: str = Field(description="利用条件")
    licence_url: str
    url: str


class PartyOut(Told):
    model_config = ConfigDict(extra="allow", json_schema_extra=_describe)
    name: str
    label: str
    role: PartyRole
    company: int | None
    corporate_number: str | None
    municipality_code: str | None


class ItemOut(Told):
    number: int
    text: str
    categories: list[str]


class AgreementOut(Told):
    """公開された協定。自治体が公開しない項目は入りません。公開する項目が増えると、項目が加わります"""

    model_config = ConfigDict(extra="allow", json_schema_extra=_describe)
    id: int
    municipality: MunicipalityRef
    title: str
    title_kana: str
    kind: AgreementKind
    state: AgreementState
    signed_on: date | None
    effective_on: date | None
    ended_on: date | None
    ended_reason: str
    parties: list[PartyOut]
    purpose: str | None = None
    items: list[ItemOut] | None = None
    term: dict[str, Any] | None = None
    documents: list[dict[str, Any]] | None = None
    department: str | None = None
    actions: list[dict[str, Any]] | None = None
    edition: int = Field(description="公開の版")
    published_on: date = Field(description="この版を公開した日")
    url: str


class EditionOut(Told):
    edition: int
    kind: EditionKind
    on: date
    changed: list[str] = Field(description="変わった項目")
    reason: str


class ChangeOut(EditionOut):
    agreement: int
    municipality: str = Field(description="全国地方公共団体コード")
    title: str | None = Field(description="公開している協定の名称。取り下げたものは null")
    at: datetime
    url: str


class CompanyOut(Told):
    id: int
    name: str
    corporate_number: str | None
    agreements: int = Field(description="公開されている協定の数")
    url: str


class FieldOut(Told):
    code: str
    name: str
    sdgs: list[int]
    agreements: int
    url: str


class MunicipalityPage(Next):
    results: list[MunicipalityOut]


class AgreementPage(Next):
    results: list[AgreementOut]


class EditionPage(Next):
    results: list[EditionOut]


class ChangePage(Next):
    results: list[ChangeOut]


class CompanyPage(Next):
    results: list[CompanyOut]


class FieldPage(Next):
    results: list[FieldOut]


Problems = Literal[400, 401, 403, 404, 405, 409, 410, 412, 413, 428]


def answers(ok: Any, *statuses: Problems, status: int = 200) -> dict[int, Any]:
    """The answers of an operation, for the document. Of conditions and rates all of them may complain."""
    return {status: ok, **dict.fromkeys((*statuses, 422, 429), ProblemOut)}
