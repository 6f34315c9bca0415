"""診断 on the agreement's page: grades with their findings, where to mend them, and the answers to them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from agreements.actions.diagnosis import answer_finding, mark_reviewed, restore_response, withdraw_response
from agreements.domain import diagnosis as rules
from agreements.domain.diagnosis.rule import RuleResult
from agreements.forms.diagnosis_forms import ResponseForm
from agreements.models import Agreement, DiagnosisResponse, DiagnosisSettings
from agreements.models.diagnosis_snapshot import read_snapshots
from municipalities import access

from .agreement_parts import OfAgreementView, PartStepView, back_to
from .sparkline import Sparkline, sparkline
from .undo import offer_undo

SECTION = "diagnosis"
_MONTHS = 24
# Fields of the rules that a form calls by another name.
_FIELDS = {"text": "title", "plan": "plan_item", "budget_line": "budget_project"}


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as the page shows it."""

    finding: rules.Finding
    about: str
    mend_url: str
    respond_url: str
    response: DiagnosisResponse | None = None

    @property
    def is_information(self) -> bool:
        return self.finding.level is rules.Level.INFORMATION


@dataclass(slots=True)
class FindingGroup:
    """The findings of one rule: its words once, then every place."""

    rule: str
    title: str
    rows: list[FindingRow] = field(default_factory=list)

    @property
    def points(self) -> float:
        return round(sum(row.finding.points for row in self.rows), 1)

    @property
    def message(self) -> str:
        """What all of them say; empty where each says something of its own."""
        messages_ = {row.finding.message for row in self.rows}
        return messages_.pop() if len(messages_) == 1 else ""


@dataclass(slots=True)
class AxisCard:
    """One axis with its grade and what was found in it; `remarks` cost nothing."""

    label: str
    grade: rules.AxisGrade
    results: list[RuleResult]
    open: list[FindingRow] = field(default_factory=list)
    answered: list[FindingRow] = field(default_factory=list)
    remarks: list[FindingRow] = field(default_factory=list)

    @property
    def badge_grade(self) -> str | None:
        """For `grade_badge`: A–D, or None with the word of `grade`."""
        return self.grade.grade.value if self.grade.grade.is_judged else None

    @property
    def groups(self) -> list[FindingGroup]:
        """The open findings by rule, the dearest first."""
        titles = {each.rule.id: each.rule.title for each in self.results}
        found: dict[str, FindingGroup] = {}
        for row in self.open:
            rule = row.finding.rule
            found.setdefault(rule, FindingGroup(rule, titles.get(rule, ""))).rows.append(row)
        return sorted(found.values(), key=lambda group: -group.points)


def current_diagnosis(agreement: Agreement, today: date) -> rules.Diagnosis:
    settings = DiagnosisSettings.objects.of(agreement.municipality_id)
    return rules.diagnose(read_snapshots([agreement.pk], today)[agreement.pk], today, settings)


def diagnosis_context(agreement: Agreement, user: Any, today: date) -> dict[str, Any]:
    """What the section 診断 shows: fresh from the pure function; a fixed number of queries."""
    settings = DiagnosisSettings.objects.of(agreement.municipality_id)
    snapshot = read_snapshots([agreement.pk], today)[agreement.pk]
    diagnosis = rules.diagnose(snapshot, today, settings)
    stored = {
        (each.rule, each.subject): each
        for each in DiagnosisResponse.objects.standing()
        .filter(agreement=agreement)
        .select_related("by")
        .order_by("given_on", "pk")
    }
    finder = _Places(agreement, snapshot)
    cards = {
        axis: AxisCard(
            axis.label,
            getattr(diagnosis, axis.value),
            [each for each in diagnosis.rules if each.rule.axis is axis],
        )
        for axis in rules.Axis
    }
    capping = []
    for found in diagnosis.findings:
        response = stored.get((found.rule, found.subject)) if found.response else None
        row = FindingRow(
            found, finder.about(found), finder.mend_url(found), finder.respond_url(found), response
        )
        if found.axis is None:
            capping.append(row)
        elif row.is_information:
            cards[found.axis].remarks.append(row)
        elif found.response:
            cards[found.axis].answered.append(row)
        else:
            cards[found.axis].open.append(row)
    return {
        "diagnosis": diagnosis,
        "diagnosis_overall": AxisCard("総合", diagnosis.overall, []),
        "diagnosis_cards": list(cards.values()),
        "diagnosis_capping": capping,
        "diagnosis_settings": settings,
        "grade_history": grade_history(agreement),
        "may_review": agreement.backfilled and access.may_edit(user, agreement),
    }


def grade_history(agreement: Agreement) -> Sparkline | None:
    """The monthly grades as a line; None before there are two of them."""
    months = agreement.diagnosis_months.order_by("-month")[:_MONTHS]  # type: ignore[attr-defined]
    points = [(each.month, each.get_overall_grade_display(), each.overall_score) for each in reversed(months)]
    return sparkline(points) if len(points) > 1 else None


