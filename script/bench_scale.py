"""What `script/bench scale` measures, on the database that Django is set up for."""

import io
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

WORDS = (
    "観",
    "観光",
    "防災",
    "ＤＸ",
    "見守り",
    "銀聯",
    "高﨑",
    "市政の推進や市民サービス",
    "観光 防災",
    "観光 -防災",
)
RARE = "銀聯"
TODAY = date(2026, 11, 22)
JUDGED_FROM = 200_000
"""Goals are those of national scale: with fewer agreements the table shows ratios without judging them."""


@dataclass(frozen=True)
class Line:
    """One row of the table: ours against the usual way; times in seconds."""

    name: str
    ours: float
    theirs: float | None = None
    goal: float | None = None  # at least so many times faster
    limit: float | None = None  # at most so many seconds
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.theirs / self.ours if self.theirs is not None else None

    @property
    def verdict(self) -> str:
        met = [self.ratio >= self.goal] if self.ratio is not None and self.goal else []
        met += [self.ours <= self.limit] if self.limit else []
        return "" if not met else "met" if all(met) else "MISSED"

    def __str__(self) -> str:
        theirs = "" if self.theirs is None else f"{self.theirs * 1000:,.1f}"
        ratio = "" if self.ratio is None else f"{self.ratio:,.1f}"
        goal = " ".join(
            [f"≥{self.goal:g}×" if self.goal else "", f"≤{self.limit * 1000:g} ms" if self.limit else ""]
        ).strip()
        return (
            f"{self.name:44}{self.ours * 1000:>11,.1f}{theirs:>12}{ratio:>9}  {goal:16}{self.verdict:8}"
            f"{self.note}"
        )


def median(call: Callable[[], Any], runs: int) -> float:
    call()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def measure(agreements: int, *, rows: int, runs: int) -> int:
    """Prints the table; 1 when a goal is missed."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("load_municipalities", stdout=io.StringIO())
    _fill(agreements)
    load, cores = os.getloadavg()[0], os.cpu_count()
    print(f"\n{connection.vendor}, {agreements:,} agreements; medians of {runs} runs")
    print(f"load average {load:.1f} on {cores} cores: what others do meanwhile is in every number")
    print(f"{'':44}{'ours ms':>11}{'theirs ms':>12}{'ratio':>9}  goal")
    lines = []
    for measured in (_list, _search, _deep_page, _import, _export, _dashboard):
        for each in measured(rows=rows, runs=runs):
            line = each
            is_small = agreements < JUDGED_FROM and measured in (_list, _search, _deep_page)
            if is_small or rows < 1_000:
                line = replace(line, goal=None, limit=None)
            print(line, flush=True)
            lines.append(line)
    print(f"load average {os.getloadavg()[0]:.1f} at the end")
    return int(any(line.verdict == "MISSED" for line in lines))


def _fill(agreements: int) -> None:
    from agreements.models import Agreement
    from script.bench_data import make_agreements

    there = Agreement.objects.count()
    if there == agreements:
        return
    if there:
        raise SystemExit(f"The database holds {there:,} agreements, not {agreements:,}. Name an empty one.")
    started = time.perf_counter()
    make_agreements(agreements)
    print(f"{agreements:,} agreements written in {time.perf_counter() - started:.0f} s")


def _people() -> tuple[Any, Any]:
    """A system admin, and a viewer of a municipality with as many agreements as most."""
    from django.db.models import Count

    from agreements.models import Agreement
    from municipalities.models import StaffMember

    admin = StaffMember.objects.filter(username="bench").first()
    if admin is None:
        admin = StaffMember.objects.create_superuser("bench", "", "x", name="測定")
    counts = Agreement.objects.order_by().values("municipality").annotate(n=Count("pk")).order_by("n")
    body = counts[len(counts) // 2]["municipality"]
    viewer, _new = StaffMember.objects.get_or_create(
        username="bench-viewer", defaults={"municipality_id": body, "name": "測定", "role": "viewer"}
    )
    return admin, viewer


def _client(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


def _list(*, rows: int, runs: int) -> list[Line]:
    """The list page against Django admin's changelist, the same rows for the same person."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from script.bench_admin import use_plain_admin

    use_plain_admin()
    client = _client(_people()[0])
    ours, theirs = reverse("agreements:agreement-list"), reverse("plain:agreements_agreement_changelist")

    def visit(url: str) -> None:
        response = client.get(url)
        if response.status_code != 200:
            raise SystemExit(f"{url} answered {response.status_code}")

    visit(ours)
    with CaptureQueriesContext(connection) as captured:
        visit(ours)
    queries = [query for query in captured if "session" not in query["sql"][:80]]
    return [
        Line(
            "list page vs Django admin changelist",
            median(lambda: visit(ours), runs),
            median(lambda: visit(theirs), min(runs, 3)),
            goal=20,
            note=f"{len(queries)} queries (at most 8)",
        )
    ]


