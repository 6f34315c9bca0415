"""What a municipality's own systems may ask and get. No names of staff and contacts: nobody needs them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from agreements.choices import ActionState, AgreementKind, AgreementState, Publication

from .schemas import Asked, Day, Key, Moment, MunicipalityRef, Next, Paged, PartyOut, Told, Year, read_plain


class OwnAgreementQuery(Paged):
    state: AgreementState | None = Field(None, description="状態")
    kind: AgreementKind | None = Field(None, description="種別")
    publication: Publication | None = Field(None, description="公開区分")
    department: Key | None = Field(None, description="主担当課の番号")
    updated_since: Moment | None = Field(None, description="この日時以後に変わったもの")


class ActionQuery(Paged):
    agreement: Key | None = Field(None, description="協定の番号")
    state: ActionState | None = Field(None, description="状態")
    department: Key | None = Field(None, description="担当課の番号")
    fiscal_year: Year | None = None
    updated_since: Moment | None = Field(None, description="この日時以後に変わったもの")


class DeadlineQuery(Paged):
    kind: Literal["notice", "expiry", "action"] = Field(
        description="notice＝更新の通知期限、expiry＝満了日、action＝取組の期限"
    )
    since: Day | None = Field(None, description="この日から")
    until: Day | None = Field(None, description="この日まで")


class PlanItemQuery(Paged):
    plan: Key | None = Field(None, description="総合計画の番号")


class ProgressQuery(Paged):
    pass


class ProgressIn(Asked):
    """value（現在値）か note（できごと）を送ります。実施中にするだけなら、どちらも要りません"""

    on: Day = Field(description="いつの時点か")
    value: Annotated[Decimal, Field(max_digits=14, decimal_places=2)] | None = Field(
        None, description="現在値（これまでの合計）。完了のときは実績値"
    )
    note: Annotated[str, BeforeValidator(read_plain), Field(max_length=4000)] = Field(
        "", description="できごと。完了のときは実施した内容、中止のときは理由（どちらも必須）"
    )
    state: Literal["in_progress", "done", "cancelled"] | None = Field(
        None, description="状態を変えるとき。計画の取組は、記録すると実施中になります"
    )
    version: str = Field(
        "", max_length=64, description="見ていた取組の version。If-Match で送ってもかまいません"
    )


class TokenOut(Told):
    name: str
    prefix: str
    municipality: MunicipalityRef
    scopes: list[str]
    expires_on: date


class Named(Told):
    id: int
    name: str


class OwnItemOut(Told):
    id: int
    number: int
    text: str
    categories: list[str]
    actions: list[int] = Field(description="取組の番号")


class OwnAgreementOut(Told):
    id: int
    ledger_number: str
    title: str
    title_kana: str
    kind: AgreementKind
    state: AgreementState
    publication: Publication
    department: Named | None
    signed_on: date | None
    effective_on: date | None
    first_expiry: date | None
    auto_renew: bool
    renewal_months: int | None
    current_expiry: date | None = Field(description="現在の満了日")
    notice_deadline: date | None = Field(description="更新の通知期限")
    ended_on: date | None
    ended_reason: str
    parties: list[PartyOut]
    created_at: datetime
    updated_at: datetime
    url: str


class OwnAgreementDetailOut(OwnAgreementOut):
    purpose: str
    renewal_text: str
    items: list[OwnItemOut]
    plan_items: list[int] = Field(description="施策の番号")


class ActionOut(Told):
    id: int
    agreement: int
    title: str
    description: str
    items: list[int] = Field(description="連携事項の番号（id）")
    department: Named | None
    state: ActionState
    starts_on: date | None
    due_on: date | None
    fiscal_year: int | None
    target_value: float | None
    target_unit: str
    baseline_value: float | None
    current_value: float | None = Field(description="最後に記録された現在値")
    told_on: date | None = Field(description="最後に進捗が記録された日")
    result_value: float | None
    result_text: str
    completed_on: date | None
    cancelled_reason: str
    plan_item: int | None = Field(description="主施策の番号")
    version: str = Field(description="進捗を送るときに If-Match か version で返す値")
    updated_at: datetime
    url: str


class ProgressOut(Told):
    id: int
    on: date
    value: float | None
    note: str
    recorded_by: Literal["person", "system"]
    system: str


class DeadlineOut(Told):
    kind: str
    on: date
    agreement: int
    action: int | None
    title: str
    url: str


class PlanItemOut(Told):
    id: int
    plan: Named
    parent: int | None
    level: str
    code: str
    name: str
    kpi_name: str
    kpi_unit: str
    kpi_baseline: float | None
    kpi_target: float | None
    kpi_year: int | None
    department: Named | None


class OwnAgreementPage(Next):
    results: list[OwnAgreementOut]


class OwnItemPage(Next):
    results: list[OwnItemOut]


class ActionPage(Next):
    results: list[ActionOut]


class ProgressPage(Next):
    results: list[ProgressOut]


class DeadlinePage(Next):
    results: list[DeadlineOut]


class PlanItemPage(Next):
    results: list[PlanItemOut]
