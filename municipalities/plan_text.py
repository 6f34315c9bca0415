"""Read a 総合計画 out of pasted text: indented lines, or columns copied from a sheet. Pure.

Three forms are understood:

- a table whose first row names its columns (「階層」「コード」「名称」「KPI」…), one node a row;
- a table with one column for each level (基本目標 | 政策 | 施策): a cell that repeats, or is empty, means the
  node above;
- lines, indented by spaces or tabs, with an optional code in front of the name.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from .fiscal_year import parse_label

MAX_ROWS = 1_000
MAX_LEVELS = 12
_LONGEST = {"name": 200, "code": 40, "level": 20, "kpi_name": 120, "kpi_unit": 20, "department": 80}
_NOUNS = {
    "name": "名称",
    "code": "コード",
    "level": "階層",
    "kpi_name": "KPI",
    "kpi_unit": "単位",
    "department": "主管課",
}
_COLUMNS = {
    "階層": "level",
    "階層の名前": "level",
    "区分": "level",
    "コード": "code",
    "施策コード": "code",
    "番号": "code",
    "名称": "name",
    "項目": "name",
    "項目名": "name",
    "KPI": "kpi_name",
    "指標": "kpi_name",
    "指標名": "kpi_name",
    "KPI(指標名)": "kpi_name",
    "単位": "kpi_unit",
    "基準値": "kpi_baseline",
    "現状値": "kpi_baseline",
    "目標値": "kpi_target",
    "目標年度": "kpi_year",
    "主管課": "department",
    "担当課": "department",
}
LEVEL_WORDS = (
    "基本目標",
    "基本方針",
    "政策",
    "分野",
    "基本施策",
    "施策",
    "主要施策",
    "事務事業",
    "事業",
    "大綱",
)
# 「1-2 名称」「52401　名称」「第1章 名称」「(1) 名称」: a code, then space, then the name.
_CODE = re.compile(
    r"""^(?P<code>
        (?=[A-Za-z]?[\s　:：.．-]|[0-9A-Za-z.．-]*[0-9])  # a word without a digit is no code
        [0-9A-Za-z]+(?:[-‐－.．][0-9A-Za-z]+)*[.．]?
        |[(（][0-9]+[)）]
        |第[0-9一二三四五六七八九十]+[章節項編]
    )[\s　:：]+(?P<name>\S.*)$""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A node as read; `line` is where it stood (from 1), `depth` 0 at the top."""

    line: int
    depth: int
    name: str
    code: str = ""
    level: str = ""
    kpi_name: str = ""
    kpi_unit: str = ""
    kpi_baseline: Decimal | None = None
    kpi_target: Decimal | None = None
    kpi_year: int | None = None
    department: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood, and what was not."""

    rows: tuple[PlanRow, ...]
    problems: tuple[Problem, ...]


class _NotUnderstood(ValueError):
    """Why a row is refused."""


def read_plan(text: str) -> Reading:
    """Understand the text; never raises for its content."""
    lines = [(number, line.rstrip()) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line) for number, line in lines if line.strip("\t \u3000")]
    if len(lines) > MAX_ROWS:
        return Reading((), (Problem(lines[MAX_ROWS][0], f"一度に貼り付けられるのは{MAX_ROWS}行までです。"),))
    if not lines:
        return Reading((), ())
    head = [_plain(cell) for cell in lines[0][1].split("\t")]
    if "name" in {_COLUMNS.get(cell) for cell in head} and len(head) > 1:
        rows, problems = _collect(_table(lines, head))
    elif len(head) > 1 and all(cell in LEVEL_WORDS for cell in head if cell):
        rows, problems = _collect(_level_columns(lines[1:], head))
    elif any("\t" in line.strip("\t \u3000") for _, line in lines):
        rows, problems = _collect(_level_columns(lines, []))
    else:
        rows, problems = _collect(_indented(lines))
    problems += list(_repeated_codes(rows))
    return Reading(tuple(rows), tuple(sorted(problems, key=lambda each: each.line)))


def split_code(text: str) -> tuple[str, str]:
    """「1-2 健康づくり」 → ("1-2", "健康づくり"); without a code ("", text)."""
    text = text.strip()
    found = _CODE.match(unicodedata.normalize("NFKC", text))
    if found is None:
        return "", text
    # The name stays as it was written: as many characters from the end as the name has.
    head, _, name = re.match(r"^(\S+)([\s　:：]+)(\S.*)$", text).groups()  # type: ignore[union-attr]
    return unicodedata.normalize("NFKC", head).rstrip("."), name


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def _collect(found: Iterator[PlanRow | Problem]) -> tuple[list[PlanRow], list[Problem]]:
    rows: list[PlanRow] = []
    problems: list[Problem] = []
    for each in found:
        if isinstance(each, Problem):
            problems.append(each)
        else:
            rows.append(each)
            problems += [Problem(each.line, message) for message in _too_long(each)]
    return rows, problems


