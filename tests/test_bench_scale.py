"""`script/bench scale` keeps working: every line of its table, at a size that takes seconds."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_bench_scale_prints_every_line_of_its_table():
    command = [sys.executable, "script/bench.d/scale.py", "--only", "SQLite"]
    command += ["--sqlite", "60", "--rows", "5", "--runs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SECRET_KEY": "bench"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    for line in (
        "60 agreements written",
        "list page vs Django admin changelist",
        "search 「観光」",
        "search 「観光」 in one municipality",
        "search 「観光」 sorted by name",
        "search 「観光」, the page before the last",
        "keyset vs OFFSET",
        "import of 5 rows vs one by one",
        "xlsx of 5 rows vs openpyxl",
        "dashboard, system admin",
        "dashboard, one municipality",
        "the nation in numbers",
        "export of 60 rows: peak memory",
        "import of 60 rows: peak memory",
    ):
        assert line in run.stdout