class _Places:
    """Where the subject of a finding is mended."""

    def __init__(self, agreement: Agreement, snapshot: rules.Snapshot) -> None:
        self.agreement = agreement
        self._items = {item.key: item for item in snapshot.items}
        self._actions = {action.key: action for action in snapshot.actions}

    def about(self, finding: rules.Finding) -> str:
        """「連携事項(7)」「取組「…」」; empty for the agreement as a whole."""
        subject = finding.subject
        if subject.kind == "item" and subject.key in self._items:
            return f"連携事項{self._items[subject.key].label}"
        if subject.kind == "action" and subject.key in self._actions:
            title = self._actions[subject.key].text.splitlines()[0]
            return f"取組「{title[:40]}」"
        return "相手窓口" if subject.kind == "contact" else ""

    def mend_url(self, finding: rules.Finding) -> str:
        place, subject, pk = finding.place, finding.subject, self.agreement.pk
        anchor = _FIELDS.get(place.field, place.field)
        page = self.agreement.get_absolute_url()
        if place.section == "actions":
            if subject.kind == "action" and place.field == "progress":
                return f"{reverse('agreements:action-detail', args=[subject.key])}#progress"
            if subject.kind == "action":
                return f"{reverse('agreements:action-update', args=[subject.key])}#id_{anchor}"
            item = f"?item={subject.key}" if subject.kind == "item" else ""
            return reverse("agreements:action-create", args=[pk]) + item
        if place.section == "items":
            return f"{reverse('agreements:agreement-update', args=[pk])}#items"
        if place.section == "terms":
            return f"{reverse('agreements:agreement-update', args=[pk])}#id_{anchor}"
        if place.section == "meetings":
            return reverse("agreements:meeting-create", args=[pk])
        return f"{page}#{_ANCHORS.get(place.section, 'overview')}"

    def respond_url(self, finding: rules.Finding) -> str:
        query = {"rule": finding.rule, "kind": finding.subject.kind}
        if finding.subject.key is not None:
            query["key"] = str(finding.subject.key)
        return f"{reverse('agreements:diagnosis-respond', args=[self.agreement.pk])}?{urlencode(query)}"


_ANCHORS = {
    "expectations": "worksheet",
    "annual_reports": "reports",
    "renewal": "renewal",
    "contacts": "overview",
    "plan": "plan",
}


class ResponseCreateView(OfAgreementView):
    """Write down why nothing is done about one finding (`?rule=C01&kind=item&key=5`)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._answer(ResponseForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._answer(ResponseForm(request.POST), is_posted=True)

    def _answer(self, form: ResponseForm, *, is_posted: bool = False) -> HttpResponse:
        today = timezone.localdate()
        finding = self._finding(current_diagnosis(self.agreement, today).findings)
        if finding is None:
            messages.info(self.request, "この指摘は、すでに解消されています。")
            return back_to(self.agreement, SECTION)
        if is_posted and form.is_valid():
            response = answer_finding(
                agreement=self.agreement,
                finding=finding,
                reason=form.cleaned_data["reason"],
                by=self.user,
                today=today,
            )
            undo_url = reverse("agreements:diagnosis-response-withdraw", args=[response.pk])
            offer_undo(self.request, f"{finding.rule}への回答を記録しました。", undo_url)
            return back_to(self.agreement, SECTION)
        context = {
            "page_title": "対応しない理由の記録",
            "agreement": self.agreement,
            "finding": finding,
            "settings": DiagnosisSettings.objects.of(self.agreement.municipality_id),
            "form": form,
        }
        return TemplateResponse(self.request, "agreements/diagnosis_response_form.html", context)

    def _finding(self, findings: Iterable[rules.Finding]) -> rules.Finding | None:
        asked = self.request.GET
        wanted = asked.get("rule", ""), asked.get("kind", ""), asked.get("key", "")
        for each in findings:
            key = "" if each.subject.key is None else str(each.subject.key)
            if (each.rule, each.subject.kind, key) == wanted and each.level is rules.Level.VIOLATION:
                return each
        return None


class ResponseStepView(PartStepView):
    section = SECTION

    def internal_parts(self) -> QuerySet[DiagnosisResponse]:
        return DiagnosisResponse.objects.internal_to(self.request.user)


class ResponseWithdrawView(ResponseStepView):
    def step(self, part: DiagnosisResponse) -> None:
        withdraw_response(response=part)
        url = reverse("agreements:diagnosis-response-restore", args=[part.pk])
        offer_undo(self.request, f"{part}を取り消しました。", url)


class ResponseRestoreView(ResponseStepView):
    def step(self, part: DiagnosisResponse) -> None:
        restore_response(response=part)
        messages.success(self.request, f"{part}を元に戻しました。")


class ReviewView(OfAgreementView):
    """整備済みにする: a taken-over agreement is graded from now on. `?undo` takes it back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        is_undone = "undo" in request.GET
        if self.agreement.backfilled:
            mark_reviewed(agreement=self.agreement, on=None if is_undone else timezone.localdate())
        if is_undone:
            messages.success(request, "「未整備」に戻しました。")
        else:
            undo_url = reverse("agreements:diagnosis-review", args=[pk]) + "?undo"
            offer_undo(request, "整備済みにしました。今日から診断の評価が付きます。", undo_url)
        return back_to(self.agreement, SECTION)
