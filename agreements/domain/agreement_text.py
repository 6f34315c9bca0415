"""The text of an agreement as one value: to keep a version of it, and to say what an amendment changes."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from agreements.domain.text_diff import Op, Piece, diff
from municipalities.wareki import format_wareki


@dataclass(frozen=True, slots=True)
class ItemText:
    """One 連携事項; `id` names the row it is, was or becomes, None for a new one."""

    text: str
    categories: tuple[str, ...] = ()
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementText:
    """What is written in an agreement and can be amended."""

    title: str = ""
    title_kana: str = ""
    purpose: str = ""
    first_expiry: date | None = None
    auto_renew: bool = False
    renewal_months: int | None = None
    notice_months: int | None = None
    notice_days: int | None = None
    renewal_text: str = ""
    items: tuple[ItemText, ...] = ()

    def values(self) -> dict[str, Any]:
        """Everything but the items, by the name of the field."""
        return {name: getattr(self, name) for name in VALUE_FIELDS}

    def as_json(self) -> dict[str, Any]:
        """Plain data to store; `from_json` reads it."""
        items = [
            {"id": item.id, "text": item.text, "categories": list(item.categories)} for item in self.items
        ]
        day = self.first_expiry.isoformat() if self.first_expiry else None
        return {**self.values(), "first_expiry": day, "items": items}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "AgreementText":
        day = data["first_expiry"]
        items = (ItemText(each["text"], tuple(each["categories"]), each["id"]) for each in data["items"])
        plain = {name: data[name] for name in VALUE_FIELDS}
        return cls(**{**plain, "first_expiry": day and date.fromisoformat(day), "items": tuple(items)})

    def wording(self) -> tuple[Any, ...]:
        """What makes two texts the same for a reader: neither ids nor 分野."""
        return (*self.values().values(), tuple(item.text for item in self.items))


VALUE_FIELDS = tuple(field.name for field in fields(AgreementText) if field.name != "items")


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the text, before and after, with the pieces that changed."""

    label: str
    pieces: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.op is not Op.SAME for piece in self.pieces)

    @property
    def kind(self) -> str:
        """追加, 削除, 変更 or "" when nothing changed."""
        ops = {piece.op for piece in self.pieces}
        if ops == {Op.ADDED}:
            return "追加"
        if ops == {Op.REMOVED}:
            return "削除"
        return "変更" if self.is_changed else ""


def compare(old: AgreementText, new: AgreementText) -> list[Difference]:
    """Every part of the two texts in the order of an agreement, but those empty on both sides."""
    return [
        *_compare_parts(_preamble(old), _preamble(new)),
        *_compare_items(old.items, new.items),
        *_compare_parts(_term(old), _term(new)),
    ]


def _preamble(text: AgreementText) -> dict[str, str]:
    return {"協定名称": text.title, "かな": text.title_kana, "目的": text.purpose}


def _term(text: AgreementText) -> dict[str, str]:
    renewal = f"自動更新する（{text.renewal_months}か月ごと）" if text.auto_renew else "自動更新しない"
    notice = "規定なし"
    if text.notice_months is not None:
        notice = f"満了の{text.notice_months}か月前"
    elif text.notice_days is not None:
        notice = f"満了の{text.notice_days}日前"
    return {
        "当初の満了日": format_wareki(text.first_expiry) if text.first_expiry else "",
        "更新": renewal,
        "通知期限": notice,
        "更新条件の原文": text.renewal_text,
    }


def _compare_parts(old: dict[str, str], new: dict[str, str]) -> Iterator[Difference]:
    for label, before in old.items():
        if before or new[label]:
            yield Difference(label, tuple(diff(before, new[label])))


def _compare_items(old: tuple[ItemText, ...], new: tuple[ItemText, ...]) -> Iterator[Difference]:
    """New items in their order, each beside the one it replaces; those left out stand where they stood."""
    kept = {item.id for item in new if item.id is not None}
    left_out = [(place, item) for place, item in enumerate(old, start=1) if item.id not in kept]
    known = {item.id: (place, item) for place, item in enumerate(old, start=1) if item.id is not None}
    for place, item in enumerate(new, start=1):
        while left_out and left_out[0][0] <= place:
            yield _removed(*left_out.pop(0))
        before, replaced = known.get(item.id, (place, None)) if item.id is not None else (place, None)
        moved = f"（元は({before})）" if before != place else ""
        yield Difference(
            f"連携事項({place}){moved}", tuple(diff(replaced.text if replaced else "", item.text))
        )
    for place, item in left_out:
        yield _removed(place, item)


def _removed(place: int, item: ItemText) -> Difference:
    return Difference(f"連携事項（元の({place})）", tuple(diff(item.text, "")))
