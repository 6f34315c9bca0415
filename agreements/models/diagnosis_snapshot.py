"""Agreements as the plain values that `domain.diagnosis` judges: as many queries for one as for hundreds."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from agreements.choices import ActionState, RenewalChoice, Side
from agreements.domain import diagnosis as rules
from agreements.domain.lifecycle import State
from agreements.domain.renewal import Terms
from municipalities.fiscal_year import fiscal_year_of

from .action_item import ActionItem
from .agreement import Agreement
from .agreement_terms import TERM_FIELDS
from .annual_report import AnnualReport
from .company import CompanyContact
from .company_submission import CompanySubmission
from .cooperation_field import CooperationField
from .diagnosis_response import DiagnosisResponse
from .expectation_answer import ExpectationAnswer
from .expectation_confirmation import ExpectationConfirmation
from .expectation_round import ExpectationRound
from .expectation_row import ExpectationRow
from .expectation_sheet import SheetRow, answer_from
from .meeting import Meeting
from .party import Party
from .plan_link import PlanLink
from .progress_entry import ProgressEntry
from .renewal_decision import RenewalDecision

_Grouped = dict[int, list[Any]]


def read_snapshots(agreement_ids: Collection[int], today: date) -> dict[int, rules.Snapshot]:
    """The snapshot of each of these agreements as of `today`; a fixed number of queries."""
    agreements = Agreement.objects.filter(pk__in=agreement_ids).select_related("municipality", "department")
    items = _items(agreement_ids)
    actions = _actions(agreement_ids)
    linked = set(PlanLink.objects.filter(agreement__in=agreement_ids).values_list("agreement", flat=True))
    expectations = _expectations(agreement_ids)
    contacts = _contacts(agreement_ids, today)
    meetings = Meeting.objects.last_days(agreement_ids)
    decisions = dict(
        RenewalDecision.objects.standing()
        .filter(agreement__in=agreement_ids)
        .exclude(decision=RenewalChoice.TACIT)
        .order_by()
        .values_list("agreement")
        .annotate(last=Max("decided_on"))
    )
    responses = _responses(agreement_ids)
    reported = _reported(agreement_ids)
    return {
        agreement.pk: rules.Snapshot(
            state=State(agreement.state),
            signed_on=agreement.signed_on,
            terms=Terms(*(getattr(agreement, name) for name in TERM_FIELDS)),
            items=tuple(items[agreement.pk]),
            actions=tuple(actions[agreement.pk]),
            has_plan_link=agreement.pk in linked,
            expectations=tuple(expectations[agreement.pk]),
            contacts=(*contacts[agreement.pk], *_own_contact(agreement, today)),
            last_meeting_on=meetings.get(agreement.pk),
            reported_years=frozenset(reported[agreement.pk]),
            first_report_year=_first_report_year(agreement),
            last_decision_on=decisions.get(agreement.pk),
            backfilled=agreement.backfilled,
            reviewed_on=agreement.reviewed_on,
            responses=tuple(responses[agreement.pk]),
            own_label=agreement.municipality.name[-1:],
        )
        for agreement in agreements
    }


def _first_report_year(agreement: Agreement) -> int | None:
    """No report is owed for years in which the agreement was not in the ledger yet."""
    if not agreement.backfilled:
        return None
    return fiscal_year_of(timezone.localtime(agreement.created_at).date())


def _items(agreement_ids: Collection[int]) -> _Grouped:
    found: _Grouped = defaultdict(list)
    rows = CooperationField.objects.filter(agreement__in=agreement_ids).prefetch_related("categories")
    for row in rows.order_by("agreement", "number"):
        names = [each.get_category_display() for each in row.categories.all()]
        item = rules.Item(key=row.pk, text=row.text, label=f"({row.number})", field="、".join(names))
        found[row.agreement_id].append(item)
    return found


def _actions(agreement_ids: Collection[int]) -> _Grouped:
    found: _Grouped = defaultdict(list)
    rows = ActionItem.objects.filter(agreement__in=agreement_ids, deleted_at=None)
    told = dict(
        ProgressEntry.objects.filter(action__in=rows.order_by(), deleted_at=None)
        .order_by()
        .values_list("action")
        .annotate(last=Max("on"))
    )
    served: _Grouped = defaultdict(list)
    links = ActionItem.cooperation_fields.through.objects.filter(actionitem__in=rows.order_by())
    for action_id, item_id in links.values_list("actionitem_id", "cooperationfield_id"):
        served[action_id].append(item_id)
    also_serving = ActionItem.sub_plan_items.through.objects.filter(actionitem__in=rows.order_by())
    linked = set(also_serving.values_list("actionitem_id", flat=True))
    for row in rows.order_by("agreement", "pk"):
        recorded_on = timezone.localtime(row.created_at).date()
        action = rules.Action(
            key=row.pk,
            text="\n".join(filter(None, [row.title, row.description])),
            items=frozenset(served[row.pk]),
            has_department=row.department_id is not None,
            has_partner_contact=row.partner_contact_id is not None or bool(row.partner_in_charge),
            starts_on=row.starts_on,
            due_on=row.due_on,
            completed_on=row.completed_on,
            done=row.state == ActionState.DONE,
            cancelled=row.state == ActionState.CANCELLED,
            target_value=row.target_value,
            target_unit=row.target_unit,
            has_plan_link=row.plan_item_id is not None or row.pk in linked,
            funding=row.funding or None,
            budget_line=row.budget_project,
            contract_method=row.contract_method,
            updated_on=max(recorded_on, told.get(row.pk, recorded_on)),
        )
        found[row.agreement_id].append(action)
    return found


def _expectations(agreement_ids: Collection[int]) -> _Grouped:
    """`expectation_sheet.expectations_of` for many: of the newest round that both sides have seen."""
    found: _Grouped = defaultdict(list)
    newest: dict[int, ExpectationRound] = {}
    rounds = ExpectationRound.objects.seen().filter(agreement__in=agreement_ids)
    for each in rounds.order_by("agreement", "number"):
        newest[each.agreement_id] = each
    if not newest:
        return found
    home = {each.pk: each.agreement_id for each in newest.values()}
    answers = {
        (answer.row_id, answer.side): answer
        for answer in ExpectationAnswer.objects.filter(row__round__in=home)
    }
    confirmations: _Grouped = defaultdict(list)
    for signed in ExpectationConfirmation.objects.standing().filter(row__round__in=home).order_by("pk"):
        confirmations[signed.row_id].append(signed)
    waiting: dict[int, CompanySubmission] = {}
    for sent in CompanySubmission.objects.answers().pending().filter(round__in=home):
        waiting.setdefault(sent.round_id, sent)  # type: ignore[arg-type]
    for row in ExpectationRow.objects.filter(round__in=home).order_by("round", "item_number", "pk"):
        own, partner = answers.get((row.pk, Side.OWN)), answers.get((row.pk, Side.PARTNER))
        if partner is None and row.round_id in waiting:
            values = waiting[row.round_id].answers_of(row.pk)
            partner = None if values is None else answer_from(row, values)
        sheet_row = SheetRow(row, own, partner, confirmations[row.pk])
        found[home[row.round_id]].append(sheet_row.expectation())
    return found


def _contacts(agreement_ids: Collection[int], today: date) -> _Grouped:
    """相手窓口 that the agreement's own municipality keeps at its companies."""
    found: _Grouped = defaultdict(list)
    sides: _Grouped = defaultdict(list)
    parties = Party.objects.filter(agreement__in=agreement_ids).exclude(company=None)
    for agreement_id, municipality_id, company_id in parties.values_list(
        "agreement_id", "agreement__municipality_id", "company_id"
    ):
        sides[company_id].append((agreement_id, municipality_id))
    kept = Q(company__in=sides) if len(sides) < 500 else Q(company__parties__agreement__in=agreement_ids)
    for contact in CompanyContact.objects.current(today).filter(kept).distinct().order_by("pk"):
        recorded_on = timezone.localtime(contact.created_at).date()
        known = rules.Contact(key=contact.pk, verified_on=contact.verified_on or recorded_on)
        for agreement_id, municipality_id in sides[contact.company_id]:
            if municipality_id == contact.municipality_id:
                found[agreement_id].append(known)
    return found


def _own_contact(agreement: Agreement, today: date) -> Iterable[rules.Contact]:
    """The own 課, when it is gone: then nobody is the window any more."""
    section = agreement.department
    if section is not None and section.valid_to is not None and section.valid_to < today:
        yield rules.Contact(key=f"department-{section.pk}", department_abolished=True)


def _reported(agreement_ids: Collection[int]) -> _Grouped:
    """The fiscal years whose report the 課 has handed in."""
    found: _Grouped = defaultdict(list)
    handed_in = AnnualReport.objects.handed_in().filter(agreement__in=agreement_ids)
    for agreement_id, year in handed_in.order_by().values_list("agreement_id", "fiscal_year"):
        found[agreement_id].append(year)
    return found


def _responses(agreement_ids: Collection[int]) -> _Grouped:
    found: _Grouped = defaultdict(list)
    standing = DiagnosisResponse.objects.standing().filter(agreement__in=agreement_ids)
    for each in standing.select_related("by"):
        found[each.agreement_id].append(each.as_response())
    return found
