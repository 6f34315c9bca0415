"""総合計画: the nodes of one plan, one a row, or one column for each level."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from agreements.choices import ImportOutcome
from municipalities import access, planning
from municipalities.models import Department, Plan, PlanItem
from municipalities.plan_forms import FiscalYearField

from .columns import Column
from .importable import Judgement, LedgerRow, ModelImport, Scope, newest_history, written
from .plan_tree import LEVEL_KEYS, Misplaced, Node, Tree, code_and_name, unsaved
from .row_form import CellFigureField, CellLineField, ImportRowForm, folded, is_nothing
from .values import to_json

_LEVEL_SYNONYMS = (
    ("基本目標", "基本方針", "大綱", "まちづくりの目標", "将来像", "分野"),
    ("政策", "基本施策", "政策名", "節"),
    ("施策", "施策名", "主要施策", "個別施策"),
    ("事務事業", "事務事業名", "事業", "事業名"),
    ("細事業", "細事業名"),
)
_FIELDS = ("level", "kpi_name", "kpi_unit", "kpi_baseline", "kpi_target", "kpi_year", "department")


class CellFiscalYearField(FiscalYearField):
    def to_python(self, value: Any) -> int | None:
        return None if is_nothing(str(value or "")) else super().to_python(value)


class PlanItemRowForm(ImportRowForm):
    plan = CellLineField(max_length=200)
    level_1 = CellLineField(max_length=250)
    level_2 = CellLineField(max_length=250)
    level_3 = CellLineField(max_length=250)
    level_4 = CellLineField(max_length=250)
    level_5 = CellLineField(max_length=250)
    level = CellLineField(max_length=20)
    code = CellLineField(max_length=40)
    name = CellLineField(max_length=250)
    parent = CellLineField(max_length=250)
    kpi_name = CellLineField(max_length=120)
    kpi_unit = CellLineField(max_length=20)
    kpi_baseline = CellFigureField(max_digits=18, decimal_places=4)
    kpi_target = CellFigureField(max_digits=18, decimal_places=4)
    kpi_year = CellFiscalYearField(label="目標年度", required=False)
    department = CellLineField(max_length=80)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("kpi_baseline", "kpi_target"):
            unit = CellFigureField.unit_of(str(self.data.get(name, "")))
            if cleaned.get(name) is not None and unit and not cleaned.get("kpi_unit"):
                cleaned["kpi_unit"] = unit
        return cleaned


class PlanItemImport(ModelImport):
    key = "plan-items"
    label = "総合計画の項目"
    lead = (
        "基本目標・政策・施策などを、総合計画に取り込みます。1行に1項目の表（コードや階層の列）も、"
        "階層ごとに列のある表も読み取ります。計画の名前は、先に「総合計画」で登録してください。"
    )
    list_url = "municipalities:plan-list"
    model = PlanItem
    form_class = PlanItemRowForm
    columns = (
        *(
            Column(
                key=key,
                label=f"{number}段目の名称（{names[0]}など）",
                synonyms=names,
                hint="階層ごとに列がある表で使います。1行に1項目の表では空欄",
            )
            for number, (key, names) in enumerate(zip(LEVEL_KEYS, _LEVEL_SYNONYMS, strict=True), start=1)
        ),
        Column(
            key="level",
            label="階層の名前",
            synonyms=("階層", "区分", "レベル"),
            hint="基本目標、政策、施策など。1、2、3の数字でもよい",
            example="基本目標",
        ),
        Column(key="code", label="コード", synonyms=("番号", "施策コード", "体系コード", "No"), example="1"),
        Column(
            key="name",
            label="名称",
            synonyms=("項目", "項目名", "施策・事業名"),
            example="健やかに暮らせるまち",
            is_identity=True,
        ),
        Column(
            key="parent",
            label="上の階層",
            synonyms=("親コード", "上位コード", "上位施策", "親"),
            hint="上の項目のコードか名称。列があって空欄なら、いちばん上",
        ),
        Column(
            key="kpi_name",
            label="KPI（指標名）",
            synonyms=("KPI", "指標", "指標名", "成果指標"),
            example="健診受診率",
        ),
        Column(key="kpi_unit", label="単位", example="％"),
        Column(key="kpi_baseline", label="基準値", synonyms=("現状値", "基準"), example="45.2"),
        Column(key="kpi_target", label="目標値", synonyms=("目標",), example="60"),
        Column(
            key="kpi_year",
            label="目標年度",
            synonyms=("目標年", "達成年度"),
            hint="例：令和12年度、R12",
            example="令和12年度",
        ),
        Column(key="department", label="主管課", synonyms=("担当課", "所管課", "担当部署"), example="企画課"),
        Column(
            key="plan", label="総合計画", synonyms=("計画", "計画名"), hint="別の計画の行は取り込みません"
        ),
    )

    def __init__(self) -> None:
        self._nodes: dict[int, Node] = {}
        self._by: Any = None

    def required_columns(self) -> set[str]:
        return {"name", *LEVEL_KEYS}

    def options_for(self, user: Any) -> dict[str, Any]:
        plans = Plan.objects.managed_by(user).filter(municipality=user.municipality_id)
        choices = [("", "（選んでください）"), *((str(plan.pk), str(plan)) for plan in plans)]
        field = forms.ChoiceField(
            label="取込み先の総合計画",
            choices=choices,
            help_text="同じコード（コードがなければ同じ名称）の項目は更新し、ない項目は追加します。",
            error_messages={
                "required": "取込み先の総合計画を選んでください。"
                if len(choices) > 1
                else "総合計画が登録されていません。先に「総合計画」で計画を登録してください。"
            },
        )
        return {"plan": field}

    def preset(self, query: Mapping[str, str]) -> dict[str, Any]:
        plan = query.get("plan", "")
        return {"plan": plan} if plan.isdecimal() and len(plan) < 18 else {}

    @classmethod
    def may_import(cls, user: Any) -> bool:
        return access.may_import(user) and access.is_manager(user)

    # -- Judging ------------------------------------------------------------------------------------
    def prepare(self, rows: Sequence[LedgerRow], scope: Scope) -> dict[str, Any]:
        plans = Plan.objects.managed_by(scope.by).filter(municipality=scope.municipality)
        plan = plans.filter(pk=scope.options.get("plan") or 0).first()
        departments = Department.objects.filter(municipality=scope.municipality).valid(scope.today)
        used = {key for row in rows for key, text in row.cells.items() if text}
        return {
            "seen": {},
            "tree": Tree(plan, scope.headers, used) if plan else None,
            "departments": {folded(each.name): each for each in departments},
        }

    def judge_refused(self, judgement: Judgement, form: ImportRowForm, known: Any) -> None:
        """What hangs on a row that cannot be registered cannot be either."""
        if known["tree"] is not None:
            self._place(judgement, form, known["tree"])

    def judge(
        self, judgement: Judgement, form: ImportRowForm, answers: Mapping[str, str], scope: Scope, known: Any
    ) -> None:
        tree: Tree | None = known["tree"]
        if tree is None:
            judgement.refuse("", "取込み先の総合計画がありません。列の確認に戻って選び直してください。")
            return
        named = form.cleaned_data["plan"]
        if named and folded(named) not in {folded(str(tree.plan)), folded(tree.plan.name)}:
            judgement.outcome = ImportOutcome.SKIP
            judgement.warn("plan", f"「{tree.plan}」の行ではないため、取り込みません。")
            return
        node = self._place(judgement, form, tree)
        if node is None or judgement.errors:
            return
        if node.row is not None and node.row is not judgement.row:
            self._repeated(judgement, node.row)
            return
        node.row = judgement.row
        self._nodes[judgement.row.number] = node
        self._judge_values(judgement, form, node, known)
        if judgement.errors and node in tree.fresh:
            node.broken = _hangs_on(judgement)

    def _place(self, judgement: Judgement, form: ImportRowForm, tree: Tree) -> Node | None:
        """The node of the row; new ones of a refused row are broken."""
        was_refused = bool(judgement.errors)
        read = {key: value for key, value in form.cleaned_data.items() if isinstance(value, str)}
        cells = {key: read.get(key, text) for key, text in judgement.row.cells.items()}
        try:
            node, warnings = tree.place(cells)
        except Misplaced as error:
            if not was_refused:
                judgement.refuse(error.key, str(error))
            return None
        for key, message in warnings:
            judgement.warn(key, message)
        judgement.label = str(node.item)[:300]
        if was_refused:
            for each in tree.fresh:
                each.broken = each.broken or _hangs_on(judgement)
        elif node.broken:
            judgement.refuse("", node.broken)
        elif len(node.item.name) > 200:
            judgement.refuse("name", "名称は200文字までです。")
            node.broken = _hangs_on(judgement)
        return node

    def _repeated(self, judgement: Judgement, first: LedgerRow) -> None:
        if first.cells == judgement.row.cells:
            judgement.outcome = ImportOutcome.SKIP
            judgement.warn("", f"{first.number}行目と同じ内容のため、取り込みません。")
        else:
            judgement.refuse(
                "",
                f"{first.number}行目と同じ項目です。KPIは1項目に1つです。1行にまとめてください。",
            )

    def _judge_values(self, judgement: Judgement, form: ImportRowForm, node: Node, known: Any) -> None:
        stored = None if node.is_new else node.item
        cleaned = {**form.cleaned_data, "department": self._department(judgement, form, stored, known)}
        if cleaned["level"].isdecimal():
            cleaned["level"] = ""
        values = {name: cleaned[name] for name in _FIELDS if cleaned[name] not in (None, "")}
        code, name = self._own_words(form)
        values |= {key: text for key, text in (("code", code), ("name", name)) if text}
        has_figure = {"kpi_baseline", "kpi_target"} & values.keys()
        if has_figure and not values.get("kpi_name") and not node.item.kpi_name:
            judgement.refuse("kpi_name", "基準値・目標値には、KPI（指標名）を入力してください。")
        if judgement.errors:
            return
        judgement.values, judgement.target = values, stored
        if stored is None:
            for field, value in values.items():
                setattr(node.item, field, value)
        else:
            self.compare(judgement)

    def _own_words(self, form: ImportRowForm) -> tuple[str, str]:
        cleaned = form.cleaned_data
        filled = (cleaned[key] for key in ("name", *reversed(LEVEL_KEYS)) if cleaned[key])
        return code_and_name(next(filled, ""), cleaned["code"])

    def _department(
        self, judgement: Judgement, form: ImportRowForm, stored: PlanItem | None, known: Any
    ) -> Department | None:
        """A 課 that exists today, or the one that the node has."""
        text = form.cleaned_data["department"]
        if not text:
            return None
        own = stored.department if stored else None
        if own is not None and folded(own.name) == folded(text):
            return own
        found = known["departments"].get(folded(text))
        if found is None:
            judgement.refuse("department", f"「{text}」という課は登録されていません。")
        return found

    # -- Writing ------------------------------------------------------------------------------------
    def save(self, judged: Sequence[Judgement], scope: Scope, tell: Any) -> None:
        """In the order of the file, each after what it hangs on."""
        kept: list[tuple[Judgement, PlanItem, bool, dict[str, Any]]] = []
        if self._nodes:
            planning.lock(next(iter(self._nodes.values())).item.plan_id)
        for place, each in enumerate(judged, start=1):
            if each.outcome not in (ImportOutcome.CREATE, ImportOutcome.UPDATE):
                continue
            node, reason = self._nodes[each.row.number], scope.reason(each.row.number)
            for new in list(unsaved(node)):
                # Said again now that the parent has a key: `save` finds the place by it.
                new.item.parent = new.parent.item if new.parent else None
                new.item._change_reason = reason  # type: ignore[attr-defined]
                new.item.save()
                kept.append((each, new.item, True, {}))
            if each.outcome == ImportOutcome.UPDATE:
                before = to_json(each.target, each.values)
                for name, value in each.values.items():
                    setattr(each.target, name, value)
                each.target._change_reason = reason
                each.target.save()
                kept.append((each, each.target, False, before))
            tell(place, len(judged), "登録しています")
        stamps = newest_history(PlanItem, [item.pk for _each, item, _new, _before in kept])
        for each, item, is_new, before in kept:
            each.written.append(written(item, created=is_new, before=before, stamp=stamps[item.pk]))

    def undo(self, note: Mapping[str, Any], scope: Scope) -> str:
        self._by = scope.by
        return super().undo(note, scope)

    def take_away(self, instance: PlanItem) -> str:
        if instance.deleted_at is not None:
            return "すでに削除されています"
        if PlanItem.objects.alive().filter(parent=instance).exists():
            return "下の階層に項目があります"
        links: Any = instance
        if links.main_actions.exists() or links.sub_actions.exists() or links.agreement_links.exists():
            return "取組や協定が結び付いています"
        planning.delete_item(item=instance, by=self._by)
        return ""


def _hangs_on(judgement: Judgement) -> str:
    return f"上の階層（{judgement.row.number}行目）が登録できないため、登録できません。"
