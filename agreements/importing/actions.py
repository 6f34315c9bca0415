"""取組: one action a row, of an agreement that is registered already."""

from collections.abc import Sequence
from typing import Any

from django import forms

from agreements.choices import ActionState, ImportOutcome
from agreements.models import ActionItem, Agreement, CooperationField, SearchDocument
from municipalities import access
from municipalities.models import Department, StaffMember

from .columns import Column
from .importable import Judgement, LedgerRow, ModelImport, Scope
from .row_form import CellChoiceField, CellDateField, CellLineField, CellProseField, ImportRowForm, folded

_STATES = {
    ActionState.PLANNED: ("予定", "未着手", "未実施"),
    ActionState.IN_PROGRESS: ("継続", "継続中", "進行中", "実施"),
    ActionState.DONE: ("済", "済み", "実施済", "実施済み", "終了"),
    ActionState.CANCELLED: ("取りやめ", "中断"),
}


class ActionImportRowForm(ImportRowForm):
    ledger_number = CellLineField(max_length=30)
    agreement_title = CellLineField(max_length=200)
    title = CellLineField(max_length=200)
    description = CellProseField(max_length=2000)
    items = CellLineField(max_length=100)
    department = CellLineField(max_length=80)
    person_in_charge = CellLineField(max_length=60)
    partner_in_charge = CellLineField(max_length=100)
    starts_on = CellDateField()
    due_on = CellDateField()
    state = CellChoiceField(choices=ActionState.choices, others=_STATES)

    def clean_title(self) -> str:
        if not self.cleaned_data["title"]:
            raise forms.ValidationError("取組の名称を入力してください。", code="required")
        return self.cleaned_data["title"]

    def clean_department(self) -> Department | None:
        return self._named("department", "departments", "という課は登録されていません。")

    def clean_person_in_charge(self) -> StaffMember | None:
        return self._named("person_in_charge", "staff", "という職員は登録されていません。")

    def _named(self, name: str, known: str, message: str) -> Any:
        text = self.cleaned_data[name]
        found = self.known[known].get(folded(text)) if text else None
        if text and found is None:
            raise forms.ValidationError(f"「{text}」{message}")
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, due_on = cleaned.get("starts_on"), cleaned.get("due_on")
        if starts_on and due_on and due_on < starts_on:
            self.add_error("due_on", "期限が開始日より前です。どちらかの日付を直してください。")
        number, title = cleaned.get("ledger_number"), cleaned.get("agreement_title")
        found = self.known["numbers"].get(number) if number else self.known["titles"].get(folded(title or ""))
        column = "ledger_number" if number else "agreement_title"
        if not number and not title:
            self.add_error(column, "どの協定の取組か分かりません。協定の管理番号か名称を入力してください。")
        elif not found:
            self.add_error(
                column, f"「{number or title}」の協定は登録されていません。先に協定を取り込んでください。"
            )
        elif len(found) > 1:
            self.add_error(column, f"「{title}」の協定が{len(found)}件あります。管理番号で指定してください。")
        elif not access.may_edit(self.scope.by, found[0]):
            self.add_error(column, "この協定の取組は、あなたの課では登録できません。")
        else:
            cleaned["agreement"] = found[0]
            self._check_items(cleaned, found[0])
        return cleaned

    def _check_items(self, cleaned: dict[str, Any], agreement: Agreement) -> None:
        from agreements.forms.action_forms import ItemNumbersField

        if not cleaned.get("items"):
            cleaned["items"] = ()
            return
        try:
            numbers = ItemNumbersField(required=False).clean(cleaned["items"])
        except forms.ValidationError as error:
            self.add_error("items", error)
            return
        items = self.known["items"].get(agreement.pk, {})
        unknown = [number for number in numbers if number not in items]
        if unknown:
            self.add_error("items", f"連携事項{'、'.join(f'({each})' for each in unknown)}はありません。")
        else:
            cleaned["items"] = tuple(items[number] for number in numbers)


