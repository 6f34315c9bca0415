"""Writing what a ledger says about agreements, and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from agreements.actions.drafts import AgreementDraft, ItemDraft, PartyDraft
from agreements.actions.ledger import (
    LedgerEntry,
    change_from_ledger,
    register_agreements,
    register_companies,
)
from agreements.choices import ImportOutcome
from agreements.forms.party_lookup import former_name
from agreements.models import Agreement, Company, SearchDocument
from municipalities.models import Department

from .importable import Importable, Judgement, Scope, Tell, newest_history, written
from .open_data_rows import OpenParty
from .open_parties import drafts_of
from .parties import Body, NewCompany
from .stored_parts import (
    item_over,
    items_from_json,
    items_json,
    party_draft,
    party_from_json,
    party_json,
)
from .values import from_json, to_json


@dataclass(slots=True)
class Parts:
    """What a row says about parties and items; None where it says nothing."""

    bodies: tuple[Body, ...] | None = None
    names: tuple[str, ...] = ()
    items: tuple[ItemDraft, ...] | None = None
    whole: tuple[tuple[Body, OpenParty], ...] | None = None
    """All parties in their order, the own body among them: of open data."""
    related: tuple[Department, ...] | None = None


class AgreementWriter(Importable):
    """The half of the import of agreements that writes; `parts` holds what was judged, by row."""

    def __init__(self) -> None:
        self.parts: dict[int, Parts] = {}

    def save(self, judged: Sequence[Judgement], scope: Scope, tell: Tell) -> None:
        writing = [each for each in judged if each.outcome in (ImportOutcome.CREATE, ImportOutcome.UPDATE)]
        self._save_companies(writing, scope)
        created = [each for each in writing if each.outcome == ImportOutcome.CREATE]
        entries = [LedgerEntry(self._draft(each, scope), scope.reason(each.row.number)) for each in created]
        register_agreements(
            entries,
            municipality=scope.municipality,
            by=scope.by,
            today=scope.today,
            tell=lambda done: tell(done, len(writing), "登録しています"),
        )
        for each, entry in zip(created, entries, strict=True):
            assert entry.agreement is not None  # noqa: S101
            each.target, each.agreement_id = entry.agreement, entry.agreement.pk
            each.written.append(written(entry.agreement, created=True, stamp="1"))
        updated = [each for each in writing if each.outcome == ImportOutcome.UPDATE]
        for place, each in enumerate(updated, start=1):
            self._update(each, scope)
            tell(len(created) + place, len(writing), "更新しています")
        SearchDocument.objects.refresh([each.target.pk for each in updated])

    def _save_companies(self, writing: Sequence[Judgement], scope: Scope) -> None:
        """New companies, each once, by the first row that names it."""
        first: dict[int, tuple[NewCompany, Judgement]] = {}
        for each in writing:
            for body in self.parts[each.row.number].bodies or ():
                if isinstance(body, NewCompany):
                    first.setdefault(id(body), (body, each))
        made = []
        for body, each in first.values():
            body.saved = Company(
                name=body.name, name_kana=body.name_kana, corporate_number=body.corporate_number
            )
            made.append((body.saved, scope.reason(each.row.number)))
        register_companies(made, by=scope.by)
        stamps = newest_history(Company, [company.pk for company, _reason in made])
        for body, each in first.values():
            assert body.saved is not None  # noqa: S101
            each.written.append(written(body.saved, created=True, stamp=stamps[body.saved.pk]))

    def _draft(self, judgement: Judgement, scope: Scope) -> AgreementDraft:
        parts = self.parts[judgement.row.number]
        if parts.whole:
            parties = drafts_of(parts.whole, scope.municipality)
        else:
            parties = (PartyDraft(target=scope.municipality), *self._parties(parts))
        return AgreementDraft(
            values=judgement.values,
            parties=parties,
            items=parts.items or (),
            related_departments=parts.related or (),
        )

    def _parties(self, parts: Parts) -> list[PartyDraft]:
        drafts = []
        for body, name in zip(parts.bodies or (), parts.names, strict=True):
            target: Any = body.saved if isinstance(body, NewCompany) else body
            old = former_name(target, name) if not isinstance(body, NewCompany) else ""
            drafts.append(PartyDraft(target=target, name_as_signed=old))
        return drafts

    def _update(self, judgement: Judgement, scope: Scope) -> None:
        target, parts = judgement.target, self.parts[judgement.row.number]
        before = to_json(target, judgement.values)
        parties = items = None
        if parts.bodies is not None:
            before["parties"] = [party_json(each) for each in target.parties.order_by("order")]
            parties = self._merged_parties(target, parts, scope)
        if parts.items is not None:
            before["items"] = items_json(target)
            ids = {item.text: item.pk for item in target.cooperation_fields.all()}
            stored = list(target.cooperation_fields.order_by("number"))
            kept = {ids[item.text] for item in parts.items if item.text in ids}
            free = [item for item in stored if item.pk not in kept]
            items = tuple(item_over(draft, ids, free, stored) for draft in parts.items)
        if parts.related is not None:
            before["related_departments"] = [each.pk for each in target.related_departments.all()]
        if "deleted_at" in before:
            before["deleted_at"] = target.deleted_at.isoformat()
        version = change_from_ledger(
            agreement=target,
            version=target.version,
            values=judgement.values,
            parties=parties,
            items=items,
            related_departments=parts.related,
            today=scope.today,
            reason=scope.reason(judgement.row.number),
        )
        judgement.written.append(written(target, created=False, before=before, stamp=str(version)))

    def _merged_parties(self, target: Agreement, parts: Parts, scope: Scope) -> tuple[PartyDraft, ...]:
        """The bodies of the row; those that were parties before keep their label and name as signed."""
        stored = {party.target: party for party in target.parties.select_related("municipality", "company")}
        drafts = [party_draft(party) for body, party in stored.items() if body == scope.municipality]
        for draft in self._parties(parts):
            party = stored.get(draft.target)
            drafts.append(party_draft(party) if party else draft)
        return tuple(drafts)

    # -- Taking back --------------------------------------------------------------------------------
    def undo(self, note: Mapping[str, Any], scope: Scope) -> str:
        reason = f"{scope.source[:80]}の取込みの取消し"
        if note["model"] == "agreements.company":
            from .companies import CompanyImport

            return CompanyImport().undo(note, scope)
        agreement = Agreement._base_manager.filter(pk=note["pk"]).first()
        if agreement is None:
            return "すでにありません"
        if str(agreement.version) != note["stamp"]:
            return "取込みの後に変更されています"
        if note["created"]:
            if agreement.deleted_at is not None:
                return ""
            if (
                agreement.actions.filter(deleted_at=None).exists()
                or agreement.documents.filter(deleted_at=None).exists()
            ):
                return "取込みの後に取組か書類が登録されています"
            agreement.deleted_at = timezone.now()
            agreement._change_reason = reason  # type: ignore[attr-defined]
            agreement.save(update_fields=["deleted_at", "updated_at"])
            return ""
        before = dict(note["before"])
        parties, items = before.pop("parties", None), before.pop("items", None)
        related = before.pop("related_departments", None)
        change_from_ledger(
            agreement=agreement,
            version=agreement.version,
            values=dict(from_json(Agreement, name, value) for name, value in before.items()),
            parties=None if parties is None else tuple(party_from_json(each) for each in parties),
            items=None if items is None else items_from_json(agreement, items),
            related_departments=None if related is None else tuple(Department.objects.filter(pk__in=related)),
            today=scope.today,
            reason=reason,
        )
        return ""

    def after_undo(self, notes: Sequence[Mapping[str, Any]]) -> None:
        SearchDocument.objects.refresh(
            [note["pk"] for note in notes if note["model"] == "agreements.agreement"]
        )
