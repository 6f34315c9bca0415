"""取組: one action a row, of an agreement that is registered already."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agreements.choices import ActionState, ImportOutcome
from agreements.models import ActionItem, Agreement, CooperationField, SearchDocument
from municipalities.models import Department, StaffMember

from . import action_rules
from .action_columns import COLUMNS
from .action_form import ActionImportRowForm
from .importable import Judgement, LedgerRow, ModelImport, Scope
from .plan_names import PlanNames
from .row_form import folded

_LISTS = {"items": "cooperation_fields", "sub_plan_items": "sub_plan_items"}
"""Column → the field with several rows; written after the action itself."""


class ActionImport(ModelImport):
    key = "actions"
    label = "取組"
    lead = "取組の一覧（アクションプラン）を取り込みます。協定は、管理番号か名称で結び付けます。"
    list_url = "agreements:action-list"
    model = ActionItem
    form_class = ActionImportRowForm
    columns = COLUMNS

    def __init__(self) -> None:
        self._lists: dict[int, dict[str, Any]] = {}

    def required_columns(self) -> set[str]:
        return {"title"}

    def prepare(self, rows: Sequence[LedgerRow], scope: Scope) -> dict[str, Any]:
        ours = Agreement.objects.alive().filter(municipality=scope.municipality)
        numbers: dict[str, list[Agreement]] = {}
        titles: dict[str, list[Agreement]] = {}
        for agreement in ours:
            numbers[agreement.ledger_number] = [agreement]
            titles.setdefault(folded(agreement.title), []).append(agreement)
        titles.pop("", None)
        items: dict[int, dict[int, CooperationField]] = {}
        for item in CooperationField.objects.filter(agreement__in=ours):
            items.setdefault(item.agreement_id, {})[item.number] = item
        actions: dict[tuple[int, str], list[ActionItem]] = {}
        stored = ActionItem.objects.alive().filter(agreement__in=ours)
        stored = stored.select_related("department", "person_in_charge", "plan_item")
        for action in stored.prefetch_related("cooperation_fields", "sub_plan_items"):
            actions.setdefault((action.agreement_id, folded(action.title)), []).append(action)
        departments = Department.objects.filter(municipality=scope.municipality).order_by("valid_to")
        staff = StaffMember.objects.filter(municipality=scope.municipality, is_active=True)
        return {
            "seen": {},
            "plan": PlanNames(scope.municipality),
            "numbers": numbers,
            "titles": titles,
            "items": items,
            "actions": actions,
            "departments": {folded(each.name): each for each in departments.valid(scope.today)},
            "staff": {folded(each.name): each for each in staff},
        }

    def identity(self, form: Any) -> Any:
        cleaned = form.cleaned_data
        return (
            cleaned["agreement"].pk,
            folded(cleaned["title"]),
            cleaned.get("starts_on"),
            cleaned.get("due_on"),
        )

    def values(self, form: Any) -> dict[str, Any]:
        values = super().values(form)
        for name in ("ledger_number", "agreement_title", *_LISTS):
            values.pop(name, None)
        return values

    def find(self, judgement: Judgement, form: Any, known: Any) -> Any:
        """The action of that title; with several of them the one of the same days."""
        cleaned = form.cleaned_data
        judgement.label = cleaned["title"]
        judgement.agreement_id = cleaned["agreement"].pk
        same = known["actions"].get((cleaned["agreement"].pk, folded(cleaned["title"])), [])
        days = (cleaned.get("starts_on"), cleaned.get("due_on"))
        exact = [each for each in same if (each.starts_on, each.due_on) == days]
        target = (exact or (same if len(same) == 1 else [None]))[0]
        for key, message in form.settle(target):
            judgement.refuse(key, message)
        return target

    def compare(self, judgement: Judgement) -> None:
        """What is taken up again has no day of completion and no reason for cancelling any more."""
        target, values = judgement.target, judgement.values
        state = values.get("state", target.state)
        if state != ActionState.DONE and target.completed_on:
            values.setdefault("completed_on", None)
        if state != ActionState.CANCELLED and target.cancelled_reason:
            values.setdefault("cancelled_reason", "")
        super().compare(judgement)

    def judge(self, judgement: Judgement, form: Any, answers: Any, scope: Scope, known: Any) -> None:
        super().judge(judgement, form, answers, scope, known)
        if judgement.outcome in (ImportOutcome.ERROR, ImportOutcome.SKIP):
            return
        lists = {field: form.cleaned_data.get(key) or () for key, field in _LISTS.items()}
        if judgement.target is not None:
            self._compare_lists(judgement, lists)
        if judgement.outcome != ImportOutcome.UNCHANGED:
            self._check(judgement, scope)
        self._lists[judgement.row.number] = lists
        judgement.values.setdefault("agreement", form.cleaned_data["agreement"])

    def _compare_lists(self, judgement: Judgement, lists: Mapping[str, Sequence[Any]]) -> None:
        for name, rows in lists.items():
            stored = list(getattr(judgement.target, name).all())
            if rows and set(rows) != set(stored):
                label = str(ActionItem._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
                judgement.changes.append((label, _in_words(stored), _in_words(rows)))
                judgement.outcome = ImportOutcome.UPDATE

    def _check(self, judgement: Judgement, scope: Scope) -> None:
        """With what is stored already: a row need not say everything again."""
        fields = (field.name for field in ActionItem._meta.concrete_fields if not field.is_relation)
        stored = {name: getattr(judgement.target, name) for name in fields} if judgement.target else {}
        for key, message in action_rules.problems({**stored, **judgement.values}, today=scope.today):
            judgement.refuse(key, message)

    def save(self, judged: Sequence[Judgement], scope: Scope, tell: Any) -> None:
        super().save(judged, scope, tell)
        agreements = set()
        for each in judged:
            if each.outcome not in (ImportOutcome.CREATE, ImportOutcome.UPDATE):
                continue
            agreements.add(each.target.agreement_id)
            given = {name: rows for name, rows in self._lists[each.row.number].items() if rows}
            for name, rows in given.items():
                field = getattr(each.target, name)
                each.written[0]["before"][name] = [row.pk for row in field.all()]
                each.target._change_reason = scope.reason(each.row.number)
                field.set(rows)
            if given:
                each.written[0]["stamp"] = str(each.target.history.latest("history_id").history_id)
        SearchDocument.objects.refresh(sorted(agreements))

    def undo(self, note: Any, scope: Scope) -> str:
        before = dict(note["before"])
        lists = {name: before.pop(name) for name in _LISTS.values() if name in before}
        why = super().undo({**note, "before": before}, scope)
        if not why and lists and not note["created"]:
            action = ActionItem.objects.get(pk=note["pk"])
            for name, keys in lists.items():
                related: Any = ActionItem._meta.get_field(name).related_model
                rows = related.objects.filter(pk__in=keys)
                getattr(action, name).set(rows)
        return why

    def put_away(self, instance: ActionItem) -> None:
        from django.utils import timezone

        instance.deleted_at = timezone.now()
        instance.save(update_fields=["deleted_at", "updated_at"])

    def after_undo(self, notes: Sequence[Any]) -> None:
        keys = [note["pk"] for note in notes]
        SearchDocument.objects.refresh(
            sorted(set(ActionItem.objects.filter(pk__in=keys).values_list("agreement_id", flat=True)))
        )


def _in_words(rows: Iterable[Any]) -> str:
    return "、".join(f"({row.number})" if isinstance(row, CooperationField) else str(row) for row in rows)