def _too_long(row: PlanRow) -> Iterator[str]:
    if row.depth >= MAX_LEVELS:
        yield f"階層は{MAX_LEVELS}段までです。"
    if not row.name:
        yield "名称がありません。"
    for name, most in _LONGEST.items():
        length = len(getattr(row, name))
        if length > most:
            yield f"{_NOUNS[name]}は{most}文字までです（いまは{length}文字です）。"
    if not row.kpi_name and (row.kpi_baseline is not None or row.kpi_target is not None):
        yield "基準値・目標値がありますが、KPI（指標名）がありません。"


def _indented(lines: Sequence[tuple[int, str]]) -> Iterator[PlanRow | Problem]:
    widths: list[int] = []
    for number, line in lines:
        width = _width(line)
        while widths and width < widths[-1]:
            widths.pop()
        if not widths and number != lines[0][0] and width != _width(lines[0][1]):
            yield Problem(number, "字下げが、上のどの行ともそろっていません。")
            widths = [width]
        elif not widths or width > widths[-1]:
            before = widths[-1] if widths else None
            if before is not None and width != before:
                widths.append(width)
            elif before is None:
                widths = [width]
        code, name = split_code(line)
        yield PlanRow(number, len(widths) - 1, name, code)


def _width(line: str) -> int:
    """How far the line is indented, in half-width columns."""
    width = 0
    for char in line:
        if char == "\t":
            width += 4
        elif char == "\u3000":
            width += 2
        elif char == " ":
            width += 1
        else:
            break
    return width


def _level_columns(lines: Sequence[tuple[int, str]], head: Sequence[str]) -> Iterator[PlanRow | Problem]:
    above: list[str] = []
    for number, line in lines:
        cells = [cell.strip() for cell in line.split("\t")]
        for depth, cell in enumerate(cells):
            if not cell or (depth < len(above) and above[depth] == cell):
                continue
            if depth > len(above):
                yield Problem(number, f"「{cell}」の上の階層がありません。左の列から埋めてください。")
                break
            above[depth:] = [cell]
            code, name = split_code(cell)
            yield PlanRow(number, depth, name, code, level=head[depth] if depth < len(head) else "")


def _table(lines: Sequence[tuple[int, str]], head: Sequence[str]) -> Iterator[PlanRow | Problem]:
    names = [_COLUMNS.get(cell) for cell in head]
    for column, cell in zip(names, head, strict=True):
        if column is None and cell:
            yield Problem(lines[0][0], f"見出し「{cell}」は使えません。")
    order: list[str] = []  # the level words met so far, from the top
    before = -1
    for number, line in lines[1:]:
        cells = line.split("\t")
        values = {
            name: cell.strip() for name, cell in zip(names, cells, strict=False) if name and cell.strip()
        }
        try:
            depth = depth_of(values, order, before)
            yield _row(number, depth, values)
            before = depth
        except ValueError as error:
            yield Problem(number, str(error))


def depth_of(values: dict[str, str], order: list[str], before: int) -> int:
    """From 「階層」 (a number, or a word: the order in which words appear tells which is below which).

    Raises `ValueError` when the row above it is missing.
    """
    level = _plain(values.get("level", ""))
    if not level:
        code = _plain(values.get("code", ""))
        depth = len(re.split(r"[-.]", code)) - 1 if code else 0
    elif level.isdecimal():
        values.pop("level")
        depth = int(level) - 1
    else:
        if level not in order:
            order.append(level)
        depth = order.index(level)
    if depth < 0 or depth > before + 1:
        raise _NotUnderstood("上の階層の行がありません。上の階層から順に並べてください。")
    return depth


def _row(number: int, depth: int, values: dict[str, str]) -> PlanRow:
    figures = {name: _figure(values.pop(name, "")) for name in ("kpi_baseline", "kpi_target")}
    year = values.pop("kpi_year", "")
    return PlanRow(
        number,
        depth,
        values.get("name", ""),
        code=_plain(values.get("code", "")),
        level=values.get("level", ""),
        kpi_name=values.get("kpi_name", ""),
        kpi_unit=values.get("kpi_unit", ""),
        department=values.get("department", ""),
        kpi_year=parse_label(year) if year else None,
        **figures,
    )


def _figure(text: str) -> Decimal | None:
    if not text:
        return None
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise _NotUnderstood(f"「{text}」は数字として読めません。") from error
    exponent = value.as_tuple().exponent
    if not value.is_finite() or abs(value) >= 10**14 or (isinstance(exponent, int) and exponent < -4):
        raise _NotUnderstood(f"「{text}」は扱えません（整数14桁、小数4桁まで）。")
    return value


def _repeated_codes(rows: Sequence[PlanRow]) -> Iterator[Problem]:
    """The same code twice below one parent."""
    seen: list[dict[str, int]] = []
    for row in rows:
        seen[row.depth + 1 :] = []
        while len(seen) <= row.depth:
            seen.append({})
        if row.code and row.code in seen[row.depth]:
            yield Problem(row.line, f"コード「{row.code}」は{seen[row.depth][row.code]}行目にもあります。")
        elif row.code:
            seen[row.depth][row.code] = row.line
