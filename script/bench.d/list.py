"""Lists: our list page against Django admin's changelist over the same agreements, in turns, on SQLite.

All pages are asked for through the whole middleware by the same system admin, 50 rows each; the medians are
compared. "Plain" is a `ModelAdmin` with the same columns and otherwise as Django makes it; "tuned"
is our own admin page (no full count, relations fetched together). Goal: ours at least 20 times faster than
the plain one and in at most 8 queries for the list itself.

    script/bench list [--agreements 20000] [--runs 15]
"""

import argparse
import io
import os
import statistics
import tempfile
import time
from pathlib import Path

GOAL = 20.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agreements", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
        measure(options.agreements, options.runs)


def measure(agreements: int, runs: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from municipalities.models import StaffMember
    from script.bench_admin import use_plain_admin
    from script.bench_data import make_agreements

    call_command("migrate", verbosity=0)
    call_command("load_municipalities", stdout=io.StringIO())
    started = time.perf_counter()
    make_agreements(agreements)
    print(f"{agreements:,} agreements written in {time.perf_counter() - started:.0f} s")
    client = Client()
    client.force_login(StaffMember.objects.create_superuser("bench", "", "x", name="測定"))
    use_plain_admin()
    pages = {
        "Renkei's list": reverse("agreements:agreement-list"),
        "admin's changelist, plain": reverse("plain:agreements_agreement_changelist"),
        "admin's changelist, tuned": reverse("admin:agreements_agreement_changelist"),
    }
    times: dict[str, list[float]] = {name: [] for name in pages}
    queries, sizes = {}, {}
    for name, url in pages.items():
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)
        queries[name], sizes[name] = len(captured), len(response.content)
    for _ in range(runs):
        for name, url in pages.items():
            started = time.perf_counter()
            client.get(url)
            times[name].append(time.perf_counter() - started)

    print(f"{'page':28}{'min ms':>9}{'median ms':>11}{'queries':>9}{'KB':>7}")
    for name, measured in times.items():
        median = statistics.median(measured) * 1000
        print(f"{name:28}{min(measured) * 1000:9.1f}{median:11.1f}{queries[name]:9}{sizes[name] / 1024:7.0f}")
    ours, plain, tuned = (statistics.median(measured) for measured in times.values())
    print(f"ratio plain / ours: {plain / ours:.1f} (goal: {GOAL:.0f}); tuned / ours: {tuned / ours:.1f}")


if __name__ == "__main__":
    main()
