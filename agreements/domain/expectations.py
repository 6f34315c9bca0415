"""すり合わせワークシート (domain.md §5): which step may follow, where the sides differ, what changed.

Whether the sides fit together is asked of the rules of the diagnosis (`diagnosis.alignment`): one definition
for the worksheet, the grade and the block before the 決裁.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from agreements.domain.diagnosis import Cost, Expectation, Finding, Item, Settings, Snapshot
from agreements.domain.diagnosis.alignment import E01, E02, E03, E05, E06
from agreements.domain.diagnosis.rule import Case, apply_rule
from agreements.domain.diagnosis.snapshot import Key
from agreements.domain.lifecycle import Blocker

WORKSHEET_RULES = (E03, E02, E01, E05, E06)
"""The rules that look at the worksheet, the heaviest first."""

BLOCKING_RULE = E03.id
HASH_LENGTH = 16


class RoundState(StrEnum):
    """How far a round has come."""

    FILLING = "filling"
    OPENED = "opened"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


# --- Steps ---


def opening_blockers(state: RoundState, *, own_submitted: bool, partner_arrived: bool) -> list[Blocker]:
    """What speaks against showing both sides to each other; [] when it may be done.

    Both must have spoken: who opened first would let the other write with the answer before its eyes.
    """
    if state is not RoundState.FILLING:
        return [Blocker("not_filling", "このワークシートは記入中ではありません。", "state")]
    found = []
    if not own_submitted:
        found.append(Blocker("own_missing", "自治体側の回答がまだ提出されていません。", "own"))
    if not partner_arrived:
        found.append(Blocker("partner_missing", "相手方の回答がまだ届いていません。", "partner"))
    return found


def confirmation_blockers(expectation: Expectation, *, label: str, agreed_wording: str) -> list[Blocker]:
    """What speaks against confirming one row, whose `expectation` has the agreed cost on both sides."""
    found = []
    if not agreed_wording.strip():
        found.append(
            Blocker(
                "no_wording", f"{label}の「合意した内容」を入力してから確認してください。", "agreed_wording"
            )
        )
    found += [
        Blocker("e03", f"{label}：{finding.message}", finding.place.field)
        for finding in mismatches([_item(expectation, label)], [expectation], rules=(E03,))
    ]
    return found


def _item(expectation: Expectation, label: str) -> Item:
    return Item(key=expectation.item or 0, text=label, label=label)


# --- Mismatches ---


def mismatches(
    items: Sequence[Item],
    expectations: Sequence[Expectation],
    *,
    today: date = date.min,
    own_label: str = "市",
    rules: Sequence[Any] = WORKSHEET_RULES,
) -> list[Finding]:
    """What the diagnosis finds in these rows of the worksheet, the heaviest rule first.

    `today` matters to E06 alone.
    """
    snapshot = Snapshot(items=tuple(items), expectations=tuple(expectations), own_label=own_label)
    # A day without a fiscal year before it: there are no actions, so only E06 asks for the day.
    case = Case.of(snapshot, max(today, date(2, 1, 1)), Settings())
    return [finding for rule in rules for finding in apply_rule(rule, case).findings]


def has_e03(items: Sequence[Item], expectations: Sequence[Expectation]) -> bool:
    """Whether the 決裁 is blocked: 有償 against 無償, or an expected order without a word on procurement."""
    return bool(mismatches(items, expectations, rules=(E03,)))


def settled(expectation: Expectation, cost: Cost | None) -> Expectation:
    """The row as both sides agreed on it: one cost for both. Without an agreed cost it stays as it is."""
    if cost is None:
        return expectation
    return Expectation(
        item=expectation.item,
        own_expects=expectation.own_expects,
        partner_expects=expectation.partner_expects,
        partner_expects_order=expectation.partner_expects_order,
        own_cost=cost,
        partner_cost=cost,
        cost_note="",
        procurement=expectation.procurement,
        not_to_do=expectation.not_to_do,
        own_confirmed_on=expectation.own_confirmed_on,
        partner_confirmed_on=expectation.partner_confirmed_on,
    )


# --- What changed ---


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One row in words: its item's key and name, its values by field, in the order of the sheet."""

    key: Key
    label: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowDifference:
    """One row that is not the same; `kind` is 追加, 削除 or 変更."""

    key: Key
    label: str
    kind: str
    fields: tuple[FieldDifference, ...]


def diff(before: Iterable[FilledRow], after: Iterable[FilledRow]) -> list[RowDifference]:
    """What became of the rows: those of `after` in their order, then those that are gone."""
    old = {row.key: row for row in before}
    new = {row.key: row for row in after}
    found = []
    for key, row in new.items():
        fields = tuple(_fields(old[key].values if key in old else {}, row.values))
        if key not in old:
            found.append(RowDifference(key, row.label, "追加", fields))
        elif fields:
            found.append(RowDifference(key, row.label, "変更", fields))
    for key, row in old.items():
        if key not in new:
            found.append(RowDifference(key, row.label, "削除", tuple(_fields(row.values, {}))))
    return found


def _fields(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[FieldDifference]:
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            yield FieldDifference(name, old, new)


# --- Versions ---


def version_hash(value: Any) -> str:
    """A short name of plain values (lists, dicts with text keys, text, numbers, None): others have another.

    It goes into files that the other side holds: never feed it what that side may not know. Few values (無償,
    有償) are guessed from a hash in no time.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_LENGTH]
