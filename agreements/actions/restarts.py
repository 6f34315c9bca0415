"""仕切り直し: begin one with its agenda, write down what was decided, say what became of it."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from agreements.choices import AgreementState
from agreements.domain import diagnosis as rules
from agreements.models import Agreement, DiagnosisSettings, Restart
from agreements.models.agreement_terms import IN_FORCE
from agreements.models.diagnosis_snapshot import read_snapshots
from municipalities.models import StaffMember

from .register import ChangedMeanwhile

# What is always to be settled; the findings of the agreement come before it.
_USUAL_AGENDA = (
    "これまでの経過の確認",
    "双方が期待していることの確認（すり合わせワークシート）",
    "今年度に行う取組と担当・期限",
    "次の会議の日",
)


class NotInForce(Exception):
    """Only an agreement in force can be restarted."""


@transaction.atomic
def begin_restart(*, agreement: Agreement, by: StaffMember, today: date) -> Restart:
    """Open a 仕切り直し with an agenda made of what the 診断 found; the running one if there is one already.

    Raises `NotInForce`.
    """
    if AgreementState(agreement.state) not in IN_FORCE:
        raise NotInForce
    running = Restart.objects.running().filter(agreement=agreement).first()
    if running is not None:
        return running
    settings = DiagnosisSettings.objects.of(agreement.municipality_id)
    diagnosis = rules.diagnose(read_snapshots([agreement.pk], today)[agreement.pk], today, settings)
    try:
        with transaction.atomic():
            return Restart.objects.create(
                agreement=agreement,
                begun_on=today,
                begun_by=by,
                grade_before=diagnosis.vitality.grade.value,
                agenda=agenda_for(diagnosis),
            )
    except IntegrityError:  # a colleague was quicker
        return Restart.objects.running().get(agreement=agreement)


def agenda_for(diagnosis: rules.Diagnosis) -> str:
    """The findings that nobody has answered, each kind once, then what is always to be settled."""
    found: dict[str, str] = {}
    for finding in diagnosis.findings:
        if finding.level is rules.Level.VIOLATION and finding.response is None:
            found.setdefault(finding.rule, finding.message)
    lines = [*found.values(), *_USUAL_AGENDA]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


@transaction.atomic
def change_restart(*, restart: Restart, seen: datetime | None, values: dict[str, Any]) -> Restart:
    """Write the day, the agenda, the decisions and the outcome. Raises `ChangedMeanwhile`."""
    stored = Restart.objects.alive().select_for_update(of=("self",)).filter(pk=restart.pk).first()
    if stored is None or stored.updated_at != seen:
        raise ChangedMeanwhile
    for name, value in values.items():
        setattr(stored, name, value)
    stored.save()
    return stored


@transaction.atomic
def withdraw_restart(*, restart: Restart) -> None:
    """Put it away; withdrawing twice is harmless."""
    restart.withdrawn_at = timezone.now()
    restart.save(update_fields=["withdrawn_at", "updated_at"])


@transaction.atomic
def resume_restart(*, restart: Restart) -> bool:
    """Take up a withdrawn one again; False when another has been begun meanwhile."""
    others = Restart.objects.running().filter(agreement=restart.agreement_id).exclude(pk=restart.pk)
    if not restart.outcome and others.exists():
        return False
    restart.withdrawn_at = None
    restart.save(update_fields=["withdrawn_at", "updated_at"])
    return True
