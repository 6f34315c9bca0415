"""協定: one agreement a row, with its parties and items; new ones enter as `backfilled`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.forms import ChoiceField
from django.utils import timezone

from agreements.actions.drafts import AgreementDraft, ItemDraft, PartyDraft
from agreements.actions.ledger import (
    LedgerEntry,
    change_from_ledger,
    lock_on_text,
    register_agreements,
    register_companies,
)
from agreements.choices import AgreementKind, AgreementState, FieldCategory, ImportOutcome
from agreements.domain.category_hints import suggested_categories
from agreements.domain.cells import split_names
from agreements.forms.party_lookup import former_name
from agreements.models import Agreement, Company, CooperationField, Party, SearchDocument
from municipalities import access
from municipalities.models import Department, Municipality, StaffMember

from .agreement_columns import COLUMNS, DERIVED
from .agreement_form import AgreementRowForm
from .columns import plain_header
from .importable import Importable, Judgement, LedgerRow, Question, Scope, Tell, newest_history, written
from .open_data_rows import HEADINGS, OpenParty, OpenRow, is_open_data, open_row
from .open_parties import drafts_of, open_parties
from .parties import Body, NewCompany, PartyBook, key, read_numbers
from .row_form import folded
from .stored_parts import (
    item_over,
    items_from_json,
    items_json,
    party_draft,
    party_from_json,
    party_json,
)
from .values import as_words, from_json, to_json

_LISTS = ("partners", "corporate_number", "partner_kana", "items", "categories", "related_departments")
_NOT_FIELDS = {*_LISTS, "municipality", "term", "publication"}
_ENTERING = (AgreementState.ACTIVE, AgreementState.SUSPENDED, AgreementState.ENDED)
_DERIVED = frozenset(plain_header(header) for header in DERIVED)


@dataclass(slots=True)
class _Parts:
    """What a row says about parties and items; None where it says nothing."""

    bodies: tuple[Body, ...] | None = None
    names: tuple[str, ...] = ()
    items: tuple[ItemDraft, ...] | None = None
    whole: tuple[tuple[Body, OpenParty], ...] | None = None
    """All parties in their order, the own body among them: of open data."""
    related: tuple[Department, ...] | None = None


class AgreementImport(Importable):
    key = "agreements"
    label = "協定"
    lead = "これまでの協定台帳を、Excel や CSV のまま取り込みます。分からない項目は空欄で構いません。"
    list_url = "agreements:agreement-list"
    form_class = AgreementRowForm
    keeps_others = True
    columns = COLUMNS
    option_fields = {
        "kind": ChoiceField(
            label="種別が空欄の協定の種別",
            choices=AgreementKind.choices,
            initial=AgreementKind.COMPREHENSIVE,
            help_text="種別の列がないときや、セルが空欄のときに使います。",
        )
    }

    def __init__(self) -> None:
        self.parts: dict[int, _Parts] = {}

    def required_columns(self) -> set[str]:
        return {"title", "partners", "ledger_number"}

    # -- Judging ------------------------------------------------------------------------------------
    def prepare(self, rows: Sequence[LedgerRow], scope: Scope) -> dict[str, Any]:
        ours = Agreement.objects.filter(municipality=scope.municipality)
        ours = ours.select_related("department", "person_in_charge", "parent").prefetch_related(
            Prefetch("parties", Party.objects.order_by("order")),
            Prefetch("cooperation_fields", CooperationField.objects.order_by("number")),
        )
        numbers: dict[str, Any] = {}
        alike: dict[Any, Any] = {}
        keys: dict[Any, Any] = {}
        for agreement in ours:
            numbers[agreement.ledger_number] = agreement
            if agreement.deleted_at is None:
                alike.setdefault((folded(agreement.title), agreement.signed_on), []).append(agreement)
                keys[agreement.pk] = {
                    f"c:{each.company_id}" if each.company_id else f"m:{each.municipality_id}"
                    for each in agreement.parties.all()
                    if each.municipality_id != scope.municipality.pk
                }
        book = PartyBook(*_bodies_of(rows))
        departments = Department.objects.filter(municipality=scope.municipality).order_by("valid_to", "-pk")
        by_name: dict[str, Department] = {}
        for each in departments.valid(scope.today):
            by_name.setdefault(folded(each.name), each)
        staff = StaffMember.objects.filter(municipality=scope.municipality, is_active=True)
        return {
            "seen": {},
            "numbers": numbers,
            "alike": alike,
            "keys": keys,
            "book": book,
            "departments": by_name,
            "staff": {folded(each.name): each for each in staff},
        }

    def label_of(self, row: LedgerRow) -> str:
        words = (
            row.cells.get("title")
            or row.cells.get("partners")
            or row.cells.get("ledger_number")
            or "（名称なし）"
        )
        return " ".join(words.split())[:300]

    def judge(
        self, judgement: Judgement, form: Any, answers: Mapping[str, str], scope: Scope, known: Any
    ) -> None:
        cleaned = form.cleaned_data
        opened: OpenRow | None = None
        try:
            opened = open_row(judgement.row) if is_open_data(judgement.row, scope) else None
        except ValueError as error:
            judgement.refuse("partners", str(error))
            return
        if opened is None:
            parts = self._parts(judgement, form, answers, scope, known)
        else:
            parts = self._open_parts(opened, judgement, form, answers, scope, known)
        if judgement.errors or self._is_repeated(
            judgement, cleaned, parts, known, opened.identity if opened else ""
        ):
            return
        self.parts[judgement.row.number] = parts
        target = self._find(judgement, cleaned, parts, answers, known)
        if judgement.outcome == ImportOutcome.SKIP:
            return
        judgement.values = self._values(judgement.row, form, scope, opened, is_new=target is None)
        if target is None:
            self._enter(judgement, scope)
        elif not access.may_edit(scope.by, target):
            judgement.refuse("ledger_number", f"登録済みの「{target}」は、あなたの課では変更できません。")
        else:
            self._compare(judgement, target, parts, form, scope)

    def _parts(
        self, judgement: Judgement, form: Any, answers: Mapping[str, str], scope: Scope, known: Any
    ) -> _Parts:
        cleaned, book = form.cleaned_data, known["book"]
        names = [name for name in cleaned["partners"] if not _is_own(name, scope.municipality)]
        numbers = self._aligned(names, cleaned["corporate_number"], book)
        readings = cleaned["partner_kana"] if len(cleaned["partner_kana"]) == len(names) else []
        bodies = [
            book.resolve(
                name,
                judgement,
                answers,
                number=numbers[place],
                reading=readings[place] if readings else "",
            )
            for place, name in enumerate(names)
        ]
        found: dict[str, tuple[Body, str]] = {}
        for body, name in zip(bodies, names, strict=True):
            if body is not None:
                found.setdefault(key(body), (body, name))
        items = self._items(judgement, form, form.cleaned_data["items"])
        return _Parts(
            tuple(body for body, _name in found.values()) or None,
            tuple(name for _body, name in found.values()),
            items or None,
            tuple(cleaned["related_departments"]) or None,
        )

    def _open_parts(
        self,
        opened: OpenRow,
        judgement: Judgement,
        form: Any,
        answers: Mapping[str, str],
        scope: Scope,
        known: Any,
    ) -> _Parts:
        """Every party as the open data have it, and every item with its 分野."""
        whole = open_parties(opened, judgement, answers, scope.municipality, known["book"])
        others = [(body, party) for body, party in whole if body != scope.municipality]
        items = opened.items or self._items(judgement, form, opened.texts)
        return _Parts(
            bodies=tuple(body for body, _party in others) or None,
            names=tuple(party.name for _body, party in others),
            items=items or None,
            whole=tuple(whole),
        )

    @staticmethod
    def _items(judgement: Judgement, form: Any, texts: Sequence[str]) -> tuple[ItemDraft, ...]:
        """The items with the stated 分野: all of them for one item, else those that an item's words announce.

        A 分野 that no item announces is kept in words; nothing is made up.
        """
        stated = form.cleaned_data["categories"]
        if len(texts) == 1:
            return (ItemDraft(text=texts[0], categories=tuple(stated)),)
        announced = [set(suggested_categories(text)) for text in texts]
        items = tuple(
            ItemDraft(text=text, categories=tuple(code for code in stated if code in words))
            for text, words in zip(texts, announced, strict=True)
        )
        left = [code for code in stated if not any(code in words for words in announced)]
        if left:
            form.remarks.append(f"分野：{'、'.join(str(FieldCategory(code).label) for code in left)}")
            if texts:
                judgement.warn("categories", "どの連携事項の分野か分からないものは、備考に残します。")
        return items

    @staticmethod
    def _aligned(names: Sequence[str], numbers: Sequence[str], book: PartyBook) -> list[str | None]:
        """The 法人番号 of each name: by place when there are as many, else by what is registered."""
        if len(names) == len(numbers):
            return list(numbers)
        aligned: list[str | None] = [None] * len(names)
        for number in numbers:
            known = book.numbers.get(number)
            for place, name in enumerate(names):
                if aligned[place] is None and ("c", known) in book.called(name):
                    aligned[place] = number
                    break
        return aligned

    def _is_repeated(
        self, judgement: Judgement, cleaned: dict, parts: _Parts, known: Any, open_id: str
    ) -> bool:
        """Whether an earlier row of the file is the same agreement; open data tell it by their ID."""
        bodies = frozenset(key(body) for body in parts.bodies or ())
        number = cleaned["ledger_number"] or open_id
        identity = number or (folded(cleaned["title"]), cleaned["signed_on"], bodies)
        first = known["seen"].setdefault(identity, judgement.row)
        if first is judgement.row:
            return False
        if dict(first.cells) == dict(judgement.row.cells):
            judgement.outcome = ImportOutcome.SKIP
            judgement.warn("", f"{first.number}行目と同じ内容のため、取り込みません。")
        elif number:
            judgement.refuse("ledger_number", f"管理番号「{number}」は{first.number}行目と同じです。")
        else:
            judgement.refuse(
                "title",
                f"{first.number}行目と、協定名称・締結日・相手方が同じです。同じ協定なら1行にまとめ、"
                "別の協定なら管理番号か名称で区別してください。",
            )
        return True

    def _find(
        self, judgement: Judgement, cleaned: dict, parts: _Parts, answers: Mapping[str, str], known: Any
    ) -> Agreement | None:
        """The registered agreement that the row is about: by 管理番号, else by name, day and parties."""
        number = cleaned["ledger_number"]
        if number:
            return known["numbers"].get(number)
        wanted = {_plain_key(body) for body in parts.bodies or ()}
        same, near = [], []
        for agreement in known["alike"].get((folded(cleaned["title"]), cleaned["signed_on"]), ()):
            theirs = known["keys"][agreement.pk]
            if theirs == wanted or not wanted:
                same.append(agreement)
            elif theirs & wanted or not theirs:
                near.append(agreement)
        if len(same) == 1:
            return same[0]
        candidates = [*same, *near]
        if not candidates:
            return None
        options = [
            *((f"a:{each.pk}", f"「{each}」（{each.ledger_number}）を更新") for each in candidates[:5]),
            ("new", "別の協定として新しく登録"),
            ("skip", "取り込まない"),
        ]
        words = f"登録済みの「{candidates[0]}」（{candidates[0].ledger_number}）とみられます。"
        chosen = judgement.ask(Question("agreement", words, options, chosen="skip"), answers)
        judgement.warn("title", words)
        if chosen == "skip":
            judgement.outcome = ImportOutcome.SKIP
        return next((each for each in candidates if chosen == f"a:{each.pk}"), None)

    def _values(
        self, row: LedgerRow, form: Any, scope: Scope, opened: OpenRow | None, *, is_new: bool
    ) -> dict[str, Any]:
        """What the row states, as field values; blank cells state nothing."""
        values = {
            name: value
            for name, value in form.cleaned_data.items()
            if name not in _NOT_FIELDS and value not in (None, "")
        }
        others = [
            f"{header}：{text}"
            for header, text in row.others.items()
            if plain_header(header) not in (HEADINGS if opened else _DERIVED)
        ]
        if opened:
            others = [*filter(None, [opened.origin]), *others]
            if is_new and opened.extended_to:
                values["extended_to"] = opened.extended_to
        kept = [*form.remarks, *(others if is_new and scope.options.get("keep_others", True) else ())]
        if is_new and kept:
            values["note"] = "\n".join(filter(None, [values.get("note", ""), *kept]))[:4000]
        return values

    def _enter(self, judgement: Judgement, scope: Scope) -> None:
        """A new agreement: taken over as it stands, with what is unknown left empty."""
        values = judgement.values
        values.setdefault("kind", scope.options.get("kind") or AgreementKind.COMPREHENSIVE)
        state = values.setdefault("state", AgreementState.ACTIVE)
        values["backfilled"] = True
        if not access.is_manager(scope.by):
            values["department"] = scope.by.department
        if state not in _ENTERING:
            judgement.refuse(
                "state",
                f"「{AgreementState(state).label}」の協定は取り込めません。締結済みの協定だけを取り込み、"
                "これから締結する協定は登録の画面から登録してください。",
            )

    def _compare(
        self, judgement: Judgement, target: Agreement, parts: _Parts, form: Any, scope: Scope
    ) -> None:
        judgement.target, judgement.agreement_id = target, target.pk
        values = judgement.values
        state = values.pop("state", None)
        if state and state != target.state:
            if target.backfilled and state in _ENTERING and access.is_manager(scope.by):
                values["state"] = state
            else:
                judgement.warn("state", "状態は取込みでは変わりません。協定の画面で手続きをしてください。")
        if target.auto_renew and values.get("auto_renew") is False:
            values["renewal_months"] = None
        publication = form.cleaned_data.get("publication")
        if publication and publication != target.get_publication_display():
            judgement.warn("publication", "公開区分は取込みでは変わりません。")
        changes = {}
        for name, value in values.items():
            before = getattr(target, name)
            if before != value and not (
                name == "renewal_months" and not values.get("auto_renew", target.auto_renew) and value
            ):
                label = str(Agreement._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
                changes[name] = value
                judgement.changes.append(
                    (label, as_words(target, name, before), as_words(target, name, value))
                )
        judgement.values = changes
        self._compare_parts(judgement, target, parts, scope)
        names = (
            set(changes) | ({"parties"} if parts.bodies else set()) | ({"items"} if parts.items else set())
        )
        if why := lock_on_text(target, names):
            judgement.refuse("", why)
            return
        if target.deleted_at is not None:
            changes["deleted_at"] = None
            judgement.changes.append(("削除", "削除済み", "元に戻す"))
        judgement.outcome = ImportOutcome.UPDATE if judgement.changes else ImportOutcome.UNCHANGED

    def _compare_parts(self, judgement: Judgement, target: Agreement, parts: _Parts, scope: Scope) -> None:
        """Parties and items that stay the same are not written."""
        stored = [
            (f"c:{each.company_id}" if each.company_id else f"m:{each.municipality_id}", each.name_as_signed)
            for each in target.parties.all()
            if each.municipality_id != scope.municipality.pk
        ]
        if parts.bodies and {_plain_key(body) for body in parts.bodies} == {party for party, _ in stored}:
            parts.bodies = None
        elif parts.bodies:
            before = "、".join(name for _party, name in stored)
            judgement.changes.append(("相手方", before, "、".join(parts.names)))
        texts = [item.text for item in target.cooperation_fields.all()]
        if parts.items and [item.text for item in parts.items] == texts:
            parts.items = None
        elif parts.items:
            judgement.changes.append(
                ("連携事項", "\n".join(texts), "\n".join(item.text for item in parts.items))
            )
        if parts.related:
            now = {each.pk for each in target.related_departments.all()}
            if now == {each.pk for each in parts.related}:
                parts.related = None
            else:
                judgement.changes.append(("関係課", "", "、".join(str(each) for each in parts.related)))

    # -- Writing ------------------------------------------------------------------------------------
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

    def _parties(self, parts: _Parts) -> list[PartyDraft]:
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

    def _merged_parties(self, target: Agreement, parts: _Parts, scope: Scope) -> tuple[PartyDraft, ...]:
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


def _bodies_of(rows: Sequence[LedgerRow]) -> tuple[set[str], set[str]]:
    """Every name and every valid 法人番号 that the rows state."""
    names: set[str] = set()
    numbers: set[str] = set()
    for row in rows:
        names.update(split_names(row.cells.get("partners", "").strip()))
        try:
            numbers.update(read_numbers(row.cells.get("corporate_number", "")))
        except ValueError:
            continue  # said at the cell
    return names, numbers


def _is_own(name: str, own: Municipality) -> bool:
    return folded(name) in {folded(own.name), folded(own.full_name)}


def _plain_key(body: Body) -> str:
    if isinstance(body, NewCompany):
        return key(body)
    return f"c:{body.pk}" if isinstance(body, Company) else f"m:{body.pk}"
