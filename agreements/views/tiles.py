"""The prefectures as tiles of a map, each as dark as it has agreements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agreements.domain.tile_map import TILES
from municipalities.prefectures import PREFECTURES

TILE = 40


@dataclass(frozen=True, slots=True)
class PrefectureTile:
    """One prefecture on the map, with the list its number leads to ("" where it leads nowhere)."""

    name: str
    count: int
    x: int
    y: int
    url: str

    @property
    def short(self) -> str:
        """「東京」「北海道」: what fits into a tile."""
        return self.name if self.name == "北海道" else self.name[:-1]

    @property
    def level(self) -> int:
        """How dark: 0 for none, then by tens."""
        return min(len(str(self.count)), 3) if self.count else 0

    @property
    def middle(self) -> int:
        return self.x + TILE // 2


def prefecture_tiles(
    counts: Mapping[str, int], url_of: Callable[[str], str] = lambda code: ""
) -> list[PrefectureTile]:
    """All 47; `counts` and `url_of` go by the code of the prefecture."""
    return [
        PrefectureTile(
            PREFECTURES[code],
            counts.get(code, 0),
            column * TILE,
            row * TILE,
            url_of(code) if counts.get(code) else "",
        )
        for code, (column, row) in TILES.items()
    ]
