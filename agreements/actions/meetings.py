"""Record a meeting with its tasks, change it, put it away; make an action of a task."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from agreements.choices import Side
from agreements.models import ActionItem, Agreement, AgreementDocument, Meeting, MeetingTask, SearchDocument
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import Department, StaffMember

from .register import ChangedMeanwhile


@dataclass(frozen=True, kw_only=True)
class TaskDraft:
    """Who does what until when; `id` names the row it replaces."""

    what: str
    side: str = Side.OWN
    who: str = ""
    due_on: date | None = None
    id: int | None = None


@transaction.atomic
def record_meeting(
    *,
    agreement: Agreement,
    by: StaffMember,
    values: dict[str, Any],
    documents: Sequence[AgreementDocument] = (),
    tasks: Sequence[TaskDraft] = (),
) -> Meeting:
    """Write down a meeting that took place. `values` are field values of `Meeting`."""
    meeting = Meeting(agreement=agreement, created_by=by, **values)
    meeting.save()
    _write_parts(meeting, documents, tasks)
    return meeting


@transaction.atomic
def change_meeting(
    *,
    meeting: Meeting,
    seen: datetime | None,
    values: dict[str, Any],
    documents: Sequence[AgreementDocument] = (),
    tasks: Sequence[TaskDraft] = (),
) -> Meeting:
    """Write the changed meeting. `seen` is the `updated_at` of the page. Raises `ChangedMeanwhile`."""
    stored = Meeting.objects.alive().filter(pk=meeting.pk).select_related("agreement")
    current = stored.select_for_update(of=("self",)).first()
    if current is None or current.updated_at != seen:
        raise ChangedMeanwhile
    for name, value in values.items():
        setattr(current, name, value)
    current.save()
    _write_parts(current, documents, tasks)
    return current


@transaction.atomic
def delete_meeting(*, meeting: Meeting, by: StaffMember) -> None:
    """Put the meeting away; `restore_meeting` brings it back. Actions made of its tasks stay."""
    _set_deleted(meeting, timezone.now())
    record(AuditKind.DELETION, actor=by, target=meeting)


@transaction.atomic
def restore_meeting(*, meeting: Meeting, by: StaffMember) -> None:
    _set_deleted(meeting, None)
    record(AuditKind.RESTORATION, actor=by, target=meeting)


@transaction.atomic
def make_action_of(*, task: MeetingTask) -> ActionItem:
    """The task becomes a 取組 of the agreement, which says where it is from. Doing it twice is harmless."""
    stored = MeetingTask.objects.select_for_update(of=("self",)).select_related("meeting__agreement")
    current = stored.get(pk=task.pk)
    if current.action_item is not None and current.action_item.deleted_at is None:
        return current.action_item
    agreement = current.meeting.agreement
    is_own = current.side == Side.OWN
    action = ActionItem(
        agreement=agreement,
        title=current.what,
        description=f"{current.meeting}で決めたこと。担当：{current.whose}",
        department=_department(agreement, current.who) if is_own else agreement.department,
        partner_in_charge="" if is_own else current.who,
        due_on=current.due_on,
    )
    action.save()
    current.action_item = action
    current.save()
    # A form of the agreement that is open meanwhile does not know the action and would put it away.
    Agreement.objects.filter(pk=agreement.pk).update(version=F("version") + 1)
    SearchDocument.objects.refresh([agreement.pk])
    return action


def _department(agreement: Agreement, who: str) -> Department | None:
    """The 課 that bears the name; otherwise the one in charge of the agreement."""
    named = Department.objects.filter(municipality=agreement.municipality_id, name=who).first()
    return named or agreement.department


def _write_parts(
    meeting: Meeting, documents: Sequence[AgreementDocument], drafts: Sequence[TaskDraft]
) -> None:
    meeting.documents.set(documents)
    stored = {task.pk: task for task in meeting.tasks.all()}
    kept = {draft.id for draft in drafts}
    for pk, task in stored.items():
        if pk not in kept:
            task.delete()
    for order, draft in enumerate(drafts, start=1):
        task = stored.get(draft.id or 0) or MeetingTask(meeting=meeting)
        task.order = order
        for name in ("what", "side", "who", "due_on"):
            setattr(task, name, getattr(draft, name))
        task.save()


def _set_deleted(meeting: Meeting, at: datetime | None) -> None:
    meeting.deleted_at = at
    meeting.save(update_fields=["deleted_at", "updated_at"])
