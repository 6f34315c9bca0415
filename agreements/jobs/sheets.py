"""The 協定シート of many agreements, as one PDF or one zip; one that cannot be printed stops no other."""

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

from django.core.files.base import File
from django.utils import timezone

from agreements.actions.jobs import JobRefused, Run
from agreements.choices import RowOutcome
from agreements.models import Agreement, JobRow
from agreements.printing.bulk import BulkOrder, Outcome, Sheet, print_all, safe_name
from agreements.printing.page_choices import PageChoices
from agreements.printing.renderer import PrintError
from agreements.printing.sheet import build_sheet, sheet_html
from agreements.printing.sheet_json import sheet_json
from municipalities import access, audit
from municipalities.choices import AuditKind

SHEETS_AT_ONCE = 2_000
_RELATED = ("municipality", "department", "person_in_charge", "parent")
_READ_AT_ONCE = 50


def run(run: Run) -> None:
    values = run.parameters["values"]
    rows: list[int] = run.parameters["rows"]
    today = timezone.localdate()
    choices = PageChoices.from_values(values)
    as_zip = values.get("package") == "zip"
    order = BulkOrder(
        title=f"協定シート（{len(rows)}件）",
        variant=choices.variant,
        as_zip=as_zip,
        duplex=bool(values.get("duplex")),
    )
    JobRow.objects.filter(job=run.job).delete()  # of a run that was killed: the file is made anew
    sheets = _Sheets(run, choices, internal=values["form"] == "internal", today=today)
    printed = 0
    with tempfile.TemporaryFile() as target:
        try:
            outcomes = print_all(
                sheets, order, target, tell=lambda done: run.advance(done, len(rows), step="組版しています")
            )
            for outcome in outcomes:
                sheets.note(outcome)
                printed += not outcome.error
        except PrintError as error:
            raise JobRefused(str(error)) from error
        run.advance(len(rows), len(rows), step="ファイルにまとめています")
        if not printed:
            raise JobRefused("印刷できる協定がありませんでした。理由は「1件ずつの結果」にあります。")
        ending, content_type = ("zip", "application/zip") if as_zip else ("pdf", "application/pdf")
        keep_only_file(run, target, f"協定シート_{today:%Y%m%d}.{ending}", content_type)
    failed = len(rows) - printed
    notes = {"印刷した協定": f"{printed}件"}
    if failed:
        notes["印刷できなかった協定"] = f"{failed}件（理由は「1件ずつの結果」にあります）"
    run.report = {"notes": notes}
    audit.record(
        AuditKind.PRINT,
        actor=run.by,
        内容="協定シート（まとめて）",
        書式="内部用" if sheets.internal else "相手方用",
        形式="zip" if as_zip else "PDF",
        件数=printed,
        処理=run.job.pk,
    )


class _Sheets:
    """The sheets of the ordered agreements, as the person may see them now, read as they are needed."""

    def __init__(self, run: Run, choices: PageChoices, *, internal: bool, today: date) -> None:
        self.run, self.choices, self.internal, self.today = run, choices, internal, today
        self.rows: list[int] = run.parameters["rows"]
        self._waiting: dict[int, Agreement] = {}

    def __iter__(self) -> Iterator[Sheet]:
        numbered = list(enumerate(self.rows, start=1))
        for start in range(0, len(numbered), _READ_AT_ONCE):
            portion = numbered[start : start + _READ_AT_ONCE]
            visible = Agreement.objects.visible_to(self.run.by).select_related(*_RELATED)
            found = visible.in_bulk([pk for _number, pk in portion])
            for number, pk in portion:
                if pk in found:
                    self._waiting[number] = found[pk]
                    yield self._sheet(number, found[pk])
                else:
                    self._write(number, pk, None, "見つかりません。")

    def _sheet(self, number: int, agreement: Agreement) -> Sheet:
        user: Any = self.run.by
        internal = self.internal and access.may_see_internal(user, agreement)
        data = build_sheet(agreement, user=user, today=self.today, internal=internal, choices=self.choices)
        name = safe_name("_".join(filter(None, [data.ledger_number, data.title])))
        files = {}
        if self.choices.is_archive:
            content = sheet_json(agreement, data, user=user, today=self.today)
            in_zip = self.run.parameters["values"].get("package") == "zip"
            files["agreement.json" if in_zip else f"agreement_{number:04}.json"] = content
        return Sheet(number, sheet_html(data), f"{number:04}_{name}.pdf", files)

    def note(self, outcome: Outcome) -> None:
        agreement = self._waiting.pop(outcome.number)
        self._write(outcome.number, agreement.pk, agreement, outcome.error)

    def _write(self, number: int, pk: int, agreement: Agreement | None, error: str) -> None:
        JobRow.objects.create(
            job=self.run.job,
            number=number,
            agreement=agreement,
            object_id=pk,
            label=str(agreement)[:300] if agreement else f"番号{pk}",
            outcome=RowOutcome.FAILED if error else RowOutcome.DONE,
            message=error[:300],
        )


def keep_only_file(run: Run, target: BinaryIO, name: str, content_type: str) -> None:
    """Keep the finished file for the person; a run that was killed may have left one."""
    target.seek(0, os.SEEK_END)
    size = target.tell()
    target.seek(0)
    content = File(target, name)
    content.size = size  # type: ignore[misc]
    for old in run.job.files.all():  # type: ignore[attr-defined]
        old.file.delete(save=False)
        old.delete()
    run.keep_file(name=name, content_type=content_type, content=content)
