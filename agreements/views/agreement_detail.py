"""One agreement's whole story on one page, and its sheet.

Other municipalities' published agreements have a page of their own, made of public facts only: what is
internal never reaches its template.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, View

from agreements import change_log
from agreements.actions import succession
from agreements.choices import FieldCategory
from agreements.domain import lifecycle, renewal
from agreements.domain.lifecycle import AgreementFacts
from agreements.domain.period import PeriodBar, period_bar
from agreements.forms.print_forms import SheetPrintForm
from agreements.models import ActionItem, Agreement, CompanyContact, CooperationField
from agreements.models.agreement import IN_FORCE
from agreements.printing.sheet import print_sheet
from municipalities import access, audit
from municipalities.choices import AuditKind

from .agreement_rows import UNTITLED
from .agreement_text import text_context
from .amendments import amendments_context
from .annual_reports import reports_context
from .diagnosis import diagnosis_context
from .document_rows import documents_context, public_documents
from .family import family_tree
from .meetings import meetings_context
from .pdf_answer import printed_answer
from .plans import plan_context
from .procedure import procedure_context
from .renewals import renewal_section
from .restarts import restart_context
from .share_links import links_context
from .undo import take_offer
from .worksheet_section import worksheet_context

_SHOWN_CHANGES = 10
STRIP_STEP = 20  # pixels from one square of the coverage strip to the next
# What file systems refuse in names, and what hides in them.
_UNFIT_FOR_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+')
_LONGEST_TITLE_IN_FILE_NAME = 60


@dataclass(frozen=True, slots=True)
class TermToday:
    """What the terms mean on a day: of an agreement that has ended, on the day it ended."""

    as_of: date
    is_running: bool
    expiry: date | None
    notice: date | None
    next_expiry: date | None
    times_renewed: int
    is_past_expiry: bool
    is_renewal_due: bool
    bar: PeriodBar | None

    @property
    def today_anchor(self) -> str:
        """On which side of its mark the word 今日 has room (SVG text-anchor)."""
        at = self.bar.today_at if self.bar else 0
        return "start" if at < 15 else "end" if at > 85 else "middle"

    @classmethod
    def of(cls, agreement: Agreement, today: date) -> "TermToday":
        terms = agreement.terms
        as_of = min(today, agreement.ended_on or today)
        expiry = renewal.current_expiry(terms, as_of)
        notice = renewal.notice_deadline(terms, as_of)
        facts = AgreementFacts(
            state=lifecycle.State(agreement.state), terms=terms, decided_for=agreement.decided_for()
        )
        bar = period_bar(
            start=agreement.effective_on or agreement.signed_on,
            expiry=expiry,
            notice=notice if agreement.state in IN_FORCE else None,
            today=as_of,
            renewals=renewal.renewal_dates(terms, as_of),
        )
        return cls(
            as_of=as_of,
            is_running=agreement.state in IN_FORCE and expiry is not None,
            expiry=expiry,
            notice=notice,
            next_expiry=renewal.next_expiry(terms, as_of),
            times_renewed=renewal.times_renewed(terms, as_of),
            is_past_expiry=lifecycle.is_past_expiry(facts, today),
            is_renewal_due=lifecycle.is_renewal_due(facts, today),
            bar=bar,
        )


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One 連携事項 with its 分野 and what is done for it; `place` counts from 1."""

    place: int
    item: CooperationField
    categories: list[FieldCategory]
    actions: list[ActionItem]

    @property
    def strip_x(self) -> int:
        """Where its square stands in the coverage strip."""
        return (self.place - 1) * STRIP_STEP

    @property
    def sdgs(self) -> list[int]:
        return sorted({goal for category in self.categories for goal in category.sdgs})


