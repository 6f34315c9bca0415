"""廃棄: put agreements on a list, take them off it, approve it. Only the approval removes anything."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from agreements.choices import DisposalState
from agreements.models import Agreement, DisposalItem, DisposalList
from municipalities import audit
from municipalities.choices import AuditKind
from municipalities.models import Municipality, StaffMember
from municipalities.wareki import format_wareki

from .obliterate import obliterate


@transaction.atomic
def make_list(
    *, municipality: Municipality, agreements: Iterable[Agreement], title: str, by: StaffMember, today: date
) -> DisposalList:
    """Write a list of these agreements. Raises ValidationError when one is not due, or listed already."""
    keys = [agreement.pk for agreement in agreements]
    due = Agreement.objects.filter(municipality=municipality, pk__in=keys, disposal_item=None)
    found = list(due.due_for_disposal(today).select_for_update(of=("self",)).order_by("ledger_number", "pk"))
    if not found:
        raise ValidationError("廃棄する協定を選んでください。")
    if len(found) != len(set(keys)):
        raise ValidationError("廃棄できない協定が含まれています。一覧を開き直して、選び直してください。")
    made = DisposalList.objects.create(municipality=municipality, title=title, created_by=by)
    for agreement in found:
        DisposalItem.objects.create(disposal_list=made, agreement=agreement, **_facts(agreement))
    audit.record(AuditKind.DISPOSAL, actor=by, target=made, 内容="目録を作成", 件数=len(found))
    return made


def _facts(agreement: Agreement) -> dict[str, object]:
    others = [
        party.name
        for party in agreement.parties.select_related("company", "municipality")
        if party.municipality_id != agreement.municipality_id
    ]
    return {
        "agreement_number": agreement.pk,
        "ledger_number": agreement.ledger_number,
        "title": agreement.title,
        "kind": agreement.kind,
        "counterparts": "、".join(others),
        "signed_on": agreement.signed_on,
        "ended_on": agreement.ended_on,
        "ended_reason": agreement.ended_reason,
        "retention": agreement.retention,
        "due_on": agreement.disposal_due,
    }


@transaction.atomic
def take_off(*, item: DisposalItem, by: StaffMember) -> None:
    """Take one agreement off an open list. Raises ValidationError when the list is decided."""
    listed = _open_list(item.disposal_list)
    if listed.items.count() == 1:
        raise ValidationError("最後の1件です。目録ごと取りやめてください。")
    item.delete()
    audit.record(
        AuditKind.DISPOSAL, actor=by, target=listed, 内容="目録から除外", 管理番号=item.ledger_number
    )


@transaction.atomic
def withdraw(*, listed: DisposalList, by: StaffMember) -> None:
    """Give the whole list up; its agreements are free again. Raises ValidationError when it is decided."""
    listed = _open_list(listed)
    count = listed.items.count()
    listed.items.all().delete()
    listed.state = DisposalState.WITHDRAWN
    listed.save()
    audit.record(AuditKind.DISPOSAL, actor=by, target=listed, 内容="目録を取りやめ", 件数=count)


@transaction.atomic
def approve(*, listed: DisposalList, by: StaffMember, on: date, today: date) -> int:
    """Approve the list and dispose of its agreements for good; returns how many.

    Of each agreement the item stays as a tombstone; parties, items, actions, documents, history and search
    texts go. Raises ValidationError when the list is decided, when the person made it, when the day makes no
    sense, or when an agreement is no longer what it was listed as.
    """
    listed = _open_list(listed)
    if by.pk == listed.created_by_id:
        raise ValidationError("作成した人とは別の管理者が承認してください。")
    _check_day(listed, on, today)
    items = list(listed.items.select_related("agreement"))
    agreements = [item.agreement for item in items if item.agreement]
    _check_still_due(items, today)
    for item in items:
        item.agreement, item.disposed_on = None, on
        item.save(update_fields=["agreement", "disposed_on"])
    obliterate(agreements)
    listed.state, listed.approved_by, listed.approved_on = DisposalState.APPROVED, by, on
    listed.save()
    numbers = [item.ledger_number for item in items]
    audit.record(
        AuditKind.DISPOSAL, actor=by, target=listed, 内容="承認し廃棄", 件数=len(items), 管理番号=numbers
    )
    return len(items)


def _open_list(listed: DisposalList) -> DisposalList:
    listed = DisposalList.objects.select_for_update(of=("self",)).get(pk=listed.pk)
    if not listed.is_open:
        raise ValidationError(f"この目録は{listed.get_state_display()}です。")
    return listed


def _check_day(listed: DisposalList, on: date, today: date) -> None:
    if on > today:
        raise ValidationError({"approved_on": "承認日が今日より後です。日付を確かめてください。"})
    latest = max(item.due_on for item in listed.items.all())
    if on < latest:
        first = format_wareki(latest)
        raise ValidationError(
            {"approved_on": f"保存年限が満了していない日付です。{first}以後の日付にしてください。"}
        )


def _check_still_due(items: list[DisposalItem], today: date) -> None:
    keys = [item.agreement_id for item in items if item.agreement_id]
    due = set(Agreement.objects.filter(pk__in=keys).due_for_disposal(today).values_list("pk", flat=True))
    moved = [item.ledger_number for item in items if item.agreement_id not in due]
    if moved:
        numbers = "、".join(moved)
        raise ValidationError(
            f"目録を作成した後に変更され、廃棄できなくなった協定があります（{numbers}）。目録から除いてください。"
        )
