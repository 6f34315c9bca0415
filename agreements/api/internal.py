"""The records of a municipality for its own systems: what a token may read."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from agreements.models import ActionItem, Agreement, ProgressEntry
from agreements.models.action_queries import ActionItemQuerySet
from agreements.models.agreement import AgreementQuerySet
from municipalities.audit import record
from municipalities.choices import ApiScope, AuditKind
from municipalities.models import PlanItem

from . import rows
from .answers import Problem, answer
from .auth import TokenAuth, token_of
from .entrance import record_when_answered
from .internal_schemas import (
    ActionOut,
    ActionPage,
    ActionQuery,
    DeadlinePage,
    DeadlineQuery,
    OwnAgreementDetailOut,
    OwnAgreementPage,
    OwnAgreementQuery,
    OwnItemPage,
    PlanItemPage,
    PlanItemQuery,
    ProgressPage,
    ProgressQuery,
    TokenOut,
)
from .paging import listed, page_of
from .schemas import Key, answers

router = Router(tags=["庁内のシステム"])
_READ = TokenAuth(ApiScope.READ)
_NOT_FOUND = "ありません。番号を確かめてください。"


@router.get(
    "/token",
    auth=_READ,
    summary="使っているトークン",
    operation_id="getToken",
    url_name="token",
    response=answers(TokenOut, 401, 403),
)
def get_token(request: HttpRequest) -> HttpResponse:
    """つながるかどうかを確かめるのに使えます。"""
    token = token_of(request)
    body = token.municipality
    return answer(
        {
            "name": token.name,
            "prefix": token.prefix,
            "municipality": {"code": body.code, "name": body.name, "prefecture": body.prefecture},
            "scopes": token.scopes,
            "expires_on": token.expires_on,
        }
    )


# -- Agreements ---------------------------------------------------------------------------------------
@router.get(
    "/agreements",
    auth=_READ,
    summary="自分の自治体の協定",
    operation_id="listOwnAgreements",
    url_name="own-agreement-list",
    response=answers(OwnAgreementPage, 401, 403),
)
def list_agreements(request: HttpRequest, query: Query[OwnAgreementQuery]) -> HttpResponse:
    """締結前のもの、公開していないものを含みます。番号の順に返します。"""
    found = _agreements(request).order_by("pk")
    if query.state:
        found = found.filter(state=query.state.value)
    if query.kind:
        found = found.filter(kind=query.kind.value)
    if query.publication:
        found = found.filter(publication=query.publication.value)
    if query.department:
        found = found.filter(department=query.department)
    if query.updated_since:
        found = found.filter(updated_at__gte=query.updated_since)

    def show(page: Any) -> list[dict[str, Any]]:
        listed_rows = page.object_list.select_related("department").prefetch_related(
            "parties__company", "parties__municipality"
        )
        return [rows.agreement_row(each, request.build_absolute_uri) for each in listed_rows]

    return _page(request, found, query, show, "協定")


@router.get(
    "/agreements/{key}",
    auth=_READ,
    summary="自分の自治体の1つの協定",
    operation_id="getOwnAgreement",
    url_name="own-agreement",
    response=answers(OwnAgreementDetailOut, 401, 403, 404),
)
def get_agreement(request: HttpRequest, key: Path[Key]) -> HttpResponse:
    agreement = _agreement(request, key)
    return answer(rows.agreement_detail(agreement, request.build_absolute_uri))


@router.get(
    "/agreements/{key}/items",
    auth=_READ,
    summary="1つの協定の連携事項",
    operation_id="listOwnItems",
    url_name="own-item-list",
    response=answers(OwnItemPage, 401, 403, 404),
)
def list_items(request: HttpRequest, key: Path[Key]) -> HttpResponse:
    return listed(request, rows.item_rows(_agreement(request, key)), "")


def _agreements(request: HttpRequest) -> AgreementQuerySet:
    return Agreement.objects.api_readable_by(token_of(request).principal)


def _agreement(request: HttpRequest, key: int) -> Agreement:
    agreement = _agreements(request).select_related("department").filter(pk=key).first()
    if agreement is None:
        raise Problem(404, _NOT_FOUND)
    _record(request, AuditKind.VIEW_INTERNAL, target=agreement)
    return agreement


# -- Actions ------------------------------------------------------------------------------------------
@router.get(
    "/actions",
    auth=_READ,
    summary="取組",
    operation_id="listActions",
    url_name="action-list",
    response=answers(ActionPage, 401, 403),
)
def list_actions(request: HttpRequest, query: Query[ActionQuery]) -> HttpResponse:
    """番号の順に返します。"""
    found = readable_actions(request).order_by("pk")
    if query.agreement:
        found = found.filter(agreement=query.agreement)
    if query.state:
        found = found.filter(state=query.state.value)
    if query.department:
        found = found.filter(department=query.department)
    if query.fiscal_year:
        found = found.filter(fiscal_year=query.fiscal_year)
    if query.updated_since:
        found = found.filter(updated_at__gte=query.updated_since)

    def show(page: Any) -> list[dict[str, Any]]:
        return rows.action_rows(list(with_parts(page.object_list)), request.build_absolute_uri)

    return _page(request, found, query, show, "取組")


@router.get(
    "/actions/{key}",
    auth=_READ,
    summary="1つの取組",
    operation_id="getAction",
    url_name="action",
    response=answers(ActionOut, 401, 403, 404),
)
def get_action(request: HttpRequest, key: Path[Key]) -> HttpResponse:
    """ETag の値は、進捗を送るときの If-Match に使えます。"""
    action = with_parts(readable_actions(request)).filter(pk=key).first()
    if action is None:
        raise Problem(404, _NOT_FOUND)
    _record(request, AuditKind.VIEW_INTERNAL, target=action.agreement, 取組=action.pk)
    return action_answer(request, action)


@router.get(
    "/actions/{key}/progress",
    auth=_READ,
    summary="1つの取組の進捗の記録",
    operation_id="listProgress",
    url_name="progress-list",
    response=answers(ProgressPage, 401, 403, 404),
)
def list_progress(request: HttpRequest, key: Path[Key], query: Query[ProgressQuery]) -> HttpResponse:
    """新しい日付のものから返します。"""
    action = readable_actions(request).filter(pk=key).first()
    if action is None:
        raise Problem(404, _NOT_FOUND)
    found = ProgressEntry.objects.api_readable_by(token_of(request).principal).filter(action=action)

    def show(page: Any) -> list[dict[str, Any]]:
        return [rows.progress_row(entry) for entry in page.object_list]

    return _page(request, found.order_by("-on", "-pk"), query, show, f"取組{key}の進捗")


def readable_actions(request: HttpRequest) -> ActionItemQuerySet:
    return ActionItem.objects.api_readable_by(token_of(request).principal)


def with_parts(actions: Any) -> Any:
    related = ("agreement", "department")
    return actions.with_progress().select_related(*related).prefetch_related("cooperation_fields")


def action_answer(request: HttpRequest, action: ActionItem, status: int = 200) -> HttpResponse:
    (row,) = rows.action_rows([action], request.build_absolute_uri)
    return answer(row, status, {"ETag": f'"{row["version"]}"'})


# -- Deadlines, plan ----------------------------------------------------------------------------------
@router.get(
    "/deadlines",
    auth=_READ,
    summary="期限",
    operation_id="listDeadlines",
    url_name="deadline-list",
    response=answers(DeadlinePage, 401, 403),
)
def list_deadlines(request: HttpRequest, query: Query[DeadlineQuery]) -> HttpResponse:
    """実施中の協定の通知期限・満了日、終わっていない取組の期限を、近い日から返します。"""
    is_action = query.kind == "action"
    name = {"notice": "notice_on", "expiry": "expires_on", "action": "due_on"}[query.kind]
    found: Any = readable_actions(request).open() if is_action else _agreements(request).active()
    found = found.exclude(**{name: None})
    if query.since:
        found = found.filter(**{f"{name}__gte": query.since})
    if query.until:
        found = found.filter(**{f"{name}__lte": query.until})

    def show(page: Any) -> list[dict[str, Any]]:
        return [
            {
                "kind": query.kind,
                "on": getattr(each, name),
                "agreement": each.agreement_id if is_action else each.pk,
                "action": each.pk if is_action else None,
                "title": each.title,
                "url": request.build_absolute_uri(each.get_absolute_url()),
            }
            for each in page.object_list
        ]

    return _page(request, found.order_by(name, "pk"), query, show, "期限")


@router.get(
    "/plan-items",
    auth=_READ,
    summary="総合計画の施策",
    operation_id="listPlanItems",
    url_name="plan-item-list",
    response=answers(PlanItemPage, 401, 403),
)
def list_plan_items(request: HttpRequest, query: Query[PlanItemQuery]) -> HttpResponse:
    """計画ごとに、木の上から順に返します。"""
    found = PlanItem.objects.api_readable_by(token_of(request).principal)
    if query.plan:
        found = found.filter(plan=query.plan)

    def show(page: Any) -> list[dict[str, Any]]:
        items = page.object_list.select_related("plan", "department")
        return [rows.plan_item_row(item) for item in items]

    return _page(request, found.order_by("plan_id", "sort_key"), query, show, "施策")


# -- What was handed out --------------------------------------------------------------------------------
def _page(request: HttpRequest, found: QuerySet, query: Any, show: Any, what: str) -> HttpResponse:
    """A page of a list, recorded as an export: what, on which conditions, how many."""

    def show_and_record(page: Any) -> list[dict[str, Any]]:
        results = show(page)
        conditions = {name: value for name, value in sorted(request.GET.items()) if name != "cursor"}
        _record(request, AuditKind.EXPORT, 内容=what, 条件=conditions, 件数=len(results))
        return results

    return page_of(request, found, query.cursor, query.limit, show_and_record)


def _record(request: HttpRequest, kind: AuditKind, **details: Any) -> None:
    token = token_of(request)
    details = {"municipality": token.municipality, "actor_name": f"API：{token}", **details}
    record_when_answered(request, partial(record, kind, request=request, **details))