class AgreementDetailView(DetailView):
    context_object_name = "agreement"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        # A fragment belongs to a page that was recorded when it was opened.
        if access.may_see_internal(request.user, self.object) and not request.htmx:  # type: ignore[attr-defined]
            audit.record(AuditKind.VIEW_INTERNAL, request=request, target=self.object)
        return response

    def get_queryset(self) -> QuerySet[Agreement]:
        return Agreement.objects.visible_to(self.request.user).select_related(
            "municipality", "department", "person_in_charge", "parent"
        )

    def get_template_names(self) -> list[str]:
        if access.may_see_internal(self.request.user, self.object):
            return ["agreements/agreement_detail.html"]
        return ["agreements/agreement_detail_public.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        agreement: Agreement = self.object
        user, today = self.request.user, timezone.localdate()
        context = super().get_context_data(
            **kwargs,
            page_title=agreement.title or UNTITLED,
            today=today,
            default_notice_days=renewal.DEFAULT_NOTICE_DAYS,
            term=TermToday.of(agreement, today),
            family=family_tree(agreement, user),
            parties=agreement.parties.select_related("municipality", "company"),
        )
        if not access.may_see_internal(user, agreement):
            return {
                **context,
                "items": _item_rows(agreement, []),
                "document_rows": public_documents(agreement),
            }
        return {**context, **self._internal_context(agreement, today)}

    def _internal_context(self, agreement: Agreement, today: date) -> dict[str, Any]:
        user = self.request.user
        actions = list(
            agreement.actions.filter(deleted_at=None)
            .select_related("department", "person_in_charge")
            .prefetch_related("cooperation_fields")
        )
        for action in actions:
            action.is_late = action.is_overdue(today)  # type: ignore[attr-defined]
        items = _item_rows(agreement, actions)
        family = Agreement.objects.visible_to(user)
        story = change_log.story(agreement)
        renewal_part = renewal_section(agreement, user, today)
        shows_all = "history" in self.request.GET
        documents = documents_context(agreement, user)
        meetings = meetings_context(agreement, user)
        links = links_context(agreement, user, timezone.now())
        reports = reports_context(agreement, user)
        return {
            **documents,
            **meetings,
            **links,
            **procedure_context(agreement, user, today),
            **text_context(agreement, user),
            **plan_context(agreement),
            **reports,
            **worksheet_context(agreement, user, today),
            **diagnosis_context(agreement, user, today),
            **restart_context(agreement, user),
            "undo": take_offer(self.request),
            "may_edit": access.may_edit(user, agreement),
            "renewal_section": renewal_part,
            **amendments_context(agreement, user),
            "may_name_successor": succession.may_name(user, agreement),
            "parent": family.filter(pk=agreement.parent_id).first() if agreement.parent_id else None,
            "children": family.filter(parent=agreement),
            "related_departments": agreement.related_departments.all(),
            "contacts": CompanyContact.objects.filter(
                municipality=agreement.municipality_id, company__parties__agreement=agreement
            )
            .current(today)
            .select_related("company"),
            "items": items,
            "strip_width": len(items) * STRIP_STEP,
            "covered": sum(bool(row.actions) for row in items),
            "actions": actions,
            "stray_actions": [action for action in actions if not action.cooperation_fields.all()],
            "changes": story if shows_all else story[:_SHOWN_CHANGES],
            "more_changes": 0 if shows_all else max(len(story) - _SHOWN_CHANGES, 0),
            "sections": [
                {"id": "overview", "label": "概要"},
                {"id": "items", "label": "連携事項と取組", "count": len(items)},
                {"id": "plan", "label": "総合計画"},
                {"id": "worksheet", "label": "すり合わせ"},
                {"id": "links", "label": "相手方リンク", "count": len(links["share_links"])},
                {"id": "procedure", "label": "手続き"},
                {"id": "meetings", "label": "会議・記録", "count": len(meetings["meetings"])},
                {"id": "reports", "label": "年度実績", "count": len(reports["annual_reports"])},
                *([{"id": "renewal", "label": "更新"}] if renewal_part else []),
                *([{"id": "amendments", "label": "変更"}] if renewal_part else []),
                {"id": "documents", "label": "書類", "count": len(documents["document_rows"])},
                {"id": "family", "label": "関連協定"},
                {"id": "diagnosis", "label": "診断"},
                {"id": "history", "label": "履歴", "count": len(story)},
            ],
        }


def _item_rows(agreement: Agreement, actions: list[ActionItem]) -> list[ItemRow]:
    by_item: dict[int, list[ActionItem]] = {}
    for action in actions:
        for item in action.cooperation_fields.all():
            by_item.setdefault(item.pk, []).append(action)
    return [
        ItemRow(
            place,
            item,
            [FieldCategory(row.category) for row in item.categories.all()],
            by_item.get(item.pk, []),
        )
        for place, item in enumerate(agreement.cooperation_fields.prefetch_related("categories"), start=1)
    ]


class AgreementSheetView(View):
    """The 協定シート as PDF; `?for=partner` leaves out what is internal.

    With the choices of the print page, or those that the person has remembered.
    """

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        visible = Agreement.objects.visible_to(request.user)
        related = ("municipality", "department", "person_in_charge", "parent")
        agreement = get_object_or_404(visible.select_related(*related), pk=pk)
        is_own = access.may_see_internal(request.user, agreement)
        form = SheetPrintForm(request.GET, user=request.user, may_be_internal=is_own)
        if not form.is_usable():  # the print page says what is wrong
            page = reverse("agreements:agreement-print-page", args=[pk])
            return redirect(f"{page}?{request.GET.urlencode()}")
        internal = form.is_internal and not request.GET.get("for")
        if is_own:
            audit.record(
                AuditKind.VIEW_INTERNAL if "preview" in request.GET else AuditKind.PRINT,
                request=request,
                target=agreement,
                書式="協定シート（内部用）" if internal else "協定シート（相手方用）",
            )
        return printed_answer(
            request,
            lambda: print_sheet(
                agreement,
                user=request.user,
                today=timezone.localdate(),
                internal=internal,
                choices=form.choices,
            ),
            sheet_file_name(agreement),
        )


def sheet_file_name(agreement: Agreement) -> str:
    """「協定シート_福岡市_….pdf」: fit for every file system."""
    title = (agreement.title or UNTITLED)[:_LONGEST_TITLE_IN_FILE_NAME]
    name = "_".join(["協定シート", agreement.municipality.name, title])
    return _UNFIT_FOR_FILE_NAMES.sub("_", name).strip(" .") + ".pdf"
