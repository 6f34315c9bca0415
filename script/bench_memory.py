"""What `script/bench scale` measures of memory: a large export, a large import, each in its own process."""

import resource
import tempfile
import time
from typing import Any

LIMIT = 300
"""Megabytes that the process may take."""


def peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_memory(what: str, rows: int) -> int:
    """Prints a line for the "export" or "import" of so many rows; 1 when it takes more than `LIMIT`."""
    import django

    django.setup()
    before, started = peak(), time.perf_counter()
    written = {"export": _export, "import": _import}[what](rows)
    taken = time.perf_counter() - started
    verdict = "met" if peak() <= LIMIT else "MISSED"
    name = f"{what} of {written:,} rows: peak memory"
    note = f"{taken:,.0f} s, {written / taken:,.0f} rows/s, {before:,.0f} MB before"
    print(f"{name:44}{peak():>8,.0f} MB{'':21}  ≤{LIMIT} MB{'':9}{verdict:8}{note}")
    return int(verdict != "met")


def _export(rows: int) -> int:
    from django.http import QueryDict

    from agreements.exports.writers import write_xlsx
    from agreements.lists import LISTS
    from script.bench_scale import TODAY, _people

    admin = _people()[0]
    spec = LISTS["agreements"]
    filterset = spec.select(QueryDict(), admin)
    columns = spec.columns(filterset)
    written = 0

    def portions() -> Any:
        nonlocal written
        for portion in spec.table.rows(filterset.qs, columns, user=admin, today=TODAY):
            yield portion[: rows - written]
            written += len(portion)
            if written >= rows:
                return

    with tempfile.TemporaryFile() as target:
        write_xlsx(target, "協定", columns, portions())
    return min(written, rows)


def _import(rows: int) -> int:
    from django.db import transaction

    from script.bench_scale import import_ledger

    with transaction.atomic():
        import_ledger(rows)
        transaction.set_rollback(True)
    return rows
