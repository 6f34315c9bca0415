"""What a kind of record needs to be imported, declared: columns with their names, a Form, how to save.

A further kind is a subclass of `ModelImport` with `columns`, `form_class`, `model` and `find` (`companies`
shows how), and a line in `kinds`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.db import models
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from agreements.choices import ImportOutcome
from municipalities import access
from municipalities.models import Municipality, StaffMember

from .columns import Column
from .row_form import ImportRowForm
from .values import as_words, from_json, to_json

BATCH = 500
LONGEST_REASON = 100  # of the column of every historical model
Tell = Callable[[int, int, str], None]
"""Told how far it is: rows done, rows in all, what is being done."""


def quiet(done: int, total: int, step: str) -> None:
    """For whoever does not watch."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Who imports what for whom. `options`: answers of the mapping page; `source`: the name of the file."""

    municipality: Municipality
    by: StaffMember
    today: date
    source: str
    options: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Key of a column → what the file calls it."""

    def reason(self, number: int) -> str:
        """What the history says: 「協定一覧.xlsx 12行目から取込み」."""
        behind = f" {number}行目から取込み"
        return f"{self.source[: LONGEST_REASON - len(behind)]}{behind}"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One record as the file has it: the text of each mapped column by its key, the rest by its header."""

    number: int
    cells: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Question:
    """Something only a person knows: (value, words) to choose from; `chosen` holds without an answer."""

    key: str
    text: str
    options: list[tuple[str, str]]
    chosen: str = ""


@dataclass(slots=True)
class Judgement:
    """What one row is. `errors` and `warnings`: (key of the column or "", sentence)."""

    row: LedgerRow
    label: str = ""
    outcome: str = ImportOutcome.CREATE
    errors: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    target: Any = None
    agreement_id: int | None = None
    written: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, key: str, message: str) -> None:
        self.errors.append((key, message))
        self.outcome = ImportOutcome.ERROR

    def warn(self, key: str, message: str) -> None:
        self.warnings.append((key, message))

    def ask(self, question: Question, answers: Mapping[str, str]) -> str:
        """The person's answer, or what holds without one; noted so that the page can ask."""
        answer = answers.get(question.key, "")
        if answer in {value for value, _words in question.options}:
            question.chosen = answer
        self.questions.append(question)
        return question.chosen


