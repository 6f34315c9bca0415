"""Write the worksheet for a company: only its own cells can be written, with hints and drop-downs."""

import io
from typing import Any

import xlsxwriter

from agreements.choices import Side
from agreements.models.expectation_sheet import Sheet

from .layout import FIRST_ROW, FORMAT, HEADER_ROW, HIDDEN_SHEET, SHEET_NAME, Column, columns

_FONT = "BIZ UDPゴシック"
_MOST_YEN = 10**12


def write_workbook(sheet: Sheet) -> bytes:
    """The file for the company. `sheet` is what the company may see: `read_sheet(viewer=PARTNER)`."""
    if sheet.viewer != Side.PARTNER:
        raise ValueError("The file is made of what the company may see.")
    buffer = io.BytesIO()
    # Text stays text, whatever it begins with: no formula, no link comes of what somebody typed.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "すり合わせワークシート", "author": ""})
        page = book.add_worksheet(SHEET_NAME)
        _write_page(book, page, sheet)
        _write_hidden(book, sheet)
        page.activate()
    return buffer.getvalue()


def _write_page(book: Any, page: Any, sheet: Sheet) -> None:
    agreement = sheet.round.agreement
    base = {"font_name": _FONT, "font_size": 11, "valign": "top"}
    plain = book.add_format({**base})
    title = book.add_format({**base, "font_size": 16, "bold": True})
    note = book.add_format({**base, "text_wrap": True})
    boxed = {**base, "border": 1, "text_wrap": True}
    head = book.add_format({**boxed, "bold": True, "bg_color": "#E8F1FE", "valign": "vcenter"})
    locked = book.add_format({**boxed, "bg_color": "#F2F2F2"})
    yellow = {**boxed, "bg_color": "#FFF9DB", "locked": False}
    # 「@」: what looks like a number or a date stays what was typed.
    text, number = (
        book.add_format({**yellow, "num_format": "@"}),
        book.add_format({**yellow, "num_format": "#,##0"}),
    )

    page.write_string("A1", "すり合わせワークシート（相手方記入用）", title)
    page.write_string("A2", f"{agreement.municipality.name}　{agreement}", plain)
    page.write_string("A3", f"シート番号 {sheet.round.sheet_id}　版 {sheet.version()}　{sheet.round}", plain)
    page.merge_range("A4:H4", "", note)
    page.write_string(
        "A4",
        "黄色の欄だけに記入し、ファイルの形式（xlsx）を変えずに返送してください。"
        "行や列の追加、計算式の入力はしないでください。"
        + ("双方が記入を終えるまで、自治体側の回答はこの表に載りません。" if sheet.is_blind else ""),
        note,
    )
    page.set_row(3, 34)
    page.write_string("A5", "記入者（部署・氏名）", plain)
    page.merge_range("C5:D5", "", text)
    page.write_string("A6", "費用：無償＝請求しない、実費＝かかった分だけ、有償＝対価を請求する", plain)

    listed = columns(is_blind=sheet.is_blind)
    for at, column in enumerate(listed):
        page.set_column(at, at, column.width)
        page.write_string(HEADER_ROW - 1, at, column.heading, head)
    page.set_row(HEADER_ROW - 1, 34)
    for place, row in enumerate(sheet.rows):
        at_row = FIRST_ROW - 1 + place
        page.set_row(at_row, 110)
        for at, column in enumerate(listed):
            value = column.text(row)
            if column.is_number and value:
                page.write_number(at_row, at, int(value), number)
            else:
                style = (number if column.is_number else text) if column.is_open else locked
                page.write_string(at_row, at, value, style) if value else page.write_blank(
                    at_row, at, None, style
                )
    for at, column in enumerate(listed):
        if column.is_open and sheet.rows:
            last = FIRST_ROW - 2 + len(sheet.rows)
            page.data_validation(FIRST_ROW - 1, at, last, at, _validation(column))
    page.protect(options={"format_rows": True, "format_columns": True, "select_locked_cells": True})
    page.freeze_panes(HEADER_ROW, 2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEADER_ROW - 1)
    page.set_footer(f"&L{sheet.round.sheet_id}&R&P / &N")


def _validation(column: Column) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "input_title": column.heading[:32],
        "input_message": column.hint[:255],
        "ignore_blank": True,
        "error_title": "入力できません",
    }
    if column.choices:
        message = "一覧から選んでください。"
        return {**rule, "validate": "list", "source": list(column.choices), "error_message": message}
    if column.is_number:
        return {
            **rule,
            "validate": "integer",
            "criteria": "between",
            "minimum": 0,
            "maximum": _MOST_YEN,
            "error_message": "0以上の数字で入力してください。",
        }
    return {
        **rule,
        "validate": "length",
        "criteria": "<=",
        "value": column.longest,
        "error_message": f"{column.longest}文字以内で入力してください。",
    }


def _write_hidden(book: Any, sheet: Sheet) -> None:
    """Where the file tells us which sheet it is, in which version, and which row is which."""
    hidden = book.add_worksheet(HIDDEN_SHEET)
    hidden.write_column(
        0, 0, [FORMAT, sheet.round.sheet_id, sheet.version(), *(str(row.row.pk) for row in sheet.rows)]
    )
    hidden.protect()
    hidden.very_hidden()
