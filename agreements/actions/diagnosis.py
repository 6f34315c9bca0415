"""Keep the 診断 fresh, answer its findings, tune it, and say that a taken-over agreement is in order."""

from collections.abc import Callable
from datetime import date
from threading import local
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from agreements.domain import diagnosis as rules
from agreements.models import (
    ActionItem,
    Agreement,
    AnnualReport,
    CompanySubmission,
    CooperationField,
    DiagnosisMonth,
    DiagnosisResponse,
    DiagnosisResult,
    DiagnosisSettings,
    ExpectationAnswer,
    ExpectationConfirmation,
    ExpectationRound,
    ExpectationRow,
    Meeting,
    Party,
    PlanLink,
    ProgressEntry,
    RenewalDecision,
)
from agreements.models.diagnosis_settings import changes_in
from municipalities.models import Municipality, StaffMember

# From a record to the agreement whose diagnosis it changes. What has no line here (a contact that was
# verified, a 課 that was abolished) is seen by the nightly run.
_AGREEMENT_OF: dict[type, Callable[[Any], int | None]] = {
    Agreement: lambda row: row.pk,
    ActionItem: lambda row: row.agreement_id,
    AnnualReport: lambda row: row.agreement_id,
    CompanySubmission: lambda row: row.agreement_id,
    CooperationField: lambda row: row.agreement_id,
    DiagnosisResponse: lambda row: row.agreement_id,
    ExpectationAnswer: lambda row: row.row.round.agreement_id,
    ExpectationConfirmation: lambda row: row.row.round.agreement_id,
    ExpectationRound: lambda row: row.agreement_id,
    ExpectationRow: lambda row: row.round.agreement_id,
    Meeting: lambda row: row.agreement_id,
    Party: lambda row: row.agreement_id,
    PlanLink: lambda row: row.agreement_id,
    ProgressEntry: lambda row: row.action.agreement_id,
    RenewalDecision: lambda row: row.agreement_id,
}


class _Waiting(local):
    def __init__(self) -> None:
        self.agreements: set[int] = set()


_waiting = _Waiting()


def watch_changes() -> None:
    """Diagnose an agreement anew once a change of it or of one of its parts is committed."""
    for model in _AGREEMENT_OF:
        models.signals.post_save.connect(_note, sender=model, dispatch_uid=f"diagnosis {model.__name__}")
        models.signals.post_delete.connect(
            _note, sender=model, dispatch_uid=f"diagnosis without {model.__name__}"
        )


def _note(sender: type, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    agreement_id = None if raw else _AGREEMENT_OF[sender](instance)
    if agreement_id is None:
        return
    # A form with sixty rows is diagnosed once, by the first of these calls. What a rolled-back transaction
    # leaves here is diagnosed with the next, which changes nothing.
    _waiting.agreements.add(agreement_id)
    transaction.on_commit(_diagnose_waiting, robust=True)


def _diagnose_waiting() -> None:
    agreement_ids, _waiting.agreements = _waiting.agreements, set()
    if agreement_ids:
        refresh_diagnoses(agreement_ids=agreement_ids, today=timezone.localdate())


def refresh_diagnoses(*, agreement_ids: set[int] | None = None, today: date) -> int:
    """Write the 診断 of these agreements (None: of all) anew; returns how many."""
    alive = Agreement.objects.alive()
    if agreement_ids is not None:
        alive = alive.filter(pk__in=agreement_ids)
    return DiagnosisResult.objects.refresh(list(alive.order_by("pk").values_list("pk", flat=True)), today)


def record_month(*, today: date) -> int:
    """Keep this month's first grades, once; returns how many agreements were new to the month."""
    return DiagnosisMonth.objects.record(today.replace(day=1))


@transaction.atomic
def answer_finding(
    *, agreement: Agreement, finding: rules.Finding, reason: str, by: StaffMember, today: date
) -> DiagnosisResponse:
    """Write down why nothing is done about a finding. It counts for a year, and replaces an older answer."""
    key = finding.subject.key
    return DiagnosisResponse.objects.create(
        agreement=agreement,
        rule=finding.rule,
        subject_kind=finding.subject.kind,
        subject_key="" if key is None else str(key),
        reason=reason,
        given_on=today,
        by=by,
    )


@transaction.atomic
def withdraw_response(*, response: DiagnosisResponse) -> None:
    """The finding counts again. Withdrawing twice is harmless."""
    _set_withdrawn(response, withdrawn=True)


@transaction.atomic
def restore_response(*, response: DiagnosisResponse) -> None:
    """Let a withdrawn answer hold again."""
    _set_withdrawn(response, withdrawn=False)


def _set_withdrawn(response: DiagnosisResponse, *, withdrawn: bool) -> None:
    response.withdrawn_at = timezone.now() if withdrawn else None
    response.save(update_fields=["withdrawn_at", "updated_at"])


@transaction.atomic
def change_settings(*, municipality: Municipality, settings: rules.Settings, today: date) -> None:
    """Tune the method for one municipality and diagnose its agreements by it."""
    stored, _created = DiagnosisSettings.objects.get_or_create(municipality=municipality)
    stored.changes = changes_in(settings)
    stored.save()
    own = Agreement.objects.alive().filter(municipality=municipality)
    refresh_diagnoses(agreement_ids=set(own.values_list("pk", flat=True)), today=today)


@transaction.atomic
def mark_reviewed(*, agreement: Agreement, on: date | None) -> None:
    """A taken-over agreement is in order: from this day it is graded. None takes it back (未整備 again)."""
    agreement.reviewed_on = on
    agreement.save(update_fields=["reviewed_on", "updated_at"])
