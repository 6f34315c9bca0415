"""National scale: lists, search, deep pages, import, export and dashboard, as ratios in one run.

On PostgreSQL (--database, an empty database that is kept: a second run with the same number uses its rows
again) and on SQLite (a file that is thrown away). A million agreements take about ten minutes to write.

    script/bench scale --database postgres://user@host/renkei_bench [--agreements 1000000] [--sqlite 20000]
                       [--rows 2000] [--runs 7] [--only SQLite|PostgreSQL]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

EXPORTED, IMPORTED = 100_000, 10_000
"""Rows of the export and of the import whose memory is measured; no more than there are agreements."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", default=os.environ.get("BENCH_DATABASE_URL", ""))
    parser.add_argument("--agreements", type=int, default=1_000_000, help="on PostgreSQL")
    parser.add_argument("--sqlite", type=int, default=20_000, help="agreements on SQLite")
    parser.add_argument("--rows", type=int, default=2_000, help="rows imported and exported")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)  # one database, see below
    parser.add_argument("--memory", choices=["export", "import"], help=argparse.SUPPRESS)  # the same
    options = parser.parse_args()
    if options.memory:
        from script.bench_memory import measure_memory

        return measure_memory(options.memory, options.rows)
    if options.measure:
        from script.bench_scale import measure

        return measure(options.agreements, rows=options.rows, runs=options.runs)
    # Each database in its own process: Django is set up for one.
    failed = 0
    if options.only != "PostgreSQL":
        with tempfile.TemporaryDirectory() as folder:
            failed |= _run(f"sqlite:///{Path(folder) / 'bench.sqlite3'}", options.sqlite, options)
    if options.only != "SQLite":
        if options.database:
            failed |= _run(options.database, options.agreements, options)
        else:
            print("PostgreSQL: not measured. Name an empty database with --database.")
    return failed


def _run(database: str, agreements: int, options: argparse.Namespace) -> int:
    sizes = ["--agreements", agreements, "--rows", options.rows, "--runs", options.runs]
    failed = _call(database, "--measure", *sizes)
    failed |= _call(database, "--memory", "export", "--rows", min(EXPORTED, agreements))
    return failed | _call(database, "--memory", "import", "--rows", min(IMPORTED, agreements))


def _call(database: str, *arguments: object) -> int:
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
    }
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
