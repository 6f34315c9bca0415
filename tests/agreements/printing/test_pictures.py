"""What a page looks like: rendered by poppler, compared with a stored picture, with some tolerance.

After a wanted change of the looks, look at the new pages, then store them:

    WRITE_PICTURES=1 python -m pytest tests/agreements/printing/test_pictures.py
"""

import io
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from agreements.printing.bulk import BulkOrder, Sheet, print_all
from agreements.printing.list_print import PrintedColumn, print_list
from agreements.printing.sheet import build_sheet, print_sheet, sheet_html
from tests.factories import StaffMemberFactory

from .test_sheet import FACTS, real_agreement

pytestmark = pytest.mark.django_db
PICTURES = Path(__file__).parent / "pictures"
TODAY = date(2026, 10, 1)
DPI = 60

# Parts of a page in millimetres: left, top, right, bottom.
MARK = (160, 0, 210, 20)
HEAD = (20, 5, 205, 60)
FOOT = (20, 270, 205, 297)
WHOLE = None


def rendered(pdf: bytes, page: int, part: tuple[int, int, int, int] | None, folder: Path) -> Image.Image:
    file = folder / "page.pdf"
    file.write_bytes(pdf)
    command = ["pdftoppm", "-r", str(DPI), "-gray", "-f", str(page), "-l", str(page), str(file)]
    picture = Image.open(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout))
    return picture.crop(tuple(round(each * DPI / 25.4) for each in part)) if part else picture


def difference(one: Image.Image, other: Image.Image) -> tuple[float, int]:
    """How far two pictures are apart, in greys of 255: on the average, and at the worst place.

    Blurred, so that another smoothing of the letters is none.
    """
    if one.size != other.size:
        return 255, 255
    blurred = (each.filter(ImageFilter.GaussianBlur(1.5)) for each in (one, other))
    apart = ImageChops.difference(*blurred)
    return ImageStat.Stat(apart).mean[0], apart.getextrema()[1]


def looks_like(picture: Image.Image, name: str) -> bool:
    file = PICTURES / f"{name}.png"
    if os.environ.get("WRITE_PICTURES"):
        picture.quantize(16).save(file, optimize=True)
    with Image.open(file) as stored:
        mean, worst = difference(picture, stored.convert("L"))
    return mean < 1.5 and worst < 70


@pytest.fixture
def agreement():
    agreement = real_agreement(FACTS[0])
    agreement.ledger_number, agreement.department.name = "2011-3", "企画調整課"
    agreement.department.save()
    agreement.save()
    return agreement


@pytest.fixture
def clerk(agreement):
    return StaffMemberFactory(
        manager=True, municipality=agreement.municipality, name="髙﨑 𠮷子", department=None
    )


@pytest.fixture
def sheet(agreement, clerk) -> bytes:
    return print_sheet(agreement, user=clerk, today=TODAY, internal=True)


def test_sheet_looks_as_it_was_accepted(sheet, tmp_path):
    assert looks_like(rendered(sheet, 1, WHOLE, tmp_path), "sheet-1")
    assert looks_like(rendered(sheet, 2, WHOLE, tmp_path), "sheet-2")


def test_sheet_for_the_partner_looks_as_it_was_accepted(agreement, clerk, tmp_path):
    pdf = print_sheet(agreement, user=clerk, today=TODAY, internal=False)
    assert looks_like(rendered(pdf, 1, HEAD, tmp_path), "sheet-partner-head")


def test_list_looks_as_it_was_accepted(clerk, tmp_path):
    pdf = print_list(
        title="協定の一覧",
        conditions={"状態": ["締結・実施中"]},
        columns=[
            PrintedColumn("名称", "", False),
            PrintedColumn("締結日", "w-31", False),
            PrintedColumn("取組の数", "w-16", True),
        ],
        rows=[
            ["地域共働事業に関する包括連携協定", date(2011, 4, 22), 12],
            ["葛\U000e0100城市との協定", None, 0],
        ],
        user=clerk,
        today=TODAY,
    )
    assert looks_like(rendered(pdf, 1, WHOLE, tmp_path), "list")


def test_foot_of_a_bulk_print_bears_both_numbers(agreement, clerk, tmp_path):
    target = io.BytesIO()
    html = sheet_html(build_sheet(agreement, user=clerk, today=TODAY, internal=True))
    list(print_all([Sheet(1, html, "1.pdf")], BulkOrder("まとめ"), target, tell=lambda done: None))
    assert looks_like(rendered(target.getvalue(), 1, FOOT, tmp_path), "bulk-foot")


def test_missing_mark_or_moved_line_would_be_seen(sheet, agreement, clerk, tmp_path):
    partner = print_sheet(agreement, user=clerk, today=TODAY, internal=False)
    marked, bare = (rendered(pdf, 1, MARK, tmp_path) for pdf in (sheet, partner))
    _mean, worst = difference(marked, bare)
    assert worst > 70
    page = rendered(sheet, 1, WHOLE, tmp_path)
    assert difference(page, ImageChops.offset(page, 0, 3))[1] > 70
    assert difference(page, page) == (0, 0)
