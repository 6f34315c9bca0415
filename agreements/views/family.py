"""The family of an agreement: what it hangs on, what hangs on it, what took whose place."""

from dataclasses import dataclass, field
from typing import Any

from agreements.actions.succession import find_blockers
from agreements.domain.lifecycle import Blocker
from agreements.forms.move_forms import MoveForm
from agreements.forms.succession_forms import SuccessorForm
from agreements.models import Agreement
from municipalities import access

from .moves import StepView

_DEEPEST = 10
_MOST = 200
"""Generations and agreements shown; no real family comes near."""


@dataclass(slots=True)
class FamilyNode:
    """One agreement with those that hang on it; the others as far as the reader may know them."""

    agreement: Agreement
    is_here: bool
    children: list["FamilyNode"] = field(default_factory=list)
    replaces: list[Agreement] = field(default_factory=list)
    replaced_by: Agreement | None = None


def family_tree(agreement: Agreement, user: Any) -> FamilyNode | None:
    """The tree from the topmost ancestor the reader may see; None for an agreement without a family.

    What the reader may not see is left out with everything below it: not even its number is told. The number
    of queries grows with the generations, not with the agreements.
    """
    visible = Agreement.objects.visible_to(user).select_related("municipality")
    top, seen = agreement, {agreement.pk}
    while top.parent_id and top.parent_id not in seen and len(seen) < _DEEPEST:
        parent = visible.filter(pk=top.parent_id).first()
        if parent is None:
            break
        top = parent
        seen.add(top.pk)
    root = FamilyNode(top, is_here=top.pk == agreement.pk)
    nodes = _with_descendants(root, agreement, visible)
    _link_successors(nodes, visible)
    is_alone = len(nodes) == 1 and not root.replaces and root.replaced_by is None
    return None if is_alone else root


def _with_descendants(root: FamilyNode, here: Agreement, visible: Any) -> dict[int, FamilyNode]:
    """All nodes by key; the children are hung on their parents."""
    nodes = {root.agreement.pk: root}
    generation = [root.agreement.pk]
    for _ in range(_DEEPEST):
        rows = visible.filter(parent__in=generation).exclude(pk__in=nodes).order_by("signed_on", "pk")
        born = list(rows[: _MOST - len(nodes)]) if generation else []
        for child in born:
            node = FamilyNode(child, is_here=child.pk == here.pk)
            nodes[child.pk] = node
            nodes[child.parent_id].children.append(node)
        generation = [child.pk for child in born]
        if not generation:
            break
    return nodes


def _link_successors(nodes: dict[int, FamilyNode], visible: Any) -> None:
    wanted = {node.agreement.successor_id for node in nodes.values() if node.agreement.successor_id}
    successors = visible.in_bulk(wanted) if wanted else {}
    for node in nodes.values():
        node.replaced_by = successors.get(node.agreement.successor_id)
    for old in visible.filter(successor__in=nodes).order_by("signed_on", "pk")[:_MOST]:
        nodes[old.successor_id].replaces.append(old)


class SuccessorView(StepView):
    """移行先の協定を登録する."""

    def may_act(self) -> bool:
        return access.may_edit(self.request.user, self.agreement)

    def form_class(self) -> type[MoveForm] | None:
        return None if self.blockers() else SuccessorForm

    def blockers(self) -> list[Blocker]:
        return find_blockers(self.agreement)
