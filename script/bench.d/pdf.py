"""PDF: a warm 協定シート of ours against headless Chromium (and wkhtmltopdf, if installed) on the same HTML.

The goals are ratios within one run: the ways take turns, so a busy machine slows all of them alike, and the
medians are compared. Ours includes filling the template; the others get the finished HTML with the same
stylesheet and the system's Noto Sans CJK JP, out of which our print fonts are cut. One further line shows
Chromium with our fonts. All PDFs are tagged. Ours is timed as in a request, until the answer is ready: what
waits until the answer has gone out (garbage collection) is not in it, as it is not in Chromium's.

Then bulk prints of 1 to 1,000 sheets, each in a process of its own. Their growth is told in processor time of
all processes together, because the clock of a busy machine says nothing about growth.

    script/bench pdf [--runs N] [--most SHEETS]
"""

import argparse
import dataclasses
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402

from agreements.printing import sheet  # noqa: E402
from agreements.printing.bulk import BulkOrder, Sheet, print_all  # noqa: E402
from agreements.printing.font_build import build_print_fonts  # noqa: E402
from agreements.printing.fonts import font_dir  # noqa: E402
from agreements.printing.page_choices import APPROVAL_BOXES  # noqa: E402
from agreements.printing.renderer import print_cache, warm_up  # noqa: E402
from agreements.printing.sheet_actions import ActionLine, ItemLine, YearOfActions  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WKHTMLTOPDF = shutil.which("wkhtmltopdf")
CACHED = "Renkei, same content again"
WARM = "Renkei, warm"
CHROMIUM_WARM = "Chromium, warm (page.pdf)"
CHROMIUM_OUR_FONTS = "Chromium, warm, with our fonts"
CHROMIUM_COLD = "Chromium, cold (command line)"
WKHTML = "wkhtmltopdf"

# (slower way, faster way, how many times faster it should be)
GOALS = (
    (CHROMIUM_COLD, WARM, 6.0),
    (CHROMIUM_WARM, WARM, 1.5),
    (WKHTML, WARM, 1.7),
    (WARM, CACHED, 50.0),
)
SIZE_GOAL = 4.0
GROWTH_GOAL = 1.1  # processor time a sheet in the largest bulk print, against a hundred sheets
MEMORY_GOAL = 300  # MB of any process


def sample_sheet() -> sheet.SheetData:
    """An internal sheet of two pages as real ones are: four parties, seven items, the first of 12 actions."""
    item_texts = (
        "アジアを見据えた観光振興に関すること",
        "市の環境政策に関すること",
        "地産地消や地域経済の活性化に関すること",
        "地域の安全・安心の確保や災害時の支援に関すること",
        "子育てや青少年育成の支援に関すること",
        "高齢者・障がい者の支援に関すること",
        "その他市政の推進や市民サービスの提供に関すること",
    )
    clause = (
        "本協定の有効期間は、締結の日から平成24年3月31日までとする。ただし、当該有効期間満了の日の1か月前までに、"
        "甲、乙、丙及び丁のいずれからも解約の意思表示がないときは、自動的に1年間更新されるものとし、その後も同様とする。"
    )
    return sheet.SheetData(
        municipality="福岡市",
        ledger_number="2011-003",
        title="地域共働事業に関する包括連携協定",
        title_kana="ちいききょうどうじぎょうにかんするほうかつれんけいきょうてい",
        kind="包括連携",
        state="締結・実施中",
        is_internal=True,
        is_marked=True,
        issued="",
        hidden=frozenset(),
        printed="印刷 令和8年10月1日　企画調整課　髙﨑 𠮷子",
        parties=tuple(
            sheet.PartyLine(
                label,
                name,
                "",
                "法人番号 2010701019195",
                "〒141-8643\n東京都品川区大崎一丁目11番2号",
                "代表取締役社長\n葛󠄀城 太郎",
                "締結者",
            )
            for label, name in (
                ("甲", "福岡市"),
                ("乙", "株式会社ローソン"),
                ("丙", "見本商事株式会社"),
                ("丁", "見本大学"),
            )
        ),
        terms=sheet.Terms(
            signed_on="平成23年4月22日",
            effective_on="平成23年4月22日",
            first_expiry="平成24年3月31日",
            current_expiry="令和9年3月31日（15回更新）",
            notice="令和9年2月28日（満了の1か月前）",
            renewal="自動更新（1年ごと）",
            renewal_text=clause,
            ended="",
        ),
        filing=sheet.Filing("企第123号", "平成23年4月15日", "", "10年", "", "公開"),
        responsibility=sheet.Responsibility(
            department="企画調整課",
            person="髙﨑 𠮷子",
            related_departments="観光課、環境政策課、防災課、こども未来課、高齢福祉課",
            contacts=tuple(
                sheet.ContactLine(
                    company,
                    "地域連携部\n課長 辻󠄀 一郎",
                    "03-0000-0000\nmadoguchi@example.jp",
                    "令和8年4月10日",
                )
                for company in ("株式会社ローソン", "見本商事株式会社", "見本大学")
            ),
            note="次年度の見直しに向けて、各課の取組を9月末までに取りまとめる。",
        ),
        purpose="地域共働事業を推進し、市民サービスの向上と地域の活性化を図ることを目的とする。",
        items=tuple(
            ItemLine(
                number,
                text,
                "観光・シティプロモーション・国際\n産業・雇用・経済",
                "8・9・11・12",
                number % 4,
                "",
            )
            for number, text in enumerate(item_texts, start=1)
        ),
        actions=YearOfActions(
            "令和8年度",
            tuple(
                ActionLine(
                    f"観光パンフレットの配布（第{number}四半期）",
                    f"({number})",
                    "観光課\n髙﨑 𠮷子",
                    "営業推進部",
                    "令和9年3月31日",
                    "実施中",
                    number == 1,
                    "120人",
                    "100人（83.3％）",
                    "ゼロ予算",
                )
                for number in range(1, 6)
            ),
            7,
        ),
        plan_links="",
        review=None,
        expectations=None,
        approval_boxes=APPROVAL_BOXES,
    )


