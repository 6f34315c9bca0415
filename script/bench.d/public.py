"""Public pages against the list of those who are logged in, in turns, on SQLite.

All pages are asked for through the whole middleware. "First" renders a page anew each time, "kept" answers
from the cache of finished pages, "304" to a visitor whose copy still holds. "A crowd" begins with an empty
cache and reads the list and some agreements in a random order, first renderings included. Goal: a kept list,
a kept agreement and the crowd at least 10 times as many requests a second as the signed-in list; else it ends
with 1. Then the static site of all that is public: the first run, and
the second one, which changes nothing.

    script/bench public [--agreements 2000] [--runs 30]
"""

import argparse
import io
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

GOAL = 10.0
CROWD_PAGES, CROWD_VISITS = 40, 800


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agreements", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
        measure(options.agreements, options.runs, Path(folder))


def measure(agreements: int, runs: int, folder: Path) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.cache import caches
    from django.core.management import call_command
    from django.db.models import Count
    from django.test import Client
    from django.urls import reverse

    from agreements.actions.publication import publish
    from agreements.models import Agreement, PublicEdition
    from municipalities.models import StaffMember
    from script.bench_data import make_agreements

    settings.CACHES["public"] = {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": folder / "public-cache",
    }
    call_command("migrate", verbosity=0)
    call_command("load_municipalities", stdout=io.StringIO())
    make_agreements(agreements)
    member = StaffMember.objects.create_superuser("bench", "", "x", name="測定")
    for agreement in Agreement.objects.filter(publication="published", state="active"):
        publish(agreement=agreement, by=member, version=agreement.version, today=date(2026, 10, 1))
    standing = PublicEdition.objects.standing()
    # The municipality with the longest list.
    most = standing.order_by().values_list("municipality").annotate(count=Count("pk")).order_by("-count")
    edition = standing.filter(municipality=most[0][0]).select_related("municipality").first()
    print(f"{agreements:,} agreements, {PublicEdition.objects.count():,} published")
    inside, outside = Client(), Client()
    inside.force_login(member)
    lists = reverse("agreements:public-municipality", args=[edition.municipality.code])
    detail = reverse("agreements:public-agreement", args=[edition.agreement_id])
    signed_in = reverse("agreements:agreement-list")

    def unchanged(url: str) -> Any:
        return outside.get(url, headers={"If-None-Match": etags[url]})

    etags = {url: outside.get(url)["ETag"] for url in (lists, detail)}
    visits = {"signed-in list": lambda: inside.get(signed_in)}
    for name, url in (("public list", lists), ("public agreement", detail)):
        visits[f"{name}, first"] = lambda url=url: outside.get(url)
        visits[f"{name}, kept"] = lambda url=url: outside.get(url)
        visits[f"{name}, 304"] = lambda url=url: unchanged(url)
    times: dict[str, list[float]] = {name: [] for name in visits}
    for _ in range(runs):
        for name, visit in visits.items():
            if name.endswith("first"):
                caches["public"].clear()
            started = time.perf_counter()
            assert visit().status_code in {200, 304}
            times[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(measured) * 1000 for name, measured in times.items()}
    agreements_read = PublicEdition.objects.standing().values_list("agreement", flat=True)[:CROWD_PAGES]
    pages = [lists, *(reverse("agreements:public-agreement", args=[each]) for each in agreements_read)]
    medians[f"a crowd on {len(pages)} pages"] = crowd(outside, pages)
    reached = told(medians)
    measure_site(folder / "site")
    sys.exit(not reached)


def crowd(client: Any, pages: list[str]) -> float:
    """Milliseconds of one visit, on the average."""
    from django.core.cache import caches

    chance = random.Random(1)
    caches["public"].clear()
    started = time.perf_counter()
    for _ in range(CROWD_VISITS):
        assert client.get(chance.choice(pages)).status_code == 200
    return (time.perf_counter() - started) / CROWD_VISITS * 1000


def told(medians: dict[str, float]) -> bool:
    """Print the table; whether the goal is reached."""
    base = medians["signed-in list"]
    reached = True
    print(f"{'page':28}{'ms':>8}{'requests/s':>12}{'times the list':>16}   goal {GOAL:.0f}")
    for name, median in medians.items():
        ratio = base / median
        judged = name.endswith("kept") or name.startswith("a crowd")
        reached = reached and (not judged or ratio >= GOAL)
        verdict = ("reached" if ratio >= GOAL else "MISSED") if judged else ""
        print(f"{name:28}{median:8.1f}{1000 / median:12.0f}{ratio:16.1f}   {verdict}")
    return reached


def measure_site(site: Path) -> None:
    from agreements.static_site import Site, export_site

    for run in ("first", "second"):
        started = time.perf_counter()
        report = export_site(site, Site())
        seconds = time.perf_counter() - started
        index = (site / "search-index.js").stat().st_size / 1024
        print(
            f"static site, {run} run: {report.agreements} agreements, {report.files} files,"
            f" {report.size / 1024**2:.1f} MB, search data {index:.0f} KB, {report.changes.written} written,"
            f" {seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