def _search(*, rows: int, runs: int) -> list[Line]:
    """A page of hits with their capped count, against counting by icontains."""
    from django.db.models import Q

    from agreements.domain import search_text
    from agreements.models import Agreement
    from agreements.models.keyset import capped_count, paginate

    _admin, viewer = _people()
    visible = Agreement.objects.visible_to(viewer).order_by("-signed_on")
    own = visible.filter(municipality=viewer.municipality_id)
    facet = [search_text.facet("municipality", viewer.municipality_id)]

    def page_and_count(rows: Any, word: str, within: Any = ()) -> str:
        found = rows.matching(word, viewer, within)
        total = capped_count(found)
        paginate(found, size=50, total=total).pks  # noqa: B018
        return str(total)

    def usual(word: str) -> None:
        # What Django admin does with search_fields: icontains over the columns, all words.
        found = visible
        for part in word.split():
            found = found.filter(
                Q(search_document__public_text__icontains=part.lstrip("-"))
                | Q(search_document__internal_text__icontains=part.lstrip("-"))
            )
        found.count()

    lines = []
    usual_time = {word: median(lambda word=word: usual(word), 1) for word in WORDS[1:4]}
    for word in WORDS:
        ours = median(lambda word=word: page_and_count(visible, word), runs)
        theirs = usual_time.get(word, min(usual_time.values()))
        note = page_and_count(visible, word)
        limit = 0.010 if word == RARE else 0.150
        lines.append(Line(f"search 「{word}」", ours, theirs, goal=50, limit=limit, note=f"{note}件"))
    for word in WORDS[1:4]:
        ours = median(lambda word=word: page_and_count(own, word, facet), runs)
        note = page_and_count(own, word, facet)
        lines.append(Line(f"search 「{word}」 in one municipality", ours, limit=0.010, note=f"{note}件"))
    by_name = visible.order_by("kana_key", "pk")
    for name, ordered in (("by name", by_name), ("by update", visible.order_by("-updated_at"))):
        ours = median(lambda ordered=ordered: page_and_count(ordered, "観光"), runs)
        lines.append(Line(f"search 「観光」 sorted {name}", ours, limit=0.150))
    second = paginate(visible.matching("観光", viewer), "last", size=50).previous
    ours = median(lambda: paginate(visible.matching("観光", viewer), second, size=50).pks, runs)
    lines.append(Line("search 「観光」, the page before the last", ours, limit=0.150))
    return lines


def _deep_page(*, rows: int, runs: int) -> list[Line]:
    """The page in the middle of the list of everything, by cursor and by OFFSET."""
    from django.db.models import F

    from agreements.models import Agreement
    from agreements.models.keyset import KeysetPage, paginate
    from agreements.models.keyset_order import Order

    everything = Agreement.objects.alive().order_by(F("signed_on").desc(nulls_last=True), "-pk")
    offset = Agreement.objects.count() // 2
    boundary = everything.values_list("signed_on", "pk")[offset - 1]
    order = Order(everything)
    cursor = KeysetPage(everything, order, [tuple(boundary)], True, True, offset).next
    ours = median(lambda: paginate(everything, cursor, size=50).pks, runs)
    theirs = median(lambda: list(everything.values_list("pk")[offset : offset + 50]), min(runs, 3))
    return [Line(f"page {offset // 50:,}: keyset vs OFFSET", ours, theirs, goal=100)]


def _manager() -> Any:
    from municipalities.models import StaffMember

    _admin, viewer = _people()
    manager, _new = StaffMember.objects.get_or_create(
        username="bench-manager",
        defaults={"municipality_id": viewer.municipality_id, "name": "測定", "role": "manager"},
    )
    return manager