class Importable:
    """One kind of record."""

    key: ClassVar[str]
    label: ClassVar[str]  # what one is called: 協定
    lead: ClassVar[str] = ""
    columns: ClassVar[tuple[Column, ...]]
    form_class: ClassVar[type[ImportRowForm]]
    option_fields: ClassVar[dict[str, Any]] = {}
    """Form fields of the mapping page: what holds for rows that say nothing, or for all."""
    keeps_others = False
    """Whether the text of columns that are not mapped can be kept in a remark."""
    list_url: ClassVar[str]  # name of the URL where the records are seen

    def required_columns(self) -> set[str]:
        """Keys of which the file must have at least one: without them a row names nothing."""
        return {column.key for column in self.columns if column.is_identity}

    def options_for(self, user: Any) -> dict[str, Any]:
        """The same where what can be chosen depends on the person."""
        return self.option_fields

    def preset(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Options that the link to the import chose already."""
        return {}

    @classmethod
    def may_import(cls, user: Any) -> bool:
        return access.may_import(user)

    # -- Judging ------------------------------------------------------------------------------------
    def prepare(self, rows: Sequence[LedgerRow], scope: Scope) -> Any:
        """Whatever the rows are compared with, read with a fixed number of queries."""
        return {"seen": {}}

    def judge(
        self, judgement: Judgement, form: ImportRowForm, answers: Mapping[str, str], scope: Scope, known: Any
    ) -> None:
        """Say what becomes of a row whose cells are valid: outcome, values, target, warnings, questions."""
        raise NotImplementedError

    def judge_refused(self, judgement: Judgement, form: ImportRowForm, known: Any) -> None:
        """For kinds whose rows depend on one another: this one has cells that are not valid."""

    def judge_all(
        self, rows: Sequence[LedgerRow], scope: Scope, answers: Mapping[str, Mapping[str, str]], tell: Tell
    ) -> list[Judgement]:
        """Every row, not only the first bad one."""
        known = self.prepare(rows, scope)
        judged = []
        for place, row in enumerate(rows, start=1):
            form = self.form_class(row.cells, scope=scope, known=known)
            judgement = Judgement(row, label=self.label_of(row))
            if form.is_valid():
                judgement.warnings += form.warnings
                self.judge(judgement, form, answers.get(str(row.number), {}), scope, known)
            else:
                judgement.warnings += form.warnings
                for key, messages in form.errors.items():
                    for message in messages:
                        judgement.refuse("" if key == "__all__" else key, str(message))
                self.judge_refused(judgement, form, known)
            judged.append(judgement)
            tell(place, len(rows), "行を確かめています")
        return judged

    def label_of(self, row: LedgerRow) -> str:
        """How the row is called in lists: its first value."""
        return next((" ".join(text.split()) for text in row.cells.values() if text), "（空欄）")[:300]

    # -- Writing ------------------------------------------------------------------------------------
    def save(self, judged: Sequence[Judgement], scope: Scope, tell: Tell) -> None:
        """Write the rows to create and update inside the caller's transaction; fill their `written`."""
        raise NotImplementedError

    def undo(self, note: Mapping[str, Any], scope: Scope) -> str:
        """Take back one written object; "" when done, else why it stays as it is."""
        raise NotImplementedError

    def after_undo(self, notes: Sequence[Mapping[str, Any]]) -> None:
        """What follows when all have been taken back."""


class ModelImport(Importable):
    """Records of one model whose values are its fields."""

    model: ClassVar[Any]
    is_bulk = True
    """False: each is saved by itself, because something listens to `save`."""

    # -- To be given or changed by a kind -----------------------------------------------------------
    def find(self, judgement: Judgement, form: ImportRowForm, known: Any) -> Any:
        """The stored record that the row is about; None for a new one."""
        return None

    def values(self, form: ImportRowForm) -> dict[str, Any]:
        """Field values that the row states; blank cells state nothing and change nothing."""
        return {
            name: value
            for name, value in form.cleaned_data.items()
            if value not in (None, "") and value != ()
        }

    def new(self, values: dict[str, Any], scope: Scope) -> Any:
        return self.model(**values)

    def identity(self, form: ImportRowForm) -> Any:
        """What two rows of one file must not share; None for nothing."""
        return None

    def complete(self, instance: Any) -> None:
        """Derived fields that `save` would fill."""

    def put_away(self, instance: Any) -> None:
        """How a record that was imported by mistake goes."""
        instance.delete()

    def agreement_of(self, instance: Any) -> int | None:
        """The agreement with whose disposal the row of the import goes."""
        return getattr(instance, "agreement_id", None)

    # -- The rest follows ---------------------------------------------------------------------------
    def judge(
        self, judgement: Judgement, form: ImportRowForm, answers: Mapping[str, str], scope: Scope, known: Any
    ) -> None:
        identity = self.identity(form)
        if identity is not None:
            first = form.seen.setdefault(identity, judgement.row)
            if first is not judgement.row:
                if first.cells == judgement.row.cells:
                    judgement.outcome = ImportOutcome.SKIP
                    judgement.warn("", f"{first.number}行目と同じ内容のため、取り込みません。")
                else:
                    judgement.refuse("", f"{first.number}行目と同じ{self.label}です。1行にまとめてください。")
                return
        target = self.find(judgement, form, known)
        if judgement.errors or judgement.outcome == ImportOutcome.SKIP:
            return
        judgement.values = self.values(form)
        judgement.target = target
        if target is None:
            return
        self.compare(judgement)

    def compare(self, judgement: Judgement) -> None:
        """An existing record: what would change; nothing is 「変更なし」."""
        target = judgement.target
        for name, value in judgement.values.items():
            before = getattr(target, name)
            if before != value:
                verbose = str(self.model._meta.get_field(name).verbose_name)
                judgement.changes.append(
                    (verbose, as_words(target, name, before), as_words(target, name, value))
                )
        judgement.outcome = ImportOutcome.UPDATE if judgement.changes else ImportOutcome.UNCHANGED
        judgement.agreement_id = self.agreement_of(target)

    def save(self, judged: Sequence[Judgement], scope: Scope, tell: Tell) -> None:
        created = [each for each in judged if each.outcome == ImportOutcome.CREATE]
        updated = [each for each in judged if each.outcome == ImportOutcome.UPDATE]
        for each in created:
            each.target = self.new(each.values, scope)
            self.complete(each.target)
        befores = {}
        for each in updated:
            befores[each.row.number] = to_json(each.target, each.values)
            for name, value in each.values.items():
                setattr(each.target, name, value)
            self.complete(each.target)
        for each in [*created, *updated]:
            each.target._change_reason = scope.reason(each.row.number)
        self._write([each.target for each in created], [each.target for each in updated], updated, scope)
        tell(len(judged), len(judged), "登録しています")
        stamps = newest_history(self.model, [each.target.pk for each in [*created, *updated]])
        for each in [*created, *updated]:
            each.written.append(
                written(
                    each.target,
                    created=each.outcome == ImportOutcome.CREATE,
                    before=befores.get(each.row.number, {}),
                    stamp=stamps[each.target.pk],
                )
            )
            each.agreement_id = self.agreement_of(each.target)

    def _write(self, new: list[Any], changed: list[Any], updated: Sequence[Judgement], scope: Scope) -> None:
        if not self.is_bulk:
            for instance in [*new, *changed]:
                instance.save()
            return
        if new:
            bulk_create_with_history(new, self.model, batch_size=BATCH, default_user=scope.by)
        if changed:
            fields = {name for each in updated for name in each.values} | set(self.kept_fields())
            bulk_update_with_history(
                changed, self.model, sorted(fields), batch_size=BATCH, default_user=scope.by
            )

    def kept_fields(self) -> tuple[str, ...]:
        """Fields that `complete` and the clock write along with any change."""
        names = {each.name for each in self.model._meta.concrete_fields}
        return tuple({"updated_at", "kana_key", "search_names"} & names)

    def undo(self, note: Mapping[str, Any], scope: Scope) -> str:
        instance = self.model.objects.filter(pk=note["pk"]).first()
        if instance is None:
            return "すでにありません"
        if newest_history(self.model, [instance.pk]).get(instance.pk) != note["stamp"]:
            return "取込みの後に変更されています"
        instance._change_reason = f"{scope.source[:80]}の取込みの取消し"
        if note["created"]:
            return self.take_away(instance)
        for name, value in note["before"].items():
            setattr(instance, *from_json(self.model, name, value))
        instance.save()
        return ""

    def take_away(self, instance: Any) -> str:
        self.put_away(instance)
        return ""


def newest_history(model: Any, keys: Sequence[int]) -> dict[int, str]:
    """The newest entry of the history of each of these rows: who has another one has been changed since."""
    newest: dict[int, str] = {}
    for start in range(0, len(keys), BATCH):
        rows = model.history.filter(id__in=keys[start : start + BATCH])
        newest |= {
            pk: str(last)
            for pk, last in rows.order_by().values_list("id").annotate(last=models.Max("history_id"))
        }
    return newest


def written(
    instance: Any, *, created: bool, stamp: str, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "model": instance._meta.label_lower,
        "pk": instance.pk,
        "created": created,
        "before": dict(before or {}),
        "stamp": stamp,
    }
