from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.plan_text import MAX_ROWS, read_plan, split_code


def shape(text):
    reading = read_plan(text)
    assert not reading.problems, reading.problems
    return [(row.depth, row.code, row.name) for row in reading.rows]


def problems(text):
    return [(each.line, each.message) for each in read_plan(text).problems]


def test_indented_lines_are_a_tree():
    text = "1 暮らし\n  1-1 健康づくり\n    健診\n  1-2 福祉\n２　産業\n"
    assert shape(text) == [
        (0, "1", "暮らし"),
        (1, "1-1", "健康づくり"),
        (2, "", "健診"),
        (1, "1-2", "福祉"),
        (0, "2", "産業"),
    ]


@pytest.mark.parametrize("indent", ["\t", "　", "    ", " "])
def test_any_indent_is_understood(indent):
    assert [row[0] for row in shape(f"一つ\n{indent}二つ\n{indent}{indent}三つ\n{indent}四つ\n五つ")] == [
        0,
        1,
        2,
        1,
        0,
    ]


def test_columns_of_levels_repeat_or_leave_out_what_is_above():
    text = "基本目標\t政策\t施策\n暮らし\t健康\t健診\n暮らし\t健康\t運動\n\t\t食育\n産業\t観光\t"
    reading = read_plan(text)
    assert [(row.depth, row.name, row.level) for row in reading.rows] == [
        (0, "暮らし", "基本目標"),
        (1, "健康", "政策"),
        (2, "健診", "施策"),
        (2, "運動", "施策"),
        (2, "食育", "施策"),
        (0, "産業", "基本目標"),
        (1, "観光", "政策"),
    ]


def test_table_with_headings_carries_kpi_and_section():
    text = (
        "階層\tコード\t名称\tKPI\t単位\t基準値\t目標値\t目標年度\t主管課\n"
        "基本目標\t1\t暮らし\t\t\t\t\t\t\n"
        "施策\t52401\t健診\t受診率\t％\t４５．５\t1,060\t令和12年度\t健康課\n"
    )
    reading = read_plan(text)
    assert not reading.problems
    row = reading.rows[1]
    assert (row.depth, row.level, row.code, row.kpi_name, row.kpi_unit) == (
        1,
        "施策",
        "52401",
        "受診率",
        "％",
    )
    assert (row.kpi_baseline, row.kpi_target, row.kpi_year) == (Decimal("45.5"), Decimal(1060), 2030)
    assert row.department == "健康課"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("階層\t名称\n3\t深い", 2, "上の階層"),
        ("名称\tKPI\t目標値\n健診\t受診率\t多め", 2, "数字として読めません"),
        ("名称\t目標値\n健診\t5", 2, "KPI"),
        ("名称\t謎\n健診\t5", 1, "見出し「謎」"),
        ("1 一つ\n1 二つ", 2, "1行目にもあります"),
        ("    一つ\n  二つ", 2, "字下げ"),
        ("暮らし\t\t健診", 1, "上の階層がありません"),
        ("あ" * 201, 1, "200文字まで"),
        ("名称\tKPI\t目標年度\n健診\t率\t来年", 2, ""),
    ],
)
def test_what_is_not_understood_is_told_by_line(text, line, words):
    found = problems(text)
    assert found
    assert found[0][0] == line
    assert words in found[0][1]


def test_too_many_rows_are_refused_as_a_whole():
    assert problems("\n".join(f"項目{number}" for number in range(MAX_ROWS + 1)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-2 健康", ("1-2", "健康")),
        ("52401　健康　づくり", ("52401", "健康　づくり")),
        ("１．２ ＩＣＴの活用", ("1.2", "ＩＣＴの活用")),
        ("第1章 暮らし", ("第1章", "暮らし")),
        ("(1) 暮らし", ("(1)", "暮らし")),
        ("100人の挑戦", ("", "100人の挑戦")),
        ("暮らし", ("", "暮らし")),
        ("DX の推進", ("", "DX の推進")),  # a word without a digit is no code
        ("A-1 暮らし", ("A-1", "暮らし")),
    ],
)
def test_code_is_what_stands_before_the_name(text, expected):
    assert split_code(text) == expected


@given(st.text(alphabet=" 　\t\n1-あ施策名称コード階層", max_size=80))
def test_every_text_is_read_or_refused(text):
    reading = read_plan(text)
    depth = -1
    for row in reading.rows:
        if not reading.problems:
            assert row.depth <= depth + 1
        depth = row.depth
        assert row.name or reading.problems
