"""Bulk changes and their undoing: row by row, each noted in the transaction that does it."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from agreements.actions.bulk import Changed, change_row, undo_row
from agreements.actions.jobs import Run
from agreements.choices import RowOutcome
from agreements.models import BackgroundJob, JobRow


def run(run: Run) -> None:
    order = run.parameters
    today = timezone.localdate()

    def change(pk: int) -> Changed:
        return change_row(
            list_key=order["list"],
            action=order["action"],
            pk=pk,
            values=order["values"],
            reason=order["reason"],
            by=run.by,
            today=today,
        )

    _each(run, [(pk, change) for pk in order["rows"]], step="変更しています")


def run_undo(run: Run) -> None:
    source = BackgroundJob.objects.get(pk=run.parameters["job"])
    order = source.parameters
    rows = source.rows.filter(outcome=RowOutcome.DONE).order_by("number")  # type: ignore[attr-defined]

    def take_back(row: JobRow) -> Any:
        def undo(pk: int) -> Changed:
            return undo_row(
                list_key=order["list"],
                action=order["action"],
                pk=pk,
                before=row.before,
                after=row.after,
                reason=f"取消し：{source.title}"[:300],
                by=run.by,
                today=timezone.localdate(),
            )

        return undo

    _each(run, [(row.object_id or 0, take_back(row)) for row in rows], step="元に戻しています")


def _each(run: Run, work: list[tuple[int, Any]], *, step: str) -> None:
    rows: Iterable[int] = run.job.rows.values_list("number", flat=True)  # type: ignore[attr-defined]
    done = set(rows)  # by a run that was killed
    for number, (pk, act) in enumerate(work, start=1):
        run.advance(number - 1, len(work), step=step)
        if number in done:
            continue
        with transaction.atomic():
            changed: Changed = act(pk)
            JobRow.objects.create(
                job=run.job,
                number=number,
                agreement_id=changed.agreement,
                object_id=pk,
                label=changed.label,
                outcome=changed.outcome,
                message=changed.message,
                before=changed.before,
                after=changed.after,
            )
    run.advance(len(work), len(work))
    counts = dict(
        run.job.rows.order_by().values_list("outcome").annotate(Count("pk"))  # type: ignore[attr-defined]
    )
    run.report = {
        "notes": {str(outcome.label): f"{counts.get(outcome.value, 0)}件" for outcome in RowOutcome}
    }
