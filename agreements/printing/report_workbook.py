"""年度実績 as xlsx: one report, and the summary of a municipality. Numbers are numbers, dates in 和暦."""

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from agreements.domain.annual_report import LineContent, ReportContent, Totals
from municipalities import fiscal_year
from municipalities.wareki import format_wareki

_LINE_COLUMNS = (
    ("取組", "title", 36),
    ("施策", "plan_item", 28),
    ("担当課", "department", 16),
    ("基準値", "baseline_value", 10),
    ("目標値", "target_value", 10),
    ("実績値", "result_value", 10),
    ("単位", "unit", 8),
    ("達成率（％）", "achievement", 12),
    ("評価", "evaluation_label", 12),
    ("実施した内容", "result_text", 48),
    ("財源", "funding", 16),
    ("決算額（円）", "settled_yen", 16),
    ("効果額（円）", "effect_yen", 16),
    ("効果額の算定方法", "effect_method", 36),
    ("公開", "is_public", 8),
)
_INTERNAL = {"department", "funding", "settled_yen", "is_public"}


class _Sheet:
    """A worksheet that is written from the top down."""

    def __init__(self, book: xlsxwriter.Workbook, name: str) -> None:
        self.sheet = book.add_worksheet(name)
        self.head = book.add_format({"bold": True, "bg_color": "#E8F1FE", "border": 1, "text_wrap": True})
        self.cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True})
        self.number = book.add_format({"border": 1, "valign": "top", "num_format": "#,##0.##"})
        self.yen = book.add_format({"border": 1, "valign": "top", "num_format": "#,##0"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.row = 0

    def heading(self, text: str) -> None:
        self.sheet.write_string(self.row, 0, text, self.title)
        self.row += 2

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        for label, value in pairs:
            self.sheet.write_string(self.row, 0, label, self.head)
            self.sheet.write_string(self.row, 1, value, self.cell)
            self.row += 1
        self.row += 1

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        for column, text in enumerate(heads):
            self.sheet.write_string(self.row, column, text, self.head)
        self.row += 1
        for values in rows:
            for column, value in enumerate(values):
                self._write(column, value)
            self.row += 1

    def _write(self, column: int, value: Any) -> None:
        if value is None or value == "":
            self.sheet.write_blank(self.row, column, None, self.cell)
        elif isinstance(value, bool):
            self.sheet.write_string(self.row, column, "公開" if value else "非公開", self.cell)
        elif isinstance(value, int):
            self.sheet.write_number(self.row, column, value, self.yen)
        elif isinstance(value, Decimal):
            self.sheet.write_number(self.row, column, float(value), self.number)
        else:
            # Never a formula, whatever it begins with.
            self.sheet.write_string(self.row, column, str(value), self.cell)


def report_workbook(content: ReportContent, *, internal: bool) -> bytes:
    shown = content if internal else content.for_the_public()
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = _Sheet(book, "年度実績報告")
        sheet.heading(f"{fiscal_year.label(shown.year)}実績報告書　{shown.agreement}")
        sheet.facts(_facts(shown, internal))
        columns = [each for each in _LINE_COLUMNS if internal or each[1] not in _INTERNAL]
        for index, (_, _, width) in enumerate(columns):
            sheet.sheet.set_column(index, index, width)
        sheet.table([label for label, _, _ in columns], [_cells(line, columns) for line in shown.lines])
        sheet.row += 1
        sheet.facts(_sums(shown.totals, internal))
        if internal:
            sheet.facts(
                [
                    ("会議開催", shown.meetings),
                    ("課題", shown.issues),
                    ("来年度方針", shown.next_policy),
                    ("相手方のコメント", shown.partner_comment),
                ]
            )
    return buffer.getvalue()


def _cells(line: LineContent, columns: Sequence[tuple[str, str, int]]) -> list[Any]:
    return [getattr(line, name) for _, name, _ in columns]


def _facts(content: ReportContent, internal: bool) -> list[tuple[str, str]]:
    facts = [
        ("自治体", content.municipality),
        ("協定", content.agreement),
        ("相手方", "、".join(content.partners)),
        ("版", f"第{content.version}版"),
    ]
    if internal:
        facts += [
            ("管理番号", content.ledger_number),
            ("提出課", content.department),
            ("提出日", format_wareki(content.submitted_on) if content.submitted_on else ""),
            ("受理日", format_wareki(content.accepted_on) if content.accepted_on else ""),
            (
                "相手方の確認日",
                format_wareki(content.partner_confirmed_on) if content.partner_confirmed_on else "",
            ),
        ]
    return facts


def _sums(totals: Totals, internal: bool) -> list[tuple[str, str]]:
    sums = [
        ("取組件数", f"{totals.actions:,}件"),
        ("うち効果額換算できる件数", f"{totals.convertible:,}件"),
        ("効果額", f"{totals.effect_yen:,}円"),
    ]
    return [*sums, ("決算額", f"{totals.settled_yen:,}円")] if internal else sums


def summary_workbook(
    *,
    municipality: str,
    year: int,
    partners: int,
    totals: Totals,
    rows: Iterable[tuple[str, str, str, str, Totals]],
) -> bytes:
    """`rows`: (協定, 相手方, 提出課, 状態, its sums). The sums are those of accepted reports."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = _Sheet(book, "年度実績の集計")
        sheet.heading(f"{municipality}　{fiscal_year.label(year)}　包括連携協定の実績")
        sheet.table(
            ["相手方の数", "取組件数", "うち効果額換算できる件数", "効果額（円）", "決算額（円）"],
            [[partners, totals.actions, totals.convertible, totals.effect_yen, totals.settled_yen]],
        )
        sheet.row += 1
        for index, width in enumerate((44, 36, 24, 16, 14, 14, 18, 18)):
            sheet.sheet.set_column(index, index, width)
        sheet.table(
            [
                "協定",
                "相手方",
                "提出課",
                "報告の状態",
                "取組件数",
                "換算できる件数",
                "効果額（円）",
                "決算額（円）",
            ],
            [
                [*words, sums.actions, sums.convertible, sums.effect_yen, sums.settled_yen]
                for *words, sums in rows
            ],
        )
    return buffer.getvalue()
