"""相手方の統合: two records become one; every agreement keeps the name that was signed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from simple_history.utils import bulk_update_with_history

from agreements.domain.lifecycle import Blocker
from agreements.models import (
    Agreement,
    Company,
    CompanyContact,
    CompanyFormerName,
    CompanyMerge,
    Party,
    Proposal,
    SearchDocument,
)
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import StaffMember

from .register import ChangedMeanwhile
from .transition import NotAllowed


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would move; `both` are agreements to which both companies are parties."""

    agreements: int
    contacts: int
    proposals: int
    names: tuple[str, ...]
    both: tuple[Agreement, ...]

    @property
    def blockers(self) -> list[Blocker]:
        if not self.both:
            return []
        message = (
            f"両方が当事者になっている協定が{len(self.both)}件あるため、統合できません。"
            "先に、その協定の当事者を確かめてください。"
        )
        return [Blocker("both_parties", message, "parties")]


def preview_merge(source: Company, target: Company) -> MergePreview:
    parties = Party.objects.filter(company=source)
    shared = Agreement.objects.filter(
        pk__in=parties.values("agreement"), parties__company=target
    ).select_related("municipality")
    return MergePreview(
        agreements=parties.count(),
        contacts=CompanyContact.objects.filter(company=source).count(),
        proposals=Proposal.objects.filter(company=source).count(),
        names=tuple(name for name, _kana, _until in _new_names(source, target)),
        both=tuple(shared),
    )


def _new_names(source: Company, target: Company) -> list[tuple[str, str, Any]]:
    """Names under which the source is known and the target is not yet."""
    known = {target.name, *target.former_names.values_list("name", flat=True)}  # type: ignore[attr-defined]
    names: list[tuple[str, str, Any]] = [(source.name, source.name_kana, None)]
    names += [(each.name, each.name_kana, each.until) for each in source.former_names.all()]  # type: ignore[attr-defined]
    return [each for each in names if each[0] not in known]


@transaction.atomic
def merge_companies(
    *, source: Company, target: Company, seen: tuple[datetime, datetime], by: StaffMember, now: datetime
) -> CompanyMerge:
    """Put `source` away; its agreements, contacts and proposals become the target's, its names former names.

    `seen`: `updated_at` of both as the preview showed them. Raises `ChangedMeanwhile`, `NotAllowed`;
    `undo_merge` takes it back.
    """
    source, target = _claim(source, target)
    if (source.updated_at, target.updated_at) != seen or source.deleted_at or target.deleted_at:
        raise ChangedMeanwhile
    if source.pk == target.pk:
        raise NotAllowed([Blocker("same", "同じ相手方どうしは統合できません。", "target")])
    if blockers := preview_merge(source, target).blockers:
        raise NotAllowed(blockers)
    parties = list(Party.objects.filter(company=source))
    for party in parties:
        party.name_as_signed = party.name_as_signed or source.name
        party.company = target
    contacts = list(CompanyContact.objects.filter(company=source))
    proposals = list(Proposal.objects.filter(company=source))
    moved: list[Any] = [*contacts, *proposals]
    for row in moved:
        row.company = target
    _write(Party, parties, ["company", "name_as_signed"], by)
    _write(CompanyContact, contacts, ["company"], by)
    _write(Proposal, proposals, ["company"], by)
    names = [
        CompanyFormerName.objects.create(company=target, name=name, name_kana=kana, until=until)
        for name, kana, until in _new_names(source, target)
    ]
    source.deleted_at = now
    source.save(update_fields=["deleted_at", "updated_at"])
    target.save()  # with the new former names among its spellings
    _refresh({party.agreement_id for party in parties}, target)
    merge = CompanyMerge.objects.create(
        source=source,
        target=target,
        source_name=source.name,
        moved={
            "parties": [each.pk for each in parties],
            "contacts": [each.pk for each in contacts],
            "proposals": [each.pk for each in proposals],
            "names": [each.pk for each in names],
        },
        by=by,
    )
    record(AuditKind.BULK_CHANGE, actor=by, target=merge, 協定=len(parties))
    return merge


@transaction.atomic
def undo_merge(*, merge: CompanyMerge, by: StaffMember, now: datetime) -> Company:
    """Two companies again; what was moved and is still there goes back. Raises `NotAllowed`."""
    stored = CompanyMerge.objects.select_for_update().get(pk=merge.pk)
    source, target = _claim(stored.source, stored.target)
    if stored.undone_at is not None:
        raise NotAllowed([Blocker("undone", "この統合は、すでに取り消されています。", "merge")])
    if target.deleted_at is not None:
        message = f"統合先の「{target}」が、その後に統合か削除されています。先にそちらを元に戻してください。"
        raise NotAllowed([Blocker("moved_on", message, "merge")])
    touched: set[int] = set()
    models: tuple[tuple[Any, str], ...] = (
        (Party, "parties"),
        (CompanyContact, "contacts"),
        (Proposal, "proposals"),
    )
    for model, name in models:
        rows = list(model.objects.filter(pk__in=stored.moved.get(name, ()), company=target))
        if model is Party:
            # An agreement may have been given the source as a party anew since.
            taken = set(Party.objects.filter(company=source).values_list("agreement_id", flat=True))
            rows = [row for row in rows if row.agreement_id not in taken]
            touched = {row.agreement_id for row in rows}
        for row in rows:
            row.company = source
        _write(model, rows, ["company"], by)
    for former in CompanyFormerName.objects.filter(pk__in=stored.moved.get("names", ()), company=target):
        former.delete()
    source.deleted_at = None
    source.save(update_fields=["deleted_at", "updated_at"])
    target.save()
    _refresh(touched, target)
    stored.undone_at = now
    stored.save(update_fields=["undone_at"])
    record(AuditKind.BULK_CHANGE, actor=by, target=stored, 取消し=True)
    return source


def _claim(source: Company, target: Company) -> tuple[Company, Company]:
    """Both as stored, ours until the transaction ends; always locked in the same order."""
    keys = sorted({source.pk, target.pk})
    stored = {
        each.pk: each for each in Company.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    }
    if len(stored) != len(keys):
        raise ChangedMeanwhile
    return stored[source.pk], stored[target.pk]


def _write(model: Any, rows: list[Any], fields: list[str], by: StaffMember) -> None:
    if rows:
        bulk_update_with_history(rows, model, fields, batch_size=500, default_user=by)


def _refresh(agreement_ids: Collection[int], target: Company) -> None:
    """Searches find the agreements by their new names; open forms of them are told."""
    touched = set(agreement_ids)
    Agreement.objects.filter(pk__in=touched).update(version=F("version") + 1)
    touched |= set(Agreement.objects.with_company(target).values_list("pk", flat=True))
    SearchDocument.objects.refresh(sorted(touched))
