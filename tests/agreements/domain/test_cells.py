import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.cells import split_items, split_names


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("株式会社ローソン", ["株式会社ローソン"]),
        ("㈱見本運輸\n㈱見本倉庫", ["㈱見本運輸", "㈱見本倉庫"]),
        ("見本運輸、見本倉庫", ["見本運輸", "見本倉庫"]),
        ("株式会社A・株式会社B", ["株式会社A", "株式会社B"]),
        ("株式会社A／有限会社B", ["株式会社A", "有限会社B"]),
        ("エヌ・ティ・ティ見本株式会社", ["エヌ・ティ・ティ見本株式会社"]),
        ("Mihon Co., Ltd.", ["Mihon Co., Ltd."]),
        ("①見本運輸 ②見本倉庫", ["見本運輸", "見本倉庫"]),
        ("・見本運輸\n・見本倉庫", ["見本運輸", "見本倉庫"]),
        ("見本運輸\n見本運輸", ["見本運輸"]),
        ("", []),
    ],
)
def test_names_in_a_cell(cell, names):
    assert split_names(cell) == names


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("(1)観光に関すること (2)防災に関すること", ["観光に関すること", "防災に関すること"]),
        ("観光に関すること\n防災に関すること", ["観光に関すること", "防災に関すること"]),
        ("観光に関すること、防災に関すること", ["観光に関すること", "防災に関すること"]),
        ("地産地消、観光振興、健康増進", ["地産地消", "観光振興", "健康増進"]),
        ("物資の供給／避難所への輸送", ["物資の供給", "避難所への輸送"]),
        ("健康・医療・食育に関すること", ["健康・医療・食育に関すること"]),
        ("観光、文化及びスポーツの振興に関すること", ["観光、文化及びスポーツの振興に関すること"]),
        ("災害時、甲は乙に協力を求める。", ["災害時、甲は乙に協力を求める。"]),
        ("", []),
    ],
)
def test_items_in_a_cell(cell, items):
    assert split_items(cell) == items


WORDS = st.text(alphabet="観光防災健康市民の振興こと株式会社AB12、・/／；\n 　()㈱", max_size=60)


def letters(text: str) -> str:
    return "".join(re.findall(r"[^\W\d_]", text))


@given(WORDS)
def test_splitting_loses_no_letter_and_makes_none(text):
    joined = letters("".join(split_items(text)))
    if not re.search(r"[(0-9]", text):  # numbers of a list go, and what introduces it
        assert joined == letters(text)
    assert all(item.strip() for item in [*split_items(text), *split_names(text)])
    for name in split_names(text):
        assert letters(name) in letters(text)
