"""Exports and printed sheets of a list: exactly what the list shows to the person who ordered it."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO

from django.core.files.base import File
from django.db.models import QuerySet
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from agreements.actions.jobs import JobRefused, Run
from agreements.choices import RowOutcome
from agreements.exports import Column, Kind
from agreements.exports.export_file import FORMATS, Missing, Result, write_export
from agreements.exports.writers import TooManyRows
from agreements.lists import LISTS, ListSpec
from agreements.models import Agreement, JobRow
from agreements.printing.list_print import MOST_ROWS, PrintedColumn, print_list
from agreements.printing.renderer import PrintError
from agreements.printing.sheet import print_sheet
from municipalities import access, audit
from municipalities.choices import AuditKind

SHEETS_AT_ONCE = 500
_PRINTED_COLUMNS = 12
_SHEET_FIELDS = ("municipality", "department", "person_in_charge", "parent")


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
        keep_only(run, target, file_name(spec, order["format"], today), FORMATS[order["format"]].content_type)
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
) -> Result:
    """Write the list as a file or a printout. Raises `Missing` and `Unfit`."""
    if form == "pdf":
        return _print(target, spec, query, columns, portions(), user, today)
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
) -> Result:
    if len(columns) > _PRINTED_COLUMNS:
        raise Unfit(f"紙に収まるのは{_PRINTED_COLUMNS}列までです。一覧で列を選び直してください。")
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
        )
    except PrintError as error:
        raise Unfit("PDFを作れませんでした。システム管理者に伝えてください。") from error
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


def keep_only(run: Run, target: BinaryIO, name: str, content_type: str) -> None:
    target.seek(0, os.SEEK_END)
    size = target.tell()
    target.seek(0)
    content = File(target, name)
    content.size = size  # type: ignore[misc]
    # A run that was killed may have left its file.
    for old in run.job.files.all():  # type: ignore[attr-defined]
        old.file.delete(save=False)
        old.delete()
    run.keep_file(name=name, content_type=content_type, content=content)


def run_sheets(run: Run) -> None:
    """The 協定シート of many agreements in one PDF; one that cannot be printed stops no other."""
    order = run.parameters
    today = timezone.localdate()
    JobRow.objects.filter(job=run.job).delete()  # of a run that was killed: the file is made anew
    writer = PdfWriter()
    printed = 0
    with tempfile.TemporaryFile() as target:
        for number, pk in enumerate(order["rows"], start=1):
            run.advance(number - 1, len(order["rows"]), step="組版しています")
            visible = Agreement.objects.visible_to(run.by).select_related(*_SHEET_FIELDS)
            agreement = visible.filter(pk=pk).first()
            if agreement is None:
                _note(run, number, pk, None, RowOutcome.FAILED, "見つかりません。")
                continue
            internal = order["values"]["form"] == "internal" and access.may_see_internal(run.by, agreement)
            try:
                sheet = print_sheet(agreement, user=run.by, today=today, internal=internal)
            except PrintError as error:
                _note(run, number, pk, agreement, RowOutcome.FAILED, str(error))
                continue
            with tempfile.SpooledTemporaryFile() as file:
                file.write(sheet)
                file.seek(0)
                writer.append(PdfReader(file), outline_item=str(agreement))
            printed += 1
            _note(run, number, pk, agreement, RowOutcome.DONE, "")
        run.advance(len(order["rows"]), len(order["rows"]), step="ファイルにまとめています")
        if not printed:
            raise JobRefused("印刷できる協定がありませんでした。")
        writer.write(target)
        keep_only(run, target, f"協定シート_{today:%Y%m%d}.pdf", "application/pdf")
    run.report = {"notes": {"印刷した協定": f"{printed}件"}}
    audit.record(AuditKind.PRINT, actor=run.by, 内容="協定シート（まとめて）", 件数=printed, 処理=run.job.pk)


def _note(run: Run, number: int, pk: int, agreement: Any, outcome: RowOutcome, message: str) -> None:
    JobRow.objects.create(
        job=run.job,
        number=number,
        agreement=agreement,
        object_id=pk,
        label=str(agreement)[:300] if agreement else f"番号{pk}",
        outcome=outcome,
        message=message[:300],
    )
