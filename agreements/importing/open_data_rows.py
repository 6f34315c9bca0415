"""Rows of our own open data, read back without loss: parties in their order, items with their 分野.

The table (`agreements.open_table`) is mapped like any ledger; what only it has stands in columns that no
ledger maps and is read here by its heading.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from agreements.actions.drafts import ItemDraft
from agreements.choices import FieldCategory, PartyRole
from agreements.domain import corporate_number
from agreements.models import Party
from agreements.open_table import BETWEEN, COLUMNS, CONTINUED
from municipalities import municipality_code

from .columns import plain_header
from .importable import LedgerRow, Scope

HEADINGS = frozenset(plain_header(name) for name, _ in COLUMNS)
_CODE, _PARTIES = "全国地方公共団体コード", "当事者"
_ROLES = {str(role.label): role.value for role in PartyRole}
_HEADINGS = ("当事者", "当事者の呼称", "締結者の職名", "締結者の氏名")
_LENGTHS = tuple(
    int(Party._meta.get_field(name).max_length or 0)  # type: ignore[union-attr]
    for name in ("name_as_signed", "label", "signatory_title", "signatory_name")
)
_MOST_ITEMS, _LONGEST_ITEM = 100, 2_000
_ITEM = re.compile(r"\(([0-9]{1,4})\) ?(.*)")


@dataclass(frozen=True, slots=True)
class OpenParty:
    name: str
    number: str | None = None
    code: str = ""
    label: str = ""
    role: str = PartyRole.SIGNATORY
    signatory_title: str = ""
    signatory_name: str = ""


@dataclass(frozen=True, slots=True)
class OpenRow:
    """What only the open data say of an agreement. `items`: None where their 分野 are not told one by one."""

    code: str
    body: str
    identity: str
    parties: tuple[OpenParty, ...]
    texts: tuple[str, ...]
    items: tuple[ItemDraft, ...] | None
    extended_to: date | None
    origin: str


def is_open_table(headers: Sequence[str]) -> bool:
    """Whether these are the headings of our agreements as open data (those of 取組 have no parties)."""
    return {_CODE, _PARTIES} <= set(headers)


def is_open_data(row: LedgerRow, scope: Scope) -> bool:
    return scope.headers.get("partners") == _PARTIES and municipality_code.is_valid(row.others.get(_CODE, ""))


def open_row(row: LedgerRow) -> OpenRow:
    """Raises `ValueError` with what is wrong, in Japanese."""
    others = row.others
    texts = read_items(row.cells.get("items", ""))
    if len(texts) > _MOST_ITEMS or any(len(text) > _LONGEST_ITEM for text in texts):
        raise ValueError(f"連携事項は、{_LONGEST_ITEM:,}文字までのものを{_MOST_ITEMS}件まで取り込めます。")
    day = others.get("更新で延ばした満了日", "")
    try:
        extended_to = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise ValueError(f"更新で延ばした満了日「{day[:20]}」は、日付として読み取れません。") from error
    published = f"（第{others.get('版', '')}版、{others.get('公開日', '')}公開）"
    return OpenRow(
        code=others[_CODE],
        body=others.get("市区町村名", ""),
        identity=others.get("ID", ""),
        parties=_parties(row.cells, others),
        texts=texts,
        items=_items(texts, others.get("連携事項ごとの分野", "")),
        extended_to=extended_to,
        origin=f"オープンデータ：{others['URL']}{published}" if others.get("URL") else "",
    )


def read_items(text: str) -> tuple[str, ...]:
    """The texts of 「(1) …」「(2) …」: a line with the very next number begins the next one."""
    texts: list[str] = []
    for line in text.splitlines():
        match = _ITEM.fullmatch(line)
        if match and int(match[1]) == len(texts) + 1:
            texts.append(match[2])
        elif texts:
            texts[-1] += f"\n{line.removeprefix(CONTINUED)}"
        elif line.strip():
            texts.append(line)
    return tuple(texts)


def _items(texts: Sequence[str], categories: str) -> tuple[ItemDraft, ...] | None:
    lines = read_items(categories)
    if len(lines) != len(texts) or not texts:
        return None
    items = []
    for text, line in zip(texts, lines, strict=True):
        codes = tuple(filter(None, (each.strip() for each in line.split(BETWEEN))))
        if unknown := next((code for code in codes if code not in FieldCategory.values), ""):
            raise ValueError(f"分野の番号「{unknown[:10]}」はありません。")
        items.append(ItemDraft(text=text, categories=codes))
    return tuple(items)


def _parties(cells: Mapping[str, str], others: Mapping[str, str]) -> tuple[OpenParty, ...]:
    names = _parted(cells.get("partners", ""))
    columns = [
        _parted(text)
        for text in (
            cells.get("corporate_number", ""),
            *(
                others.get(heading, "")
                for heading in (
                    "当事者の団体コード",
                    "当事者の呼称",
                    "当事者の役割",
                    "締結者の職名",
                    "締結者の氏名",
                )
            ),
        )
    ]
    if any(len(each) > len(names) for each in columns):
        raise ValueError("当事者より多くの値が入った列があります。「；」の数を確かめてください。")
    parties = []
    for name, number, code, label, role, title, person in zip_longest(names, *columns, fillvalue=""):
        if not name:
            raise ValueError("名称のない当事者があります。「；」の数を確かめてください。")
        for heading, value, most in zip(_HEADINGS, (name, label, title, person), _LENGTHS, strict=True):
            if len(value) > most or "\n" in value:
                raise ValueError(f"{heading}「{value[:20]}…」は、{most}文字までの1行にしてください。")
        if role and role not in _ROLES:
            raise ValueError(f"当事者の役割「{role[:20]}」はありません。")
        parties.append(
            OpenParty(
                name=name,
                number=corporate_number.normalise(number) if number else None,
                code=code,
                label=label,
                role=_ROLES.get(role, PartyRole.SIGNATORY),
                signatory_title=title,
                signatory_name=person,
            )
        )
    return tuple(parties)


def _parted(text: str) -> list[str]:
    return [each.strip() for each in text.split(BETWEEN)] if text.strip() else []
