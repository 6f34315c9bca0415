"""Exports of a list: exactly what the list shows to the person who ordered it."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.utils import timezone

from agreements.actions.jobs import JobRefused, Run
from agreements.exports import Column, Kind
from agreements.exports.export_file import FORMATS, Missing, Result, write_export
from agreements.exports.writers import TooManyRows
from agreements.lists import LISTS, ListSpec
from agreements.printing.list_print import LIST_CHOICES, MOST_ROWS, PrintedColumn, print_list
from agreements.printing.page_choices import PageChoices
from agreements.printing.renderer import PrintError
from municipalities import audit
from municipalities.choices import AuditKind

from .sheets import keep_only_file

MOST_COLUMNS = 12


def selected(spec: ListSpec, query: str, rows: Sequence[int], user: Any) -> QuerySet | None:
    """The rows of this URL query in their order (only `rows` of them, if named); None if it is wrong."""
    filterset = spec.select(query, user)
    if not filterset.is_valid():
        return None
    return filterset.qs.filter(pk__in=rows) if rows else filterset.qs


def export_columns(spec: ListSpec, query: str, scope: str, user: Any) -> tuple[Column, ...]:
    return spec.table.columns if scope == "all" else spec.columns(spec.select(query, user))


def run(run: Run) -> None:
    """Write the file; with characters that CP932 lacks and no decision about them, say which and stop."""
    order = run.parameters
    spec = LISTS[order["list"]]
    today = timezone.localdate()
    found = selected(spec, order["query"], order["rows"], run.by)
    if found is None:
        raise JobRefused("一覧の条件が使えなくなりました。一覧を開き直して、もう一度書き出してください。")
    columns = export_columns(spec, order["query"], order["scope"], run.by)
    total = found.count()
    with tempfile.TemporaryFile() as target:
        try:
            result = write_list(
                target,
                order["format"],
                spec,
                order["query"],
                columns,
                lambda: _told(run, spec.table.rows(found, columns, user=run.by, today=today), total),
                accepts_missing=order["missing"] == "replace",
                user=run.by,
                today=today,
                page=PageChoices.from_values(order["page"]) if "page" in order else LIST_CHOICES,
            )
        except Missing as missing:
            run.report = {
                "notes": {
                    "ファイル": "まだ作っていません。Shift_JIS（CP932）にない文字があります。",
                    "ない文字": missing.spoken(),
                },
                "link": {
                    "url": order["back"],
                    "label": "書き出し方を選び直す（〓にする・UTF-8にする）",
                },
            }
            return
        except Unfit as unfit:
            raise JobRefused(str(unfit)) from unfit
        keep_only_file(
            run, target, file_name(spec, order["format"], today), FORMATS[order["format"]].content_type
        )
    run.report = {"notes": {"行数": f"{result.rows}件", **result.notes()}}
    record_export(spec, order["query"], order["format"], columns, result.rows, run.by)


class Unfit(ValueError):
    """The list does not fit into this kind of file; the message says what to do."""


def write_list(
    target: BinaryIO,
    form: str,
    spec: ListSpec,
    query: str,
    columns: Sequence[Column],
    portions: Callable[[], Iterable[list[Any]]],
    *,
    accepts_missing: bool,
    user: Any,
    today: date,
    page: PageChoices = LIST_CHOICES,
) -> Result:
    """Write the list as a file or a printout. Raises `Missing` and `Unfit`."""
    if form == "pdf":
        return _print(target, spec, query, columns, portions(), user, today, page)
    try:
        return write_export(target, form, spec.table, columns, portions, accepts_missing=accepts_missing)
    except TooManyRows as too_many:
        raise Unfit("Excel（xlsx）に入る行数を超えています。CSVで書き出してください。") from too_many


def _print(
    target: BinaryIO,
    spec: ListSpec,
    query: str,
    columns: Sequence[Column],
    portions: Iterable[list[Any]],
    user: Any,
    today: date,
    page: PageChoices,
) -> Result:
    if len(columns) > MOST_COLUMNS:
        raise Unfit(f"紙に収まるのは{MOST_COLUMNS}列までです。一覧で列を選び直してください。")
    rows: list[list[Any]] = []
    for portion in portions:
        rows += [[row[column.key] for column in columns] for row in portion]
        if len(rows) > MOST_ROWS:
            raise Unfit(f"印刷できるのは{MOST_ROWS:,}件までです。絞り込むか、Excelで書き出してください。")
    printed = [
        PrintedColumn(spec.heading(column), _print_width(column), column.kind is Kind.NUMBER)
        for column in columns
    ]
    try:
        pdf = print_list(
            title=f"{spec.noun}の一覧",
            conditions=spec.conditions(spec.select(query, user)),
            columns=printed,
            rows=rows,
            user=user,
            today=today,
            choices=page,
        )
    except PrintError as error:
        raise Unfit(str(error)) from error
    target.write(pdf)
    return Result(len(rows))


def _print_width(column: Column) -> str:
    if column.kind is Kind.DATE:
        return "w-31"
    if column.kind in (Kind.NUMBER, Kind.FLAG):
        return "w-16"
    return "w-28" if column.width <= 20 else ""


def _told(run: Run, portions: Iterator[list[Any]], total: int) -> Iterator[list[Any]]:
    done = 0
    for portion in portions:
        run.advance(done, total, step="書き出しています")
        yield portion
        done += len(portion)
    run.advance(done, total)


def record_export(
    spec: ListSpec, query: str, form: str, columns: Sequence[Column], rows: int, by: Any
) -> None:
    """Taking data out is recorded: what, by which conditions, how much."""
    audit.record(
        AuditKind.PRINT if form == "pdf" else AuditKind.EXPORT,
        actor=by,
        内容=f"{spec.noun}の一覧",
        書式=str(FORMATS[form].label),
        条件=spec.conditions(spec.select(query, by)),
        列=[column.header for column in columns],
        件数=rows,
    )


def file_name(spec: ListSpec, form: str, day: date) -> str:
    return f"{spec.noun}_{day:%Y%m%d}.{FORMATS[form].extension}"
