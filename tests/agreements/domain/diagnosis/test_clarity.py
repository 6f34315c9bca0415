"""明確さ (C rules): the examples of domain.md and each rule by itself."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from agreements.domain.diagnosis import Action, Grade, Item, Snapshot, Subject, diagnose

TODAY = date(2026, 10, 1)  # fiscal year 2026: until 2027-03-31, the next until 2028-03-31

FUKUOKA = Snapshot(
    signed_on=date(2011, 4, 22),
    items=tuple(
        Item(key=number, label=f"({number})", text=text)
        for number, text in enumerate(
            [
                "アジアを見据えた観光振興に関すること",
                "市の環境政策に関すること",
                "地産地消や地域経済の活性化に関すること",
                "地域の安全・安心の確保や災害時の支援に関すること",
                "子育てや青少年育成の支援に関すること",
                "高齢者・障がい者の支援に関すること",
                "その他市政の推進や市民サービスの提供に関すること",
            ],
            start=1,
        )
    ),
)
OBUSE = Snapshot(
    signed_on=date(2020, 9, 23),
    has_plan_link=True,
    items=(
        Item(
            key=1,
            text="電気・水道・通信などの各領域に知見と技術を持つ民間企業との協業により、行動計画に落とし込むこと",
        ),
        Item(
            key=2,
            text="各領域を個別に検討するのではなく、領域横断での包括連携協定とすることで、最大化を実現すること",
        ),
    ),
)
COMPLETE = Action(
    key=1,
    text="市内の小学校で食育の出前授業",
    items=frozenset({1}),
    has_department=True,
    has_partner_contact=True,
    starts_on=date(2026, 6, 1),
    due_on=date(2027, 2, 28),
    target_value=Decimal(12),
    target_unit="回",
    has_plan_link=True,
    updated_on=date(2026, 9, 1),
)


def agreement(*actions, items=1):
    return Snapshot(
        signed_on=date(2026, 9, 1),
        items=tuple(Item(key=n, label=f"({n})", text="食育に関すること") for n in range(1, items + 1)),
        actions=actions,
    )


def of_rule(diagnosis, rule):
    return [f for f in diagnosis.findings if f.rule == rule]


def clarity_rules(diagnosis):
    return [f.rule for f in diagnosis.findings if f.rule.startswith("C")]


def test_fukuoka_as_text_only_is_39_3_and_d():
    diagnosis = diagnose(FUKUOKA, TODAY)
    assert diagnosis.clarity.score == 39.3
    assert diagnosis.clarity.grade is Grade.D
    (c01,) = of_rule(diagnosis, "C01")
    assert c01.subject == Subject("item", 7)
    assert c01.message == "(7)は包括項目です。具体的な取組は他の項目に書いてください。"
    assert [f.subject.key for f in of_rule(diagnosis, "C02")] == [1, 2, 3, 4, 5, 6]
    assert len(of_rule(diagnosis, "C07")) == 1
    assert sorted({f.rule for f in diagnosis.findings if f.rule.startswith("C")}) == ["C01", "C02", "C07"]


def test_obuse_linked_to_its_plan_but_without_action_is_55_and_c():
    diagnosis = diagnose(OBUSE, TODAY)
    assert (diagnosis.clarity.score, diagnosis.clarity.grade) == (55.0, Grade.C)
    assert clarity_rules(diagnosis) == ["C02", "C02"]
    assert not of_rule(diagnosis, "info")


def test_a_complete_action_gives_full_marks():
    diagnosis = diagnose(agreement(COMPLETE), TODAY)
    assert (diagnosis.clarity.score, diagnosis.clarity.grade) == (100.0, Grade.A)
    assert clarity_rules(diagnosis) == []


@pytest.mark.parametrize(
    ("change", "rule", "cost", "place"),
    [
        ({"has_department": False}, "C03", 10, ("actions", "department")),
        ({"has_partner_contact": False}, "C03", 10, ("actions", "partner_contact")),
        ({"starts_on": None, "due_on": None}, "C04", 10, ("actions", "due_on")),
        ({"target_value": None}, "C05", 10, ("actions", "target_value")),
        ({"target_unit": " "}, "C05", 10, ("actions", "target_value")),
        ({"has_plan_link": False}, "C07", 15, ("actions", "plan")),
    ],
)
def test_each_missing_fact_costs_its_weight(change, rule, cost, place):
    diagnosis = diagnose(agreement(replace(COMPLETE, **change)), TODAY)
    (finding,) = [f for f in diagnosis.findings if f.rule.startswith("C")]
    assert finding.rule == rule
    assert finding.points == cost
    assert (finding.place.section, finding.place.field) == place
    assert finding.quote == COMPLETE.text
    assert diagnosis.clarity.score == 100 - cost


@pytest.mark.parametrize("field", ["starts_on", "due_on"])
def test_either_date_is_enough(field):
    dates = {"starts_on": None, "due_on": None, field: date(2026, 11, 1)}
    assert clarity_rules(diagnose(agreement(replace(COMPLETE, **dates)), TODAY)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("市内2店舗へ銀聯カード端末を導入", ["C04"]),
        ("4月22日より市内162店舗で地産地消フェアを開催", []),
        ("地球温暖化市民協議会への参加", ["C04", "C05"]),
        ("水道インフラの構築に向けた検討", ["C04", "C05", "C06"]),
        ("4月22日より162店舗で開催に協力", []),
    ],
)
def test_what_the_words_say_counts_too(text, expected):
    action = replace(COMPLETE, text=text, starts_on=None, due_on=None, target_value=None, target_unit="")
    assert sorted(clarity_rules(diagnose(agreement(action), TODAY))) == expected


def test_c06_needs_a_missing_date_or_amount():
    vague = replace(COMPLETE, text="新しい交通手段の検討")
    assert clarity_rules(diagnose(agreement(vague), TODAY)) == []
    unmeasured = diagnose(agreement(replace(vague, target_value=None)), TODAY)
    (c06,) = of_rule(unmeasured, "C06")
    assert (c06.quote, c06.start, c06.end) == ("検討", 8, 10)
    assert unmeasured.clarity.score == 85.0


def test_c06_on_an_item_costs_nothing():
    snapshot = replace(agreement(COMPLETE), items=(Item(key=1, text="食育の推進"),))
    diagnosis = diagnose(snapshot, TODAY)
    (finding,) = of_rule(diagnosis, "C06")
    assert finding.points == 0
    assert diagnosis.clarity.score == 100.0


@pytest.mark.parametrize(
    ("dates", "counts"),
    [
        ({"starts_on": date(2026, 4, 1), "due_on": date(2026, 4, 2)}, True),
        ({"starts_on": date(2025, 4, 1), "due_on": date(2026, 4, 1)}, True),
        ({"starts_on": date(2028, 3, 31), "due_on": date(2028, 12, 1)}, True),
        ({"starts_on": date(2028, 4, 1), "due_on": date(2028, 12, 1)}, False),
        ({"starts_on": date(2025, 4, 1), "due_on": date(2026, 3, 31)}, False),
        ({"starts_on": None, "due_on": date(2027, 6, 1)}, True),
        ({"starts_on": date(2020, 4, 1), "due_on": None}, True),  # begun and never finished
        ({"starts_on": date(2020, 4, 1), "due_on": None, "done": True}, False),
        ({"starts_on": None, "due_on": None}, True),  # undated: C04's business
        ({"starts_on": None, "due_on": None, "done": True}, False),
        ({"starts_on": None, "due_on": None, "done": True, "completed_on": date(2026, 5, 1)}, True),
        (
            {"starts_on": date(2025, 4, 1), "due_on": date(2026, 3, 31), "completed_on": date(2026, 5, 1)},
            True,
        ),
        ({"cancelled": True}, False),
    ],
)
def test_c02_counts_actions_of_this_and_the_next_fiscal_year(dates, counts):
    action = replace(COMPLETE, **dates)
    diagnosis = diagnose(agreement(action), TODAY)
    assert (not of_rule(diagnosis, "C02")) is counts


def test_c02_costs_the_share_of_the_items_without_action():
    diagnosis = diagnose(agreement(COMPLETE, items=3), TODAY)
    assert [f.subject.key for f in of_rule(diagnosis, "C02")] == [2, 3]
    assert diagnosis.clarity.score == 70.0


def test_one_action_may_serve_several_items():
    action = replace(COMPLETE, items=frozenset({1, 2, 3}))
    assert not of_rule(diagnose(agreement(action, items=3), TODAY), "C02")


def test_an_agreement_with_nothing_but_a_catch_all_is_judged_as_a_whole():
    only = (Item(key=1, text="その他市長が認めること"),)
    empty = diagnose(Snapshot(signed_on=date(2026, 9, 1), items=only), TODAY)
    (c02,) = of_rule(empty, "C02")
    assert c02.subject.kind == "agreement"
    assert empty.clarity.score == 100 - 5 - 45 - 15
    active = diagnose(Snapshot(signed_on=date(2026, 9, 1), items=only, actions=(COMPLETE,)), TODAY)
    assert not of_rule(active, "C02")


def test_without_actions_c03_to_c06_are_not_applicable():
    results = {r.rule.id: r for r in diagnose(agreement(), TODAY).rules}
    assert [i for i in ("C03", "C04", "C05", "C06") if results[i].is_applicable] == []
    assert results["C07"].unit_count == 1


@pytest.mark.parametrize(
    "action",
    [
        replace(COMPLETE, cancelled=True, has_department=False),
        replace(
            COMPLETE, done=True, starts_on=date(2020, 4, 1), due_on=date(2021, 3, 31), has_department=False
        ),
    ],
)
def test_cancelled_and_long_finished_actions_are_not_judged(action):
    assert clarity_rules(diagnose(agreement(action), TODAY)) == ["C02", "C07"]


def test_an_open_action_of_an_old_year_is_still_judged():
    old = replace(COMPLETE, starts_on=date(2020, 4, 1), due_on=date(2021, 3, 31), has_department=False)
    assert set(clarity_rules(diagnose(agreement(old), TODAY))) == {"C02", "C03"}