def import_ledger(rows: int) -> None:
    """A ledger of so many agreements, from the file to the registry."""
    from django.core.files.base import ContentFile

    from agreements.importing import run
    from agreements.importing.table import table_of

    manager = _manager()
    content = "協定名称,相手方,締結日,連携事項\n" + "".join(
        f"取込みの協定{n},株式会社取込み{n % 500},R2.9.{n % 28 + 1},観光の振興に関すること\n"
        for n in range(rows)
    )
    file = ContentFile(content.encode("utf-8-sig"), "ledger.csv")
    ledger = run.stage(kind="agreements", file=file, name="ledger.csv", by=manager)
    table = table_of(run.open_sheet(ledger), ledger.header_row or 1)
    mapping, _options, _known = run.suggested_mapping(ledger, table)
    options = {"keep_others": True}
    run.settle(ledger=ledger, table=table, sheet=ledger.sheet, mapping=mapping, options=options, by=manager)
    run.check(ledger=ledger, today=TODAY)
    ledger.refresh_from_db()
    run.register(ledger=ledger, only_good=True, today=TODAY)
    ledger.refresh_from_db()
    if ledger.counts.get("create") != rows:
        raise SystemExit(f"not everything was imported: {ledger.counts}")


def _import(*, rows: int, runs: int) -> list[Line]:
    """A ledger of CSV from the file to the registry, against registering its rows one by one.

    Ours is the whole path: read, guess the columns, judge every row twice, write, history, search documents.
    """
    from django.db import transaction

    manager = _manager()
    one_by_one = max(rows // 10, 1)

    def theirs() -> None:
        from agreements.actions.drafts import AgreementDraft, ItemDraft, PartyDraft
        from agreements.actions.register import register_agreement
        from agreements.models import Company

        for number in range(one_by_one):
            company = Company.objects.create(name=f"株式会社一件{number}", name_kana="いっけん")
            draft = AgreementDraft(
                values={
                    "title": f"一件ずつの協定{number}",
                    "signed_on": TODAY,
                    "ledger_number": f"S-{number}",
                },
                parties=(PartyDraft(target=manager.municipality), PartyDraft(target=company)),
                items=(ItemDraft(text="観光の振興に関すること", categories=("03",)),),
            )
            register_agreement(municipality=manager.municipality, draft=draft, by=manager, today=TODAY)

    def once_and_back(call: Callable[[], None]) -> float:
        with transaction.atomic():
            started = time.perf_counter()
            call()
            taken = time.perf_counter() - started
            transaction.set_rollback(True)
        return taken

    taken, one = once_and_back(lambda: import_ledger(rows)), once_and_back(theirs) / one_by_one * rows
    note = f"{rows / taken:,.0f} rows/s"
    return [Line(f"import of {rows:,} rows vs one by one", taken, one, goal=10, note=note)]


def _export(*, rows: int, runs: int) -> list[Line]:
    """The same rows as xlsx by our writer and by openpyxl (write_only); and the whole of an export."""
    from django.http import QueryDict
    from openpyxl import Workbook

    from agreements.exports.writers import write_xlsx
    from agreements.lists import LISTS

    admin = _people()[0]
    spec = LISTS["agreements"]
    filterset = spec.select(QueryDict(), admin)
    columns = spec.columns(filterset)
    some = filterset.qs.filter(pk__in=list(filterset.qs.values_list("pk", flat=True)[:rows]))

    def portions() -> Any:
        return spec.table.rows(some, columns, user=admin, today=TODAY)

    loaded = list(portions())

    def theirs() -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append([column.header for column in columns])
        for portion in loaded:
            for row in portion:
                sheet.append([row[column.key] or None for column in columns])
        book.save(io.BytesIO())

    ours = median(lambda: write_xlsx(io.BytesIO(), "協定", columns, loaded), min(runs, 3))
    whole = median(lambda: write_xlsx(io.BytesIO(), "協定", columns, portions()), 1)
    return [
        Line(f"xlsx of {rows:,} rows vs openpyxl", ours, median(theirs, min(runs, 3)), goal=3),
        Line("the same with reading the rows", whole, note=f"{rows / whole:,.0f} rows/s"),
    ]


def _dashboard(*, rows: int, runs: int) -> list[Line]:
    from django.urls import reverse

    from agreements.models import NationalCount

    lines = []
    for who, user in zip(("system admin", "one municipality"), _people(), strict=True):
        client = _client(user)
        url = reverse("agreements:today")
        lines.append(Line(f"dashboard, {who}", median(lambda client=client, url=url: client.get(url), runs)))
    NationalCount.objects.renew(TODAY)
    url = reverse("agreements:nation")
    lines.append(Line("the nation in numbers", median(lambda: client.get(url), runs)))
    return lines
