"""The municipality master: the 1,788 bodies of Japan as rows, from the CSV or from the postal code data.

No database and no clock: `parse` reads and checks a file, `derive` makes the rows out of Japan Post's data,
`to_csv` writes them. A body is known by its 全国地方公共団体コード: the five digits of JIS X 0401 and 0402,
and a check digit.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from . import municipality_code
from .choices import MunicipalityKind as Kind

MASTER_FILE = Path(__file__).parent / "data" / "municipalities.csv"

# The bodies Japan has. When a merger changes them, change these numbers on purpose and build the file again.
NATIONWIDE_COUNTS = {
    Kind.PREFECTURE: 47,
    Kind.DESIGNATED_CITY: 20,
    Kind.CITY: 772,
    Kind.SPECIAL_WARD: 23,
    Kind.TOWN: 743,
    Kind.VILLAGE: 183,
}

_PREFECTURE_CODES = [f"{number:02}" for number in range(1, 48)]
_LAST_CHARACTERS = {
    Kind.PREFECTURE: "都道府県",
    Kind.DESIGNATED_CITY: "市",
    Kind.CITY: "市",
    Kind.SPECIAL_WARD: "区",
    Kind.TOWN: "町",
    Kind.VILLAGE: "村",
}
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")


class MasterRow(NamedTuple):
    """One body. The fields are the columns of the CSV, in this order.

    `code` has six digits; `prefecture` is the prefecture's name (a prefecture's own); `county` is the 郡 of a
    town or village, else empty; `name_kana` is the reading of `name` in hiragana, without prefecture and 郡.
    """

    code: str
    kind: str
    prefecture: str
    county: str
    name: str
    name_kana: str


class PostalArea(NamedTuple):
    """Where a postal code lies: five-digit JIS X 0402 code, names, and their readings in katakana."""

    code: str
    prefecture: str
    city: str
    prefecture_kana: str
    city_kana: str


class MasterError(ValueError):
    """The rows are no municipality master. `problems` holds one Japanese sentence for each thing wrong."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


# --- The file ---


def read(path: Path) -> list[MasterRow]:
    """The checked rows of a master file. Raises `MasterError` when it cannot be read or is wrong."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MasterError(f"ファイルを開けません: {path}（{error.strerror}）") from error
    except UnicodeDecodeError as error:
        raise MasterError("文字コードが UTF-8 ではありません。UTF-8 の CSV で保存してください。") from error


def parse(text: str) -> list[MasterRow]:
    """The checked rows of a master CSV. Its first row names the columns, in any order; others are ignored.

    Raises `MasterError` with the line of each problem.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    numbered = []
    try:
        missing = [column for column in MasterRow._fields if column not in (reader.fieldnames or ())]
        if missing:
            raise MasterError(f"列がありません: {'、'.join(missing)}（1行目に列の名前が必要です）。")
        for values in reader:
            if None in values or None in values.values():
                raise MasterError(f"{reader.line_num}行目: 列の数が1行目と違います。")
            row = MasterRow(*(values[column].strip() for column in MasterRow._fields))
            numbered.append((f"{reader.line_num}行目", row))
    except csv.Error as error:
        raise MasterError(f"{reader.line_num}行目: CSV として読めません（{error}）。") from error
    _check(numbered)
    return [row for _, row in numbered]