class ActionImport(ModelImport):
    key = "actions"
    label = "取組"
    lead = "取組の一覧（アクションプラン）を取り込みます。協定は、管理番号か名称で結び付けます。"
    list_url = "agreements:agreement-list"
    model = ActionItem
    form_class = ActionImportRowForm
    columns = (
        Column(
            key="ledger_number",
            label="協定の管理番号",
            synonyms=("管理番号", "協定番号", "協定管理番号", "番号", "No"),
            example="2024-001",
            is_identity=True,
        ),
        Column(
            key="agreement_title",
            label="協定",
            synonyms=("協定名称", "協定名", "件名"),
            example="見本市と株式会社見本商店との包括連携協定",
            is_identity=True,
        ),
        Column(
            key="title",
            label="取組",
            synonyms=("取組名", "取組名称", "取組内容", "事業名", "取り組み", "アクション", "実施内容"),
            example="特産品フェアの開催",
        ),
        Column(key="description", label="内容", synonyms=("詳細", "概要", "説明"), example=""),
        Column(
            key="items",
            label="連携事項",
            synonyms=("連携事項の番号", "連携事項番号", "項目番号"),
            hint="例：1,3",
            example="1",
        ),
        Column(
            key="department",
            label="担当課",
            synonyms=("所管課", "市担当", "主管課", "担当部署", "担当"),
            example="企画課",
        ),
        Column(key="person_in_charge", label="担当者", synonyms=("担当者名", "職員"), example=""),
        Column(
            key="partner_in_charge",
            label="相手方の担当",
            synonyms=("相手方担当", "相手担当", "企業担当", "先方担当"),
            example="地域連携部",
        ),
        Column(
            key="starts_on",
            label="開始日",
            synonyms=("開始", "着手日", "実施日", "実施年月日"),
            example="令和6年4月1日",
        ),
        Column(
            key="due_on",
            label="期限",
            synonyms=("終了日", "完了予定日", "期日", "締切", "完了期限"),
            example="令和7年3月31日",
        ),
        Column(key="state", label="状態", synonyms=("進捗", "進捗状況", "状況", "実施状況"), example="計画"),
    )

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
        for action in stored.prefetch_related("cooperation_fields"):
            actions.setdefault((action.agreement_id, folded(action.title)), []).append(action)
        departments = Department.objects.filter(municipality=scope.municipality).order_by("valid_to")
        staff = StaffMember.objects.filter(municipality=scope.municipality, is_active=True)
        return {
            "seen": {},
            "numbers": numbers,
            "titles": titles,
            "items": items,
            "actions": actions,
            "departments": {folded(each.name): each for each in departments.valid(scope.today)},
            "staff": {folded(each.name): each for each in staff},
        }

    def identity(self, form: ImportRowForm) -> Any:
        cleaned = form.cleaned_data
        return (
            cleaned["agreement"].pk,
            folded(cleaned["title"]),
            cleaned.get("starts_on"),
            cleaned.get("due_on"),
        )

    def values(self, form: ImportRowForm) -> dict[str, Any]:
        values = super().values(form)
        for name in ("ledger_number", "agreement_title", "items"):
            values.pop(name, None)
        return values

    def find(self, judgement: Judgement, form: ImportRowForm, known: Any) -> Any:
        """The action of that title; with several of them the one of the same days."""
        cleaned = form.cleaned_data
        judgement.label = cleaned["title"]
        judgement.agreement_id = cleaned["agreement"].pk
        same = known["actions"].get((cleaned["agreement"].pk, folded(cleaned["title"])), [])
        days = (cleaned.get("starts_on"), cleaned.get("due_on"))
        exact = [each for each in same if (each.starts_on, each.due_on) == days]
        return (exact or (same if len(same) == 1 else [None]))[0]

    def judge(
        self, judgement: Judgement, form: ImportRowForm, answers: Any, scope: Scope, known: Any
    ) -> None:
        super().judge(judgement, form, answers, scope, known)
        items = form.cleaned_data.get("items") or ()
        if judgement.outcome in (ImportOutcome.UPDATE, ImportOutcome.UNCHANGED):
            stored = {item.pk for item in judgement.target.cooperation_fields.all()}
            if items and {item.pk for item in items} != stored:
                before = "、".join(f"({item.number})" for item in judgement.target.cooperation_fields.all())
                after = "、".join(f"({item.number})" for item in items)
                judgement.changes.append(("連携事項", before, after))
                judgement.outcome = ImportOutcome.UPDATE
        form.seen[judgement.row.number, "items"] = items
        judgement.values.setdefault("agreement", form.cleaned_data["agreement"])
        self._items = form.seen

    def save(self, judged: Sequence[Judgement], scope: Scope, tell: Any) -> None:
        super().save(judged, scope, tell)
        agreements = set()
        for each in judged:
            if each.outcome not in (ImportOutcome.CREATE, ImportOutcome.UPDATE):
                continue
            agreements.add(each.target.agreement_id)
            items = self._items.get((each.row.number, "items"))
            if items:
                each.written[0]["before"]["cooperation_fields"] = [
                    item.pk for item in each.target.cooperation_fields.all()
                ]
                each.target._change_reason = scope.reason(each.row.number)
                each.target.cooperation_fields.set(items)
                each.written[0]["stamp"] = str(each.target.history.latest("history_id").history_id)
        SearchDocument.objects.refresh(sorted(agreements))

    def undo(self, note: Any, scope: Scope) -> str:
        before = dict(note["before"])
        items = before.pop("cooperation_fields", None)
        why = super().undo({**note, "before": before}, scope)
        if not why and items is not None and not note["created"]:
            action = ActionItem.objects.get(pk=note["pk"])
            kept = CooperationField.objects.filter(pk__in=items, agreement=action.agreement_id)
            action.cooperation_fields.set(kept)
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
