"""What serves a plan: agreements, companies, actions of each subtree; a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from agreements.choices import ActionState, AgreementState
from agreements.models import ActionItem, Party, PlanLink
from municipalities.models import Plan, PlanItem

_OVER = (AgreementState.ENDED, AgreementState.DECLINED)


@dataclass(slots=True)
class NodeRow:
    """A node with what serves it or anything below it (keys)."""

    item: PlanItem
    is_leaf: bool = True
    agreements: set[int] = field(default_factory=set)
    companies: set[int] = field(default_factory=set)
    actions: set[int] = field(default_factory=set)

    @property
    def is_served(self) -> bool:
        return bool(self.agreements)


@dataclass(frozen=True, slots=True)
class Coverage:
    rows: list[NodeRow]

    @property
    def leaves(self) -> list[NodeRow]:
        return [row for row in self.rows if row.is_leaf]

    @property
    def unserved(self) -> list[NodeRow]:
        return [row for row in self.leaves if not row.is_served]

    @property
    def served_count(self) -> int:
        return len(self.leaves) - len(self.unserved)

    @property
    def agreements(self) -> set[int]:
        return set().union(*(row.agreements for row in self.rows))

    @property
    def actions(self) -> set[int]:
        return set().union(*(row.actions for row in self.rows))


def links_of(plan: Plan) -> Q:
    """What counts of an agreement: it is neither over nor deleted."""
    return Q(agreement__deleted_at=None, agreement__municipality=plan.municipality_id) & ~Q(
        agreement__state__in=_OVER
    )


def coverage_of(plan: Plan) -> Coverage:
    rows = [NodeRow(item) for item in plan.items.alive().select_related("plan", "department").in_order()]  # type: ignore[attr-defined]
    agreements, actions = _serving(plan)
    companies = _companies(set().union(*agreements.values()) if agreements else set())
    open_rows: list[NodeRow] = []
    for row in rows:
        while open_rows and not row.item.sort_key.startswith(open_rows[-1].item.sort_key):
            open_rows.pop()
        if open_rows:
            open_rows[-1].is_leaf = False
        open_rows.append(row)
        for above in open_rows:
            above.agreements |= agreements.get(row.item.pk, set())
            above.actions |= actions.get(row.item.pk, set())
    for row in rows:
        row.companies = {key for agreement in row.agreements for key in companies.get(agreement, ())}
    return Coverage(rows)


def _serving(plan: Plan) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """The agreements and the actions of each node itself, by its key."""
    agreements: dict[int, set[int]] = defaultdict(set)
    actions: dict[int, set[int]] = defaultdict(set)
    links = PlanLink.objects.filter(links_of(plan), plan_item__plan=plan)
    for item, agreement in links.values_list("plan_item", "agreement"):
        agreements[item].add(agreement)
    living = ActionItem.objects.alive().filter(links_of(plan)).exclude(state=ActionState.CANCELLED).order_by()
    for name in ("plan_item", "sub_plan_items"):
        found = living.filter(**{f"{name}__plan": plan}).values_list(name, "agreement", "pk")
        for item, agreement, action in found:
            agreements[item].add(agreement)
            actions[item].add(action)
    return agreements, actions


def _companies(agreements: set[int]) -> dict[int, set[int]]:
    companies: dict[int, set[int]] = defaultdict(set)
    parties = Party.objects.filter(agreement__in=agreements, company__isnull=False).order_by()
    for agreement, company in parties.values_list("agreement", "company"):
        companies[agreement].add(company)
    return companies
