"""すり合わせ (E rules)."""

from dataclasses import replace
from datetime import date

import pytest

from agreements.domain.diagnosis import Action, Cost, Expectation, Grade, Item, Snapshot, diagnose

TODAY = date(2026, 10, 1)
ROW = Expectation(
    item=1,
    own_expects="若い世代の来店時に健診を案内してほしい",
    partner_expects="健康商品の認知を高めたい",
    own_cost=Cost.FREE,
    partner_cost=Cost.FREE,
    not_to_do="営業名簿の提供",
    own_confirmed_on=date(2026, 5, 1),
    partner_confirmed_on=date(2026, 5, 10),
)
ACTION = Action(
    key=1,
    text="市内3店舗で健診の案内",
    items=frozenset({1}),
    due_on=date(2027, 2, 1),
    funding="municipal_budget",
    budget_line="健康増進事業費",
    contract_method="プロポーザル",
)


def agreement(*rows, items=1, actions=()):
    return Snapshot(
        signed_on=date(2026, 9, 1),
        items=tuple(
            Item(key=n, label=f"({n})", field="健康", text="健康に関すること") for n in range(1, items + 1)
        ),
        expectations=rows,
        actions=actions,
        own_label="町",
    )


def alignment(snapshot, today=TODAY):
    diagnosis = diagnose(snapshot, today)
    return diagnosis.alignment, [f for f in diagnosis.findings if f.rule.startswith("E")]


def test_both_sides_in_agreement_give_full_marks():
    grade, findings = alignment(agreement(ROW))
    assert (grade.score, grade.grade, findings) == (100.0, Grade.A, [])


@pytest.mark.parametrize(
    ("change", "rule", "score", "message"),
    [
        ({"partner_expects": " "}, "E01", 70.0, "健康分野で相手方の期待が空欄です。"),
        ({"own_expects": ""}, "E01", 70.0, "健康分野で町の期待が空欄です。"),
        ({"own_cost": Cost.UNDECIDED}, "E02", 80.0, "費用負担が未定です。"),
        ({"partner_cost": None}, "E02", 80.0, "費用負担が未定です。"),
        ({"cost_note": "費用は別途協議する"}, "E02", 80.0, "費用負担が未定です。"),
        (
            {"partner_cost": Cost.AT_COST},
            "E02",
            80.0,
            "費用負担が未定です。町は無償、相手方は実費と考えています。",
        ),
        ({"partner_cost": Cost.PAID}, "E03", 59.0, "町は無償、相手方は有償と考えています。"),
        (
            {"own_cost": Cost.PAID, "partner_cost": Cost.AT_COST},
            "E03",
            59.0,
            "町は有償、相手方は実費と考えています。",
        ),
        (
            {"partner_expects_order": True},
            "E03",
            59.0,
            "相手方は受注を期待していますが、調達の要否と方法が書かれていません。",
        ),
        ({"not_to_do": ""}, "E05", 95.0, "やらないことを書くと誤解を防げます。"),
        ({"own_confirmed_on": None}, "E06", 85.0, "双方の確認がありません。"),
        ({"partner_confirmed_on": None}, "E06", 85.0, "双方の確認がありません。"),
        ({"own_confirmed_on": date(2025, 9, 30)}, "E06", 85.0, "双方の確認から1年を超えました。"),
    ],
)
def test_each_gap_costs_its_weight(change, rule, score, message):
    grade, findings = alignment(agreement(replace(ROW, **change)))
    assert [(f.rule, f.message) for f in findings] == [(rule, message)]
    assert findings[0].place.section == "expectations"
    assert grade.score == score


def test_a_confirmation_is_good_for_a_year_to_the_day():
    assert alignment(agreement(replace(ROW, own_confirmed_on=date(2025, 10, 1))))[1] == []


def test_an_expected_order_with_a_procurement_entry_is_fine():
    row = replace(ROW, partner_expects_order=True, procurement="公募型プロポーザル")
    assert alignment(agreement(row))[1] == []


