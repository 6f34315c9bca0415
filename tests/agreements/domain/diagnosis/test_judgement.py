"""The whole diagnosis: the worst axis, answers, settings, and what is not judged."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.diagnosis import (
    AGREEMENT,
    RULES,
    WEIGHTED_RULES,
    Action,
    Axis,
    Contact,
    Cost,
    Expectation,
    Grade,
    Item,
    Level,
    Response,
    Settings,
    Snapshot,
    Subject,
    diagnose,
)
from agreements.domain.diagnosis.grade import grade_for
from agreements.domain.lifecycle import State
from agreements.domain.renewal import Terms

TODAY = date(2026, 10, 1)
YOUNG = Snapshot(signed_on=date(2026, 9, 1), items=(Item(key=1, text="食育に関すること"),))


def test_the_rules_have_the_weights_of_the_method():
    weights = {
        "C01": 5, "C02": 45, "C03": 10, "C04": 10, "C05": 10, "C06": 5, "C07": 15,
        "E01": 30, "E02": 20, "E03": 20, "E04": 10, "E05": 5, "E06": 15,
        "V01": 30, "V02": 20, "V03": 20, "V04": 10, "V05": 10, "V06": 10,
    }  # fmt: skip
    assert {rule.id: rule.weight for rule in RULES if rule.axis} == weights
    assert tuple(weights) == WEIGHTED_RULES
    for axis in Axis:
        assert sum(rule.weight for rule in RULES if rule.axis is axis) == 100


@pytest.mark.parametrize(
    ("score", "grade"),
    [(100, "A"), (80, "A"), (79.9, "B"), (60, "B"), (59.9, "C"), (40, "C"), (39.9, "D"), (0, "D")],
)
def test_grades_begin_at_their_thresholds(score, grade):
    assert grade_for(score, Settings()) == grade


def test_labels():
    assert [g.label for g in Grade] == [
        "良好",
        "軽微な補正",
        "要協議",
        "要仕切り直し",
        "判定前",
        "対象なし",
        "未整備",
    ]
    assert [a.label for a in Axis] == ["明確さ", "すり合わせ", "活動"]


def test_the_overall_grade_is_that_of_the_worst_axis():
    diagnosis = diagnose(YOUNG, TODAY)
    assert (diagnosis.clarity.score, diagnosis.alignment.score) == (40.0, 55.0)
    assert diagnosis.vitality.grade is Grade.PENDING
    assert (diagnosis.overall.axis, diagnosis.overall.score, diagnosis.overall.grade) == (
        Axis.CLARITY,
        40.0,
        Grade.C,
    )


@pytest.mark.parametrize("state", [State.ENDED, State.DECLINED])
def test_what_is_over_is_not_judged(state):
    diagnosis = diagnose(replace(YOUNG, state=state), TODAY)
    grades = {diagnosis.clarity, diagnosis.alignment, diagnosis.vitality, diagnosis.overall}
    assert {g.grade for g in grades} == {Grade.NOT_APPLICABLE}
    assert diagnosis.findings == ()


def test_a_backfilled_agreement_is_unprepared_until_its_first_review_but_shows_its_findings():
    backfilled = replace(YOUNG, backfilled=True, terms=Terms(date(2026, 3, 31), False, None))
    diagnosis = diagnose(backfilled, TODAY)
    for grade in (diagnosis.clarity, diagnosis.alignment, diagnosis.vitality, diagnosis.overall):
        assert (grade.grade, grade.score) == (Grade.UNPREPARED, None)
    assert diagnosis.findings
    reviewed = diagnose(replace(backfilled, reviewed_on=TODAY), TODAY)
    assert reviewed.overall.grade is Grade.D


# --- Answers (対応しない理由) ---

NO_ACTION = Response("C02", Subject("item", 1), date(2026, 9, 15), "来年度に開始するため", "佐藤")


def test_an_answer_takes_the_finding_out_of_the_score_but_not_out_of_sight():
    diagnosis = diagnose(replace(YOUNG, responses=(NO_ACTION,)), TODAY)
    (finding,) = [f for f in diagnosis.findings if f.rule == "C02"]
    assert finding.response == NO_ACTION
    assert finding.points == 0
    assert diagnosis.clarity.score == 85.0


@pytest.mark.parametrize(
    ("today", "in_force"),
    [
        (date(2026, 9, 14), False),
        (date(2026, 9, 15), True),
        (date(2027, 9, 15), True),
        (date(2027, 9, 16), False),
    ],
)
def test_an_answer_is_good_for_twelve_months(today, in_force):
    diagnosis = diagnose(replace(YOUNG, responses=(NO_ACTION,)), today)
    (finding,) = [f for f in diagnosis.findings if f.rule == "C02"]
    assert (finding.response is not None) is in_force


def test_an_answer_concerns_its_own_rule_and_subject_and_the_newest_is_shown():
    other = (replace(NO_ACTION, subject=Subject("action", 1)), replace(NO_ACTION, rule="C01"))
    newer = replace(NO_ACTION, given_on=date(2026, 9, 20), reason="延期")
    (finding,) = [f for f in diagnose(replace(YOUNG, responses=other), TODAY).findings if f.rule == "C02"]
    assert finding.response is None
    (finding,) = [
        f for f in diagnose(replace(YOUNG, responses=(newer, NO_ACTION)), TODAY).findings if f.rule == "C02"
    ]
    assert finding.response == newer


def test_an_answer_to_a_cap_lifts_it_but_a_conflict_still_blocks_the_approval():
    row = Expectation(
        item=1,
        own_expects="a",
        partner_expects="b",
        own_cost=Cost.FREE,
        partner_cost=Cost.PAID,
        not_to_do="c",
        own_confirmed_on=TODAY,
        partner_confirmed_on=TODAY,
    )
    snapshot = replace(YOUNG, expectations=(row,))
    answered = replace(snapshot, responses=(Response("E03", Subject("item", 1), TODAY, "覚書で定める"),))
    assert diagnose(snapshot, TODAY).alignment.score == 59.0
    assert diagnose(answered, TODAY).alignment.score == 100.0
    assert diagnose(answered, TODAY).blocks_approval

    expired = replace(YOUNG, terms=Terms(date(2026, 9, 2), False, None))
    answer = Response("I01", AGREEMENT, TODAY, "後継の協定を準備中")
    assert diagnose(expired, TODAY).overall.grade is Grade.D
    assert diagnose(replace(expired, responses=(answer,)), TODAY).overall.grade is Grade.C


# --- Settings ---


def test_weights_and_thresholds_can_be_tuned():
    lenient = Settings(weights={"C02": 20, "C07": 0}, a_from=75)
    diagnosis = diagnose(YOUNG, TODAY, lenient)
    assert (diagnosis.clarity.score, diagnosis.clarity.grade) == (80.0, Grade.A)
    assert "C07" in {f.rule for f in diagnosis.findings}


def test_a_score_never_falls_below_zero():
    harsh = Settings(weights={"C02": 100, "C07": 100})
    assert diagnose(YOUNG, TODAY, harsh).clarity.score == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": {"C99": 5}}, "C99"),
        ({"weights": {"I01": 5}}, "I01"),
        ({"weights": {"C01": -1}}, "重み"),
        ({"weights": {"C01": 101}}, "重み"),
        ({"a_from": 60}, "評価の境目"),
        ({"c_from": 0}, "評価の境目"),
        ({"pending_months": -1}, "期間"),
        ({"tacit_renewals": 0}, "回数"),
        ({"report_due": (2, 30)}, "実績報告の期限"),
        ({"vague_endings": ("",)}, "空の語句"),
        ({"catch_all_prefixes": ("　",)}, "空の語句"),
    ],
)
def test_impossible_settings_are_refused_in_japanese(change, message):
    with pytest.raises(ValueError, match=message):
        Settings(**change)


# --- Properties over generated agreements ---

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
maybe_day = st.none() | days
texts = st.sampled_from(
    ["食育に関すること", "その他必要なこと", "導入を検討する", "4月22日より162店舗で開催", "観光等の推進", ""]
)


@st.composite
def snapshots(draw):
    items = tuple(Item(key=n, label=f"({n})", text=draw(texts)) for n in range(draw(st.integers(0, 3))))
    keys = st.frozensets(st.sampled_from([0, 1, 2]), max_size=3)
    actions = tuple(
        Action(
            key=n,
            text=draw(texts),
            items=draw(keys),
            has_department=draw(st.booleans()),
            has_partner_contact=draw(st.booleans()),
            starts_on=draw(maybe_day),
            due_on=draw(maybe_day),
            done=draw(st.booleans()),
            cancelled=draw(st.booleans()),
            target_value=draw(st.none() | st.just(Decimal(3))),
            target_unit=draw(st.sampled_from(["", "回"])),
            has_plan_link=draw(st.booleans()),
            funding=draw(st.sampled_from([None, "undecided", "municipal_budget", "zero_budget"])),
            updated_on=draw(maybe_day),
        )
        for n in range(draw(st.integers(0, 3)))
    )
    costs = st.none() | st.sampled_from(Cost)
    expectations = tuple(
        Expectation(
            item=draw(st.none() | st.integers(0, 2)),
            own_expects=draw(st.sampled_from(["", "a"])),
            partner_expects=draw(st.sampled_from(["", "b"])),
            partner_expects_order=draw(st.booleans()),
            own_cost=draw(costs),
            partner_cost=draw(costs),
            own_confirmed_on=draw(maybe_day),
            partner_confirmed_on=draw(maybe_day),
        )
        for _ in range(draw(st.integers(0, 3)))
    )
    return Snapshot(
        state=draw(st.sampled_from(State)),
        signed_on=draw(maybe_day),
        terms=Terms(draw(maybe_day), draw(st.booleans()), 12),
        items=items,
        actions=actions,
        expectations=expectations,
        contacts=tuple(Contact(key=n, verified_on=draw(maybe_day)) for n in range(draw(st.integers(0, 2)))),
        has_plan_link=draw(st.booleans()),
        last_meeting_on=draw(maybe_day),
        last_decision_on=draw(maybe_day),
        backfilled=draw(st.booleans()),
        reviewed_on=draw(maybe_day),
    )


@given(snapshots(), days)
def test_every_grade_is_explained_by_its_findings(snapshot, today):
    diagnosis = diagnose(snapshot, today)
    for grade in (diagnosis.clarity, diagnosis.alignment, diagnosis.vitality):
        lost = sum(f.points for f in diagnosis.findings if f.axis is grade.axis)
        if not grade.grade.is_judged:
            assert grade.score is None
        elif grade.capped_by:
            assert grade.score <= 59.0
        else:
            assert grade.score == pytest.approx(100 - lost, abs=0.051)
            assert grade.grade is grade_for(grade.score, Settings())


@given(snapshots(), days)
def test_the_overall_grade_is_never_better_than_an_axis(snapshot, today):
    diagnosis = diagnose(snapshot, today)
    scores = [
        g.score for g in (diagnosis.clarity, diagnosis.alignment, diagnosis.vitality) if g.score is not None
    ]
    if scores:
        assert diagnosis.overall.score <= min(scores)
        assert diagnosis.overall.score == min(scores) or diagnosis.overall.capped_by == ("I01",)


@given(snapshots(), days)
def test_every_finding_says_what_where_and_why(snapshot, today):
    subjects = {AGREEMENT, *(u.subject for u in (*snapshot.items, *snapshot.actions, *snapshot.contacts))}
    texts = {u.subject: u.text for u in (*snapshot.items, *snapshot.actions)}
    for finding in diagnose(snapshot, today).findings:
        assert finding.message.endswith("。")
        assert finding.place.section
        assert finding.subject in subjects
        assert finding.quote == texts.get(finding.subject, "")[finding.start : finding.end]
        assert finding.level is Level.INFORMATION or finding.rule in {rule.id for rule in RULES}


@given(snapshots(), days, st.data())
def test_answering_a_finding_never_lowers_a_score(snapshot, today, data):
    diagnosis = diagnose(snapshot, today)
    violations = [f for f in diagnosis.findings if f.level is Level.VIOLATION]
    if not violations:
        return
    finding = data.draw(st.sampled_from(violations))
    answer = Response(finding.rule, finding.subject, today - timedelta(days=1), "理由")
    after = diagnose(replace(snapshot, responses=(answer,)), today)
    for axis in ("clarity", "alignment", "vitality", "overall"):
        before_score, after_score = getattr(diagnosis, axis).score, getattr(after, axis).score
        assert (before_score is None and after_score is None) or after_score >= before_score
