"""What a person may choose about a printout, the same for every kind of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from municipalities.wareki import format_wareki

from .renderer import Variant

#: The usual route of a decision. Whoever has another writes it on the print page, where it is remembered.
APPROVAL_BOXES = ("起案", "係長", "課長", "部長")


@dataclass(frozen=True, slots=True)
class PageChoices:
    """`boxes` is the 決裁欄; `hidden` are the columns and blocks left out.

    `is_marked` asks for 「内部用」; what holds internal matters bears the mark whatever was chosen.
    """

    boxes: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    issued_on: date | None = None
    is_marked: bool = False
    is_archive: bool = False

    @property
    def variant(self) -> Variant:
        return "pdf/a-3a" if self.is_archive else "pdf/ua-1"

    @property
    def issued(self) -> str:
        return f"発行日　{format_wareki(self.issued_on)}" if self.issued_on else ""

    def as_values(self) -> dict[str, Any]:
        """Plain values for a job."""
        return {
            "boxes": list(self.boxes),
            "hidden": sorted(self.hidden),
            "issued_on": self.issued_on.isoformat() if self.issued_on else "",
            "is_marked": self.is_marked,
            "is_archive": self.is_archive,
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> PageChoices:
        issued_on = values.get("issued_on")
        return cls(
            boxes=tuple(values.get("boxes", APPROVAL_BOXES)),
            hidden=frozenset(values.get("hidden", ())),
            issued_on=date.fromisoformat(issued_on) if issued_on else None,
            is_marked=bool(values.get("is_marked")),
            is_archive=bool(values.get("is_archive")),
        )


SHEET_CHOICES = PageChoices(boxes=APPROVAL_BOXES)
