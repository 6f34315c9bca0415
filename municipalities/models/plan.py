"""総合計画: a plan of a municipality and its tree (基本目標 > 政策 > 施策 > 事務事業, any depth)."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Length, Substr

from municipalities import access, fiscal_year
from municipalities.choices import PlanState

from .base import Recorded, history
from .department import Department
from .fields import LineField
from .municipality import Municipality

MAX_DEPTH = 12
LEVEL_NAMES = ("基本目標", "政策", "施策", "事務事業")
"""What the levels are usually called, from the top; every node may be called otherwise."""

_PLACE_DIGITS = 5
_STEP = _PLACE_DIGITS + 1  # a place and its "/"
_LAST_PLACE = 10**_PLACE_DIGITS - 1


class PlanQuerySet(models.QuerySet["Plan"]):
    def alive(self) -> "PlanQuerySet":
        return self.filter(deleted_at=None)

    def visible_to(self, user: Any) -> "PlanQuerySet":
        return self.alive().filter(access.own_municipality(user))

    def managed_by(self, user: Any) -> "PlanQuerySet":
        """Plans this person may edit."""
        return self.alive().filter(access.managed_municipality(user))

    def restorable_by(self, user: Any) -> "PlanQuerySet":
        return self.exclude(deleted_at=None).filter(access.managed_municipality(user))

    def current(self) -> "PlanQuerySet":
        """Plans in force: 施策 are chosen from them."""
        return self.filter(state=PlanState.CURRENT)


class Plan(Recorded):
    """総合計画: one version with its period in 年度. The next version names the one it follows."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="plans", verbose_name="自治体"
    )
    name = LineField("計画名", max_length=100, help_text="例：第六次総合計画")
    edition = LineField("版", max_length=60, blank=True, help_text="例：後期基本計画、令和8年度改定")
    first_year = models.PositiveSmallIntegerField("開始年度", null=True, blank=True)
    last_year = models.PositiveSmallIntegerField("終了年度", null=True, blank=True)
    state = models.CharField("状態", max_length=8, choices=PlanState, default=PlanState.DRAFT)
    predecessor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors", verbose_name="前の計画"
    )
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)

    history = history()
    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "総合計画"
        verbose_name_plural = "総合計画"
        ordering = ["municipality", F("first_year").desc(nulls_last=True), "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name", "edition"],
                condition=Q(deleted_at=None),
                name="plan_once",
                violation_error_message="同じ名前と版の計画がすでにあります。",
            ),
            models.CheckConstraint(
                condition=Q(first_year=None) | Q(last_year=None) | Q(first_year__lte=F("last_year")),
                name="plan_ends_after_start",
                violation_error_message="終了年度は開始年度以後にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(predecessor=None) | ~Q(predecessor=F("pk")),
                name="plan_follows_another",
                violation_error_message="自分自身を前の計画にはできません。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.edition}）" if self.edition else self.name

    def clean(self) -> None:
        super().clean()
        if self.predecessor and self.predecessor.municipality_id != self.municipality_id:
            raise ValidationError({"predecessor": "前の計画は同じ自治体の計画から選んでください。"})

    @property
    def period(self) -> str:
        """「令和3年度〜令和12年度」, "" when neither end is known."""
        if self.first_year is None and self.last_year is None:
            return ""
        ends = (fiscal_year.label(year) if year else "" for year in (self.first_year, self.last_year))
        return "〜".join(ends)


class PlanItemQuerySet(models.QuerySet["PlanItem"]):
    def alive(self) -> "PlanItemQuerySet":
        return self.filter(deleted_at=None, plan__deleted_at=None)

    def visible_to(self, user: Any) -> "PlanItemQuerySet":
        return self.alive().filter(access.own_municipality(user, "plan__"))

    def api_readable_by(self, principal: Any) -> "PlanItemQuerySet":
        return self.alive().filter(access.api_readable(principal, "plan__"))

    def managed_by(self, user: Any) -> "PlanItemQuerySet":
        return self.alive().filter(access.managed_municipality(user, "plan__"))

    def restorable_by(self, user: Any) -> "PlanItemQuerySet":
        """Deleted nodes this person may bring back."""
        deleted = self.exclude(deleted_at=None).filter(plan__deleted_at=None)
        return deleted.filter(access.managed_municipality(user, "plan__"))

    def choosable(self, municipality: Any) -> "PlanItemQuerySet":
        """Nodes of a municipality's plans in force, in the order of the tree: what an action may serve."""
        nodes = self.alive().filter(plan__municipality=municipality, plan__state=PlanState.CURRENT)
        return nodes.order_by("plan", "sort_key")

    def in_order(self) -> "PlanItemQuerySet":
        return self.order_by("plan", "sort_key")

    def subtree(self, item: "PlanItem") -> "PlanItemQuerySet":
        """The node and everything below it."""
        return self.filter(plan=item.plan_id, sort_key__startswith=item.sort_key)

    def matching(self, text: str) -> "PlanItemQuerySet":
        """Nodes whose code begins with, or whose name contains, each word."""
        found = self
        for word in text.split():
            found = found.filter(Q(code__istartswith=word) | Q(name__icontains=word))
        return found

    def named_so(self, text: str) -> "PlanItemQuerySet":
        """Nodes that a person means who writes 「code name」, the name or the code alone."""
        whole = Concat("code", Value(" "), "name", output_field=models.CharField())
        return self.alias(whole=whole).filter(Q(whole=text) | Q(name=text) | (Q(code=text) & ~Q(code="")))


class PlanItem(Recorded):
    """A node of the tree. `sort_key` is its place from the top (「00002/00001/」), kept by `save`:

    ordering by it walks the tree, and what begins with it is the subtree.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items", verbose_name="総合計画")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name="上の階層"
    )
    level = LineField("階層の名前", max_length=20, blank=True, help_text="例：基本目標、政策、施策、事務事業")
    code = LineField("コード", max_length=40, blank=True, help_text="例：1-2、52401")
    name = LineField("名称", max_length=200)
    order = models.PositiveIntegerField("並び順", default=0, help_text="空欄か0なら、いちばん後に並びます。")
    kpi_name = LineField("KPI（指標名）", max_length=120, blank=True)
    kpi_unit = LineField("単位", max_length=20, blank=True)
    kpi_baseline = models.DecimalField("基準値", max_digits=18, decimal_places=4, null=True, blank=True)
    kpi_target = models.DecimalField("目標値", max_digits=18, decimal_places=4, null=True, blank=True)
    kpi_year = models.PositiveSmallIntegerField("目標年度", null=True, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="plan_items", verbose_name="主管課"
    )
    sort_key = models.CharField("木の中の位置", max_length=MAX_DEPTH * _STEP, editable=False, default="")
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)

    history = history(excluded_fields=["sort_key"])
    objects = PlanItemQuerySet.as_manager()

    class Meta:
        verbose_name = "施策"
        verbose_name_plural = "施策（総合計画の項目）"
        ordering = ["plan", "sort_key", "pk"]
        indexes = [models.Index("plan", "sort_key", name="plan_item_tree")]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "code"],
                condition=~Q(code="") & Q(deleted_at=None),
                name="plan_item_code_once_below_parent",
                violation_error_message="同じ階層に同じコードの項目がすでにあります。",
            ),
            models.UniqueConstraint(
                fields=["plan", "code"],
                condition=~Q(code="") & Q(parent=None, deleted_at=None),
                name="plan_item_code_once_at_top",
                violation_error_message="同じ階層に同じコードの項目がすでにあります。",
            ),
            models.CheckConstraint(
                condition=Q(kpi_baseline=None, kpi_target=None) | ~Q(kpi_name=""),
                name="plan_item_figure_has_a_kpi",
                violation_error_message="基準値・目標値を入れるときは、KPI（指標名）も入力してください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}" if self.code else self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the place of the node, and of everything below it, in step with `parent` and `order`."""
        before = self.sort_key
        parent_key = self._parent_key()
        if not self.order or self._is_taken(parent_key):
            self.order = self._next_order()
        self.sort_key = f"{parent_key}{self.order:0{_PLACE_DIGITS}}/"
        if self.sort_key != before and kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "order", "sort_key"}
        super().save(*args, **kwargs)
        if before and before != self.sort_key:
            below = PlanItem.objects.filter(plan=self.plan_id, sort_key__startswith=before)
            tail = Substr("sort_key", len(before) + 1)
            below.exclude(pk=self.pk).update(sort_key=Concat(Value(self.sort_key), tail))

    def clean(self) -> None:
        super().clean()
        if self.department and self.department.municipality_id != self.plan.municipality_id:
            raise ValidationError({"department": "主管課は同じ自治体の課から選んでください。"})
        if self.parent is None:
            return
        if self.parent.plan_id != self.plan_id:
            raise ValidationError({"parent": "上の階層は同じ計画から選んでください。"})
        if self.pk and self.parent.is_within(self):
            raise ValidationError({"parent": "自分自身や、自分より下の項目の下には移せません。"})
        if self.parent.depth + 1 + self.height >= MAX_DEPTH:
            raise ValidationError({"parent": f"階層は{MAX_DEPTH}段までです。"})

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.plan.municipality_id

    @property
    def depth(self) -> int:
        """0 at the top."""
        return len(self.sort_key) // _STEP - 1

    @property
    def height(self) -> int:
        """How many levels hang below it."""
        if not self.pk:
            return 0
        keys = PlanItem.objects.filter(plan=self.plan_id, sort_key__startswith=self.sort_key)
        longest = keys.aggregate(longest=models.Max(Length("sort_key")))["longest"] or 0
        return max(longest - len(self.sort_key), 0) // _STEP

    @property
    def level_name(self) -> str:
        """Its own, or what its level is usually called."""
        return self.level or LEVEL_NAMES[min(self.depth, len(LEVEL_NAMES) - 1)]

    @property
    def has_kpi(self) -> bool:
        return bool(self.kpi_name)

    def is_within(self, other: "PlanItem") -> bool:
        """Whether it is the other node or hangs below it."""
        return self.plan_id == other.plan_id and self.sort_key.startswith(other.sort_key)

    def ancestors(self) -> "PlanItemQuerySet":
        """From the top down to its parent."""
        ends = range(_STEP, len(self.sort_key), _STEP)
        keys = [self.sort_key[:end] for end in ends]
        return PlanItem.objects.filter(plan=self.plan_id, sort_key__in=keys).order_by("sort_key")

    def siblings(self) -> "PlanItemQuerySet":
        """All nodes below the same parent, itself included, deleted ones too."""
        return PlanItem.objects.filter(plan=self.plan_id, parent=self.parent_id)

    def _parent_key(self) -> str:
        if self.parent_id is None:
            return ""
        # Not the instance at hand: a move may have changed the stored key since it was read.
        return PlanItem.objects.values_list("sort_key", flat=True).get(pk=self.parent_id)

    def _is_taken(self, parent_key: str) -> bool:
        key = f"{parent_key}{self.order:0{_PLACE_DIGITS}}/"
        if key == self.sort_key:
            return False
        return PlanItem.objects.filter(plan=self.plan_id, sort_key=key).exclude(pk=self.pk).exists()

    def _next_order(self) -> int:
        last = self.siblings().exclude(pk=self.pk).aggregate(last=models.Max("order"))["last"] or 0
        if last >= _LAST_PLACE:
            raise ValidationError("同じ階層の項目が多すぎます。")
        return last + 1


def with_ancestry(items: Iterable[PlanItem]) -> dict[int, str]:
    """「基本目標 › 政策」 above each node, by its key; one query for all."""
    items = list(items)
    keys = {
        (item.plan_id, item.sort_key[:end])
        for item in items
        for end in range(_STEP, len(item.sort_key), _STEP)
    }
    found = PlanItem.objects.filter(
        plan__in={plan for plan, _ in keys}, sort_key__in={key for _, key in keys}
    )
    names = {(node.plan_id, node.sort_key): str(node) for node in found}
    return {
        item.pk: " › ".join(
            names.get((item.plan_id, item.sort_key[:end]), "…")
            for end in range(_STEP, len(item.sort_key), _STEP)
        )
        for item in items
    }
