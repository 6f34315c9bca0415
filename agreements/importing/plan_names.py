"""施策 as ledgers name them: 「1-2 健康づくり」, the code or the name alone."""

from collections.abc import Iterable
from typing import Any

from municipalities.choices import PlanState
from municipalities.models import Municipality, PlanItem

from .row_form import folded


class PlanNames:
    """The nodes of a municipality's plans under all their names; those in force come first."""

    def __init__(self, municipality: Municipality) -> None:
        nodes = PlanItem.objects.alive().filter(plan__municipality=municipality)
        self._named: dict[str, list[PlanItem]] = {}
        for node in nodes.select_related("plan").in_order():
            for name in names_of(node):
                self._named.setdefault(name, []).append(node)

    def find(self, text: str, *, before: Iterable[PlanItem | None] = ()) -> PlanItem:
        """The node that is meant. `before`: what the record has already, also of a plan that is over.

        Raises `ValueError` with a sentence for the cell.
        """
        wanted = folded(text)
        for node in before:
            if node is not None and wanted in names_of(node):
                return node
        found = self._named.get(wanted, [])
        current = [node for node in found if node.plan.state == PlanState.CURRENT]
        if len(current) == 1:
            return current[0]
        if not found:
            raise ValueError(f"「{text[:30]}」という施策は、総合計画に登録されていません。")
        count = len(current or found)
        if count > 1:
            raise ValueError(f"「{text[:30]}」の施策が{count}件あります。「コード 名称」で指定してください。")
        raise ValueError(
            f"「{found[0]}」の計画は「計画期間中」ではありません。いまの計画から選んでください。"
        )


def names_of(node: Any) -> set[str]:
    return {folded(name) for name in (node.code, node.name, str(node)) if name}