def to_csv(rows: Iterable[MasterRow]) -> str:
    """The rows as CSV text sorted by code, lines ended by LF."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(MasterRow._fields)
    writer.writerows(sorted(rows))
    return text.getvalue()


# --- The checks ---


def check_nationwide(rows: Sequence[MasterRow]) -> None:
    """Checks every row, and that each kind has as many bodies as Japan has. Raises `MasterError`."""
    _check([(row.name, row) for row in rows])
    counts = Counter(row.kind for row in rows)
    problems = [
        f"{kind.label}の数が {expected} ではなく {counts[kind]} です。"
        for kind, expected in NATIONWIDE_COUNTS.items()
        if counts[kind] != expected
    ]
    if problems:
        raise MasterError(*problems)


def _check(placed: Sequence[tuple[str, MasterRow]]) -> None:
    """Checks rows, each with the words that say where it stands: first the codes, then what needs them."""
    code_problems = list(_code_problems(placed))
    if code_problems:
        raise MasterError(*code_problems)
    prefectures = {row.code[:2]: row.name for _, row in placed if row.code[2:5] == "000"}
    problems = [f"{place}: {problem}" for place, row in placed for problem in _row_problems(row, prefectures)]
    # A body that is not in the file counts as abolished, so half a file must not pass for a whole one.
    absent = [code for code in _PREFECTURE_CODES if code not in prefectures]
    if absent:
        problems.append(f"都道府県の行がありません（番号 {'、'.join(absent)}）。全国分のファイルが必要です。")
    if problems:
        raise MasterError(*problems)


def _code_problems(placed: Sequence[tuple[str, MasterRow]]) -> Iterator[str]:
    first_places: dict[str, str] = {}
    for place, row in placed:
        if not re.fullmatch(r"[0-9]{6}", row.code):
            hint = "表計算ソフトで保存すると、先頭の0が消えることがあります"
            yield f"{place}: コード「{row.code}」が6桁の数字ではありません（{hint}）。"
        elif not municipality_code.is_valid(row.code):
            yield f"{place}: コード {row.code} は正しくありません（検査数字が合いません）。"
        elif row.code in first_places:
            yield f"{place}: コード {row.code} は {first_places[row.code]}と重複しています。"
        first_places.setdefault(row.code, place)


def _row_problems(row: MasterRow, prefectures: dict[str, str]) -> Iterator[str]:
    if row.kind not in Kind.values:
        yield f"種類「{row.kind}」は使えません（{'、'.join(Kind.values)} のどれかです）。"
        return
    kind = Kind(row.kind)
    if row.name[-1:] not in [*_LAST_CHARACTERS[kind]]:
        yield f"名称「{row.name}」が種類（{kind.label}）と合いません。"
    if (kind == Kind.PREFECTURE) != (row.code[2:5] == "000"):
        yield f"コード {row.code} が種類（{kind.label}）と合いません。"
    if row.prefecture != prefectures.get(row.code[:2]):
        yield f"都道府県「{row.prefecture}」がコード {row.code} と合いません。"
    if row.county and (kind not in {Kind.TOWN, Kind.VILLAGE} or not row.county.endswith("郡")):
        yield f"郡「{row.county}」が正しくありません（郡に属するのは町村だけです）。"
    if not _HIRAGANA.fullmatch(row.name_kana):
        yield f"かな「{row.name_kana}」がひらがなではありません。"


# --- The derivation ---

_WARD = re.compile(r"(.+?市).+区")
_TOWN_OR_VILLAGE = re.compile(r"(.+?郡)?(.+[町村])")
# The addresses of two bodies repeat the island before the name.
_ISLANDS = (("三宅島", "ミヤケジマ"), ("八丈島", "ハチジョウジマ"))
# Japan Post writes one name with an older character than the town does: (code, as written) -> official.
_OFFICIAL_NAMES = {("40344", "須惠町"): "須恵町"}


def derive(areas: Iterable[PostalArea]) -> list[MasterRow]:
    """All bodies the areas lie in, sorted by code. Many areas share a body.

    Prefectures are part of every area; designated cities appear only inside the names of their wards, so the
    wards are gathered into the city. Raises `MasterError` when a name has none of the known forms. Whether
    the result is right and all of Japan is the question of `check_nationwide`.
    """
    rows = set()
    wards: defaultdict[tuple[str, str], list[PostalArea]] = defaultdict(list)
    for area in set(areas):
        rows.add(_row(f"{area.code[:2]}000", Kind.PREFECTURE, area, area.prefecture, area.prefecture_kana))
        if area.city.endswith("市"):
            rows.add(_row(area.code, Kind.CITY, area, area.city, area.city_kana))
        elif area.city.endswith("区") and area.code.startswith("131"):
            rows.add(_row(area.code, Kind.SPECIAL_WARD, area, area.city, area.city_kana))
        elif ward := _WARD.fullmatch(area.city):
            wards[area.prefecture, ward[1]].append(area)
        else:
            rows.add(_town_or_village(area))
    rows.update(_designated_city(city, wards_of_city) for (_, city), wards_of_city in wards.items())
    return sorted(rows)


def _row(code: str, kind: Kind, area: PostalArea, name: str, kana: str, county: str = "") -> MasterRow:
    full_code = code + municipality_code.check_digit(code)
    return MasterRow(full_code, kind.value, area.prefecture, county, name, _hiragana(kana))


def _town_or_village(area: PostalArea) -> MasterRow:
    match = _TOWN_OR_VILLAGE.fullmatch(area.city)
    if match is None:
        raise MasterError(f"コード {area.code} の「{area.city}」は市区町村の名称ではありません。")
    county, name, kana = match[1] or "", match[2], area.city_kana
    if county:
        # 郡 is read グン, but so is the 群 of 北群馬郡: the county ends with the グン of its last character.
        kana = re.sub(rf"^(?:.*?グン){{{county.count('群') + 1}}}", "", kana)
    for island, island_kana in _ISLANDS:
        if name.startswith(island):
            name, kana = name.removeprefix(island), kana.removeprefix(island_kana)
    name = _OFFICIAL_NAMES.get((area.code, name), name)
    return _row(area.code, Kind.TOWN if name.endswith("町") else Kind.VILLAGE, area, name, kana, county)


def _designated_city(name: str, wards: Sequence[PostalArea]) -> MasterRow:
    """The city of these wards. JIS X 0402 numbers wards on from their city's 100, 130, 140 or 150."""
    smallest = min(wards)
    numbers = (smallest.code[:2] + number for number in ("100", "130", "140", "150"))
    code = max(number for number in numbers if number < smallest.code)
    columns = zip(*(ward.city_kana for ward in wards), strict=False)
    shared = "".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))
    return _row(code, Kind.DESIGNATED_CITY, smallest, name, shared[: shared.rindex("シ") + 1])


def _hiragana(katakana: str) -> str:
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in katakana)