def test_both_paid_is_no_conflict():
    assert alignment(agreement(replace(ROW, own_cost=Cost.PAID, partner_cost=Cost.PAID)))[1] == []


def test_a_conflict_caps_the_axis_at_c_and_blocks_the_approval():
    one_of_ten = [replace(ROW, item=n) for n in range(1, 10)] + [
        replace(ROW, item=10, partner_cost=Cost.PAID)
    ]
    diagnosis = diagnose(agreement(*one_of_ten, items=10), TODAY)
    assert (diagnosis.alignment.score, diagnosis.alignment.grade) == (59.0, Grade.C)
    assert diagnosis.alignment.capped_by == ("E03",)
    assert diagnosis.blocks_approval
    assert not diagnose(agreement(ROW), TODAY).blocks_approval


def test_a_cap_never_raises_a_lower_score():
    row = Expectation(item=1, partner_expects="受注", partner_expects_order=True)
    grade, _ = alignment(agreement(row))
    assert grade.score == 100 - 30 - 20 - 15


def test_without_a_worksheet_only_the_silence_and_the_missing_confirmation_count():
    grade, findings = alignment(agreement(items=2))
    assert sorted(f.rule for f in findings) == ["E01", "E01", "E06", "E06"]
    assert {f.message for f in findings if f.rule == "E01"} == {"健康分野で双方の期待が空欄です。"}
    assert (grade.score, grade.grade) == (55.0, Grade.C)


def test_an_agreement_without_items_is_judged_as_a_whole():
    snapshot = replace(agreement(), items=())
    assert [f.message for f in alignment(snapshot)[1] if f.rule == "E01"] == [
        "協定全体で双方の期待が空欄です。"
    ]
    assert alignment(replace(snapshot, expectations=(replace(ROW, item=None),)))[1] == []


def test_the_grade_never_falls_when_people_begin_to_talk():
    """Row by row, first one side, then both, then costs, exclusions, confirmation: never a step down."""
    steps = [
        Expectation(item=1, own_expects="a"),
        Expectation(item=1, own_expects="a", partner_expects="b"),
        Expectation(item=1, own_expects="a", partner_expects="b", own_cost=Cost.FREE, partner_cost=Cost.FREE),
        replace(ROW, own_confirmed_on=None),
        ROW,
    ]
    for items in (1, 2, 7):
        scores = [alignment(agreement(items=items))[0].score]
        done = []
        for number in range(1, items + 1):
            scores += [
                alignment(agreement(*done, replace(step, item=number), items=items))[0].score
                for step in steps
            ]
            done.append(replace(ROW, item=number))
        assert scores == sorted(scores)
        assert scores[-1] == 100.0


def test_several_partners_of_one_item_each_have_a_row():
    rows = (ROW, replace(ROW, partner_expects="", partner_cost=Cost.PAID))
    assert sorted(f.rule for f in alignment(agreement(*rows))[1]) == ["E01", "E03"]


def test_an_item_without_categories_is_named_by_its_number():
    snapshot = replace(agreement(), items=(Item(key=1, label="(3)", text="健康に関すること"),))
    assert alignment(snapshot)[1][0].message == "(3)で双方の期待が空欄です。"


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({}, []),
        ({"budget_line": ""}, ["E04"]),
        ({"contract_method": " "}, ["E04"]),
        ({"funding": "zero_budget", "budget_line": "", "contract_method": ""}, []),
        ({"funding": "undecided"}, ["E02"]),
        ({"funding": None, "budget_line": ""}, []),
        ({"budget_line": "", "cancelled": True}, []),
    ],
)
def test_the_money_of_the_actions(change, rules):
    assert [f.rule for f in alignment(agreement(ROW, actions=(replace(ACTION, **change),)))[1]] == rules


def test_undecided_funding_counts_among_all_who_could_be_undecided():
    actions = (replace(ACTION, funding="undecided"), replace(ACTION, key=2))
    grade, findings = alignment(agreement(ROW, actions=actions))
    assert [f.subject.kind for f in findings] == ["action"]
    assert grade.score == 93.3  # 20 points over one row and two actions