def html_for_browsers(data: sheet.SheetData, *, our_fonts: bool) -> str:
    """The same document on its own, stylesheet inside."""
    css = (Path(settings.BASE_DIR) / "static" / "css" / "print.css").read_text(encoding="utf-8")
    if our_fonts:
        css = css.replace("app://fonts/", f"{font_dir().resolve().as_uri()}/")
    else:
        css = re.sub(r"@font-face\s*{[^}]*}", "", css)
    document = {"title": "協定シート", "author": data.municipality, "subject": ""}
    html = render_to_string("print/agreement_sheet.html", {"sheet": data, "document": document})
    return html.replace("</head>", f"<style>{css}</style></head>")


@contextmanager
def ways_to_print(data: sheet.SheetData, folder: Path) -> Iterator[dict[str, Callable[[], bytes]]]:
    """name -> a call that makes the PDF."""
    source, with_our_fonts, target = folder / "sheet.html", folder / "fonts.html", folder / "sheet.pdf"
    source.write_text(html_for_browsers(data, our_fonts=False), encoding="utf-8")
    with_our_fonts.write_text(html_for_browsers(data, our_fonts=True), encoding="utf-8")

    def warm() -> bytes:
        print_cache().clear()
        return sheet.render_sheet(data)

    def by_command(*command: str) -> Callable[[], bytes]:
        def run() -> bytes:
            target.unlink(missing_ok=True)
            subprocess.run(command, check=True, capture_output=True, timeout=60)
            return target.read_bytes()

        return run

    # The cached one right after the one that filled the cache.
    ways: dict[str, Callable[[], bytes]] = {WARM: warm, CACHED: lambda: sheet.render_sheet(data)}
    if WKHTMLTOPDF:
        ways[WKHTML] = by_command(
            WKHTMLTOPDF, "--quiet", "--enable-local-file-access", str(source), str(target)
        )
    if not CHROMIUM:
        yield ways
        return
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    ways[CHROMIUM_COLD] = by_command(CHROMIUM, *flags, f"--print-to-pdf={target}", source.as_uri())

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()

        def in_warm_chromium(file: Path) -> bytes:
            page.goto(file.as_uri())
            return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)

        ways[CHROMIUM_WARM] = partial(in_warm_chromium, source)
        ways[CHROMIUM_OUR_FONTS] = partial(in_warm_chromium, with_our_fonts)
        yield ways
        browser.close()


def answered(make: Callable[[], bytes]) -> tuple[bytes, float, float]:
    """Make it as in a request; seconds by the clock and of the processor until the answer is ready."""
    request_started.send(sender=None)
    busy, started = processor_seconds(), time.perf_counter()
    pdf = make()
    seconds, busy = time.perf_counter() - started, processor_seconds() - busy
    request_finished.send(sender=None)
    return pdf, seconds, busy


