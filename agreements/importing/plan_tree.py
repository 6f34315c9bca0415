"""Where each row of a file belongs in the tree of a 総合計画: by level columns, 上の階層, 階層 or code."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from municipalities.models import Plan, PlanItem
from municipalities.models.plan import MAX_DEPTH
from municipalities.plan_text import LEVEL_WORDS, depth_of, split_code

from .columns import plain_header
from .plan_names import names_of
from .row_form import folded, is_nothing

LEVEL_KEYS = tuple(f"level_{number}" for number in range(1, 6))


@dataclass(eq=False, slots=True)
class Node:
    """A node, stored or to be. `row`: the row that is about it; `broken`: why it cannot be registered."""

    item: PlanItem
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)
    row: Any = None
    broken: str = ""

    @property
    def is_new(self) -> bool:
        return self.item.pk is None

    def chain(self) -> list["Node"]:
        """From the top down to itself."""
        return [*(self.parent.chain() if self.parent else []), self]


class Misplaced(ValueError):
    """Where a row belongs cannot be said; `key` is the column that tells it wrongly."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Tree:
    """The plan with what the file adds to it, row by row."""

    def __init__(self, plan: Plan, headers: Mapping[str, str], used: Collection[str]) -> None:
        """`used`: the columns in which anything is written; an empty 「上の階層」 says nothing."""
        self.plan, self.headers, self.used = plan, headers, used
        self.top: list[Node] = []
        self.above: list[Node] = []
        """The way to the row above."""
        self.fresh: list[Node] = []
        """What the last row added."""
        self._named: dict[str, list[Node]] = {}
        self._levels: list[str] = []
        stored: dict[int, Node] = {}
        nodes = PlanItem.objects.alive().filter(plan=plan).select_related("department", "parent")
        for item in nodes.in_order():
            parent = stored.get(item.parent_id or 0)
            stored[item.pk] = self._hang(Node(item, parent))
            depth = len(stored[item.pk].chain()) - 1
            if depth == len(self._levels):
                self._levels.append(item.level_name)
        self.fresh = []

    def place(self, cells: Mapping[str, str]) -> tuple[Node, list[tuple[str, str]]]:
        """The node of this row, new ones hung in, and what to warn of. Raises `Misplaced`."""
        said = {
            key: "" if is_nothing(text) else text.strip() for key, text in cells.items() if key in self.used
        }
        way = self.above
        self.fresh = []
        self.above = []  # a row that cannot be placed leaves nothing to hang others on
        warnings: list[tuple[str, str]] = []
        if any(key in said for key in LEVEL_KEYS):
            node = self._by_columns(said, way, warnings)
        else:
            code, name = code_and_name(said.get("name", ""), said.get("code", ""))
            if not name:
                raise Misplaced("name", "名称を入力してください。")
            parent = self._parent(said, code, way)
            node = self._node(parent, code, name)
            if node.is_new and code and (twins := self._named.get(folded(code), [])) and len(twins) > 1:
                told = next((twin for twin in twins if twin is not node), node)
                warnings.append(("code", f"同じコードの「{told.item}」が別の場所にあります。"))
        self.above = node.chain()
        if len(self.above) > MAX_DEPTH:
            raise Misplaced("name", f"階層は{MAX_DEPTH}段までです。")
        return node, warnings

    # -- Level columns --------------------------------------------------------------------------------
    def _by_columns(self, said: Mapping[str, str], way: list[Node], warnings: list[tuple[str, str]]) -> Node:
        """基本目標 | 政策 | 施策: a cell that repeats, or is empty, means the node above."""
        keys = [key for key in LEVEL_KEYS if key in said]
        if said.get("name"):
            keys.append("name")
        filled = [place for place, key in enumerate(keys) if said[key]]
        if not filled:
            raise Misplaced(keys[0], "名称を入力してください。")
        node: Node | None = None
        for place, key in enumerate(keys[: filled[-1] + 1]):
            if not said[key]:
                if place >= len(way):
                    raise Misplaced(key, "上の階層がありません。左の列から埋めてください。")
                node = way[place]
                continue
            own_code = said.get("code", "") if place == filled[-1] else ""
            code, name = code_and_name(said[key], own_code)
            found = self._node(node, code, name)
            if place >= len(way) or way[place] is not found:
                way = way[:place]  # an empty cell further right is no repetition any more
            if found.is_new and not found.item.level:
                found.item.level = self._level_word(key)
            if not found.is_new and place < filled[-1] and folded(found.item.name) != folded(name):
                warnings.append((key, f"登録済みの「{found.item}」とみなします。名称は変えません。"))
            node = found
        return node  # type: ignore[return-value]  # the last filled cell has made it

    def _level_word(self, key: str) -> str:
        """「施策名（第2階層）」 → 施策."""
        header = self.headers.get(key, "").rpartition("／")[2]
        word = re.sub(r"(の?名称?|コード)$", "", plain_header(header))
        if word in LEVEL_WORDS or (key != "name" and 0 < len(word) <= 20):
            return word
        return ""

    # -- One node a row -------------------------------------------------------------------------------
    def _parent(self, said: Mapping[str, str], code: str, way: list[Node]) -> Node | None:
        if "parent" in said:
            return self._named_parent(said["parent"], way) if said["parent"] else None
        level = said.get("level", "")
        by_code = self._by_prefix(code, way)
        try:
            depth = depth_of({"level": level, "code": code}, self._levels, len(way) - 1)
        except ValueError as error:
            if by_code is not None:
                return by_code
            raise Misplaced("level" if level else "code", str(error)) from error
        if by_code is not None and (not level or len(by_code.chain()) == depth):
            return by_code
        if depth == 0:
            return None
        if not level and way[depth - 1].item.code:
            raise Misplaced("code", f"「{code}」の上の階層の行がありません。上の階層から順に並べてください。")
        return way[depth - 1]

    def _named_parent(self, text: str, way: list[Node]) -> Node:
        found = self._named.get(folded(text), [])
        on_the_way = [node for node in found if node in way]
        if on_the_way or len(found) == 1:
            return (on_the_way or found)[-1]
        if not found:
            raise Misplaced("parent", f"上の階層「{text[:20]}」がありません。上から順に並べてください。")
        raise Misplaced(
            "parent", f"上の階層「{text[:20]}」が{len(found)}件あります。コードで示してください。"
        )

    def _by_prefix(self, code: str, way: list[Node]) -> Node | None:
        """The node with the code 1-2 for 1-2-3."""
        prefix = re.sub(r"[-.．－‐][^-.．－‐]*$", "", code)
        if not prefix or prefix == code:
            return None
        found = [node for node in self._named.get(folded(prefix), []) if node.item.code]
        on_the_way = [node for node in found if node in way]
        if on_the_way or len(found) == 1:
            return (on_the_way or found)[-1]
        return None

    # -- Nodes ----------------------------------------------------------------------------------------
    def _node(self, parent: Node | None, code: str, name: str) -> Node:
        """The child of that code, or of that name where either has no code; else a new one."""
        siblings = parent.children if parent else self.top
        for child in siblings:
            if code and folded(child.item.code) == folded(code):
                return child
        for child in siblings:
            if folded(child.item.name) == folded(name) and not (code and child.item.code):
                return child
        item = PlanItem(plan=self.plan, code=code, name=name)
        return self._hang(Node(item, parent, broken=parent.broken if parent else ""))

    def _hang(self, node: Node) -> Node:
        (node.parent.children if node.parent else self.top).append(node)
        for name in names_of(node.item):
            self._named.setdefault(name, []).append(node)
        self.fresh.append(node)
        return node


def code_and_name(text: str, code: str) -> tuple[str, str]:
    """「1-2 健康づくり」 is a code and a name, unless another column tells the code."""
    found, name = split_code(text)
    if not code:
        return found, name
    return code, name if folded(found) == folded(code) else text


def unsaved(node: Node) -> Iterator[Node]:
    """What must be saved for it, from the top down."""
    return (each for each in node.chain() if each.is_new)
