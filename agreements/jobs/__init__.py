"""What runs in the background: for each kind of job the function that does it."""

from collections.abc import Callable

from django.utils import timezone

from agreements.actions.jobs import Run, next_waiting, run_job
from agreements.choices import JobKind

from . import bulk, export, imports, sheets, site

FUNCTIONS: dict[str, Callable[[Run], None]] = {
    JobKind.BULK: bulk.run,
    JobKind.BULK_UNDO: bulk.run_undo,
    JobKind.EXPORT: export.run,
    JobKind.SHEETS: sheets.run,
    JobKind.IMPORT_CHECK: imports.check,
    JobKind.IMPORT: imports.register,
    JobKind.IMPORT_UNDO: imports.undo,
    JobKind.SITE: site.run,
}
"""One line for each `JobKind`. How a function must be written: `agreements.actions.jobs`."""


def run_one(pk: int) -> None:
    run_job(pk, FUNCTIONS)


def run_waiting() -> int:
    """Every job that waits or whose process was killed, one after the other; returns how many."""
    done = 0
    while (pk := next_waiting(timezone.now())) is not None:
        run_one(pk)
        done += 1
    return done