def processor_seconds() -> float:
    """What this process and all below it (a browser is a dozen) have had of the processor so far."""
    found: dict[int, tuple[int, int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = file.read_text().rpartition(")")[2].split()
            found[int(file.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    ours, ticks = {os.getpid()}, found[os.getpid()][1]
    while more := {pid for pid, (parent, _) in found.items() if parent in ours and pid not in ours}:
        ours |= more
        ticks += sum(found[pid][1] for pid in more)
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(
    ways: dict[str, Callable[[], bytes]], runs: int
) -> tuple[dict[str, list[float]], dict[str, float], dict[str, int]]:
    """Seconds of every run, mean processor seconds, and the size of the PDF in bytes; the ways take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, float] = dict.fromkeys(ways, 0.0)
    sizes: dict[str, int] = {}
    for turn in range(runs + 1):
        for name, make in ways.items():
            pdf, taken, worked = answered(make)
            if turn:  # the first turn warms caches of the system
                seconds[name].append(taken)
                busy[name] += worked / runs
            sizes[name] = len(pdf)
    return seconds, busy, sizes


def print_in_bulk(count: int) -> dict[str, float]:
    """One bulk print in this process: seconds, processor seconds, MB of the largest process, size."""
    data = sample_sheet()

    def sheets() -> Iterator[Sheet]:
        for number in range(1, count + 1):
            one = dataclasses.replace(data, ledger_number=f"2011-{number:04}")
            yield Sheet(number, sheet.sheet_html(one), f"{number:04}.pdf")

    started = time.perf_counter()
    with tempfile.TemporaryFile() as target:
        outcomes = list(print_all(sheets(), BulkOrder("協定シート"), target, tell=lambda done: None))
        size = target.tell()
    seconds = time.perf_counter() - started
    if failed := [each for each in outcomes if each.error]:
        raise SystemExit(f"{len(failed)} sheets failed: {failed[0].error}")
    own, presses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "seconds": seconds,
        "processor": sum(each.ru_utime + each.ru_stime for each in (own, presses)),
        "megabytes": max(own.ru_maxrss, presses.ru_maxrss) / 1024,
        "size": size,
    }


def measure_bulk(most: int) -> None:
    counts = [count for count in (1, 10, 100, 1000) if count < most] + [most]
    found = {}
    print(
        f"\n{'sheets in one PDF':>18}{'time':>10}{'processor':>12}{'a sheet':>12}{'memory':>10}{'size':>11}"
    )
    for count in counts:
        command = [sys.executable, __file__, "--bulk", str(count)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found[count] = each = json.loads(answer.splitlines()[-1])
        print(
            f"{count:>18,}{each['seconds']:>8.1f} s{each['processor']:>10.1f} s"
            f"{1000 * each['processor'] / count:>9.0f} ms{each['megabytes']:>7.0f} MB"
            f"{each['size'] / 1e6:>8.2f} MB"
        )
    few = found[max(count for count in counts if count <= 100)]
    growth = (found[most]["processor"] / most) / (few["processor"] / min(100, most))
    least = max(each["megabytes"] for each in found.values())
    print(
        f"\n{f'{most:,} sheets: processor time a sheet, against 100':62}{growth:>7.2f}x{GROWTH_GOAL:>7g}x  ",
        end="",
    )
    print("reached" if growth <= GROWTH_GOAL else "MISSED")
    print(f"{'largest process':62}{least:>5.0f} MB{MEMORY_GOAL:>5g} MB  ", end="")
    print("reached" if least <= MEMORY_GOAL else "MISSED")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--most", type=int, default=1000, help="sheets of the largest bulk print")
    parser.add_argument("--bulk", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bulk:
        print(json.dumps(print_in_bulk(options.bulk)))
        return
    runs = options.runs
    build_print_fonts(font_dir())
    warm_up()
    with tempfile.TemporaryDirectory() as folder, ways_to_print(sample_sheet(), Path(folder)) as ways:
        seconds, busy, sizes = measure(ways, runs)

    medians = {name: statistics.median(times) for name, times in seconds.items()}
    print(f"\nPDF: one 協定シート of two pages, {runs} interleaved runs\n")
    print(f"{'':32}{'median':>12}{'min':>12}{'processor':>12}{'size':>10}")
    for name in sorted(medians, key=lambda name: medians[name]):
        median, least = 1000 * medians[name], 1000 * min(seconds[name])
        times = f"{median:>9.1f} ms{least:>9.1f} ms{1000 * busy[name]:>9.0f} ms"
        print(f"{name:32}{times}{sizes[name] / 1000:>7.0f} KB")

    print(f"\n{'':62}{'ratio':>8}{'goal':>8}")
    for slower, faster, goal in GOALS:
        if slower in medians:
            print_ratio(f"{faster} is faster than {slower}", medians[slower] / medians[faster], goal)
            if faster != CACHED:
                print(f"{'  in processor time (neighbours slow one process more than many)':62}", end="")
                print(f"{busy[slower] / busy[faster]:>7.1f}x")
    if CHROMIUM_WARM in sizes:
        print_ratio(f"{WARM} is smaller than {CHROMIUM_WARM}", sizes[CHROMIUM_WARM] / sizes[WARM], SIZE_GOAL)
    for name, program in (("Chromium", CHROMIUM), (WKHTML, WKHTMLTOPDF)):
        if not program:
            print(f"{name}: not installed")
    if options.most:
        measure_bulk(options.most)


def print_ratio(what: str, ratio: float, goal: float) -> None:
    print(f"{what:62}{ratio:>7.1f}x{goal:>7g}x  {'reached' if ratio >= goal else 'MISSED'}")


if __name__ == "__main__":
    main()
