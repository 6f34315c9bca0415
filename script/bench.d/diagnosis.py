"""Diagnosis: every agreement anew in one run, and the list by grade against the list by date, on SQLite.

The list is asked for through the whole middleware by the same manager of the municipality with the most
agreements, sorted by grade and by date in turns; the medians are compared. Goal: by grade at most 1.5 times
as slow as by date, and a re-diagnosis below 5 ms for each agreement with its ten actions.

    script/bench diagnosis [--agreements 2000] [--actions 20000] [--runs 15]
"""

import argparse
import io
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

LIST_GOAL = 1.5
EACH_GOAL = 5.0  # ms


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agreements", type=int, default=2_000)
    parser.add_argument("--actions", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--profile", action="store_true", help="show where the time of one run goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
        measure(options)


def measure(options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from agreements.actions.diagnosis import refresh_diagnoses
    from agreements.models import ActionItem, Agreement
    from script.bench_data import TODAY, make_actions, make_agreements

    call_command("migrate", verbosity=0)
    call_command("load_municipalities", stdout=io.StringIO())
    make_agreements(options.agreements, municipalities=20)
    make_actions(options.actions)
    print(f"{Agreement.objects.count():,} agreements with {ActionItem.objects.count():,} actions")
    if options.profile:
        profiled(lambda: refresh_diagnoses(today=TODAY))
        return
    before = peak_mb()
    for name in ("first", "again"):
        started = time.perf_counter()
        count = refresh_diagnoses(today=TODAY)
        took = time.perf_counter() - started
        each = took / count * 1000
        print(f"re-diagnosis, {name}: {took:.1f} s, {each:.2f} ms for each agreement (goal: {EACH_GOAL:.0f})")
    print(f"peak memory: {peak_mb():.0f} MB ({before:.0f} MB before the first run)")
    compare_lists(options.runs)


def compare_lists(runs: int) -> None:
    from django.db.models import Count
    from django.test import Client
    from django.urls import reverse

    from municipalities.choices import Role
    from municipalities.models import Municipality, StaffMember

    body = Municipality.objects.annotate(count=Count("agreements")).order_by("-count").first()
    manager = StaffMember.objects.create_user(
        "bench", "", "x", name="測定", municipality=body, role=Role.MANAGER
    )
    client = Client()
    client.force_login(manager)
    page = reverse("agreements:agreement-list")
    pages = {"by date": f"{page}?sort=-signed_on", "by grade": f"{page}?sort=grade"}
    times: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(runs + 1):
        for name, url in pages.items():
            started = time.perf_counter()
            response = client.get(url)
            assert response.status_code == 200, (url, response.status_code)
            if turn:  # the first warms up
                times[name].append(time.perf_counter() - started)
    for name, measured in times.items():
        print(f"list {name:10}{statistics.median(measured) * 1000:9.1f} ms")
    by_date, by_grade = (statistics.median(measured) for measured in times.values())
    print(f"ratio by grade / by date: {by_grade / by_date:.2f} (goal: {LIST_GOAL})")


def profiled(run) -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(run)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
