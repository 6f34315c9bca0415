"""活動 (V rules) and the contradictory dates (I01)."""

from dataclasses import replace
from datetime import date

import pytest

from agreements.domain.diagnosis import Action, Contact, Grade, Settings, Snapshot, diagnose
from agreements.domain.diagnosis.vitality import newest_report_due
from agreements.domain.lifecycle import State
from agreements.domain.renewal import Terms

TODAY = date(2026, 10, 1)
ACTION = Action(
    key=1,
    text="防災訓練",
    starts_on=date(2026, 5, 1),
    due_on=date(2027, 2, 1),
    updated_on=date(2026, 9, 1),
)
ALIVE = Snapshot(
    signed_on=date(2020, 4, 1),
    actions=(ACTION,),
    last_meeting_on=date(2026, 4, 1),
    reported_years=frozenset({2025}),
    contacts=(Contact(key=1, verified_on=date(2026, 4, 1)),),
)


def vitality(snapshot, today=TODAY):
    diagnosis = diagnose(snapshot, today)
    return diagnosis.vitality, [f for f in diagnosis.findings if f.rule.startswith("V")]


def test_a_living_agreement_gets_full_marks():
    grade, findings = vitality(ALIVE)
    assert (grade.score, grade.grade, findings) == (100.0, Grade.A, [])


@pytest.mark.parametrize(
    ("change", "rule", "cost", "message", "section"),
    [
        (
            {"actions": (replace(ACTION, starts_on=date(2027, 4, 1), due_on=date(2027, 6, 1)),)},
            "V01",
            30,
            "今年度の取組がありません。",
            "actions",
        ),
        ({"last_meeting_on": date(2025, 9, 30)}, "V02", 20, "1年以上会議がありません。", "meetings"),
        ({"last_meeting_on": None}, "V02", 20, "1年以上会議がありません。", "meetings"),
        ({"reported_years": frozenset({2024})}, "V03", 20, "令和7年度実績が未提出です。", "annual_reports"),
        (
            {"actions": (replace(ACTION, due_on=date(2026, 9, 30)),)},
            "V04",
            10,
            "期限（令和8年9月30日）を過ぎています。",
            "actions",
        ),
        (
            {"actions": (replace(ACTION, starts_on=date(2026, 3, 1), updated_on=date(2026, 3, 31)),)},
            "V04",
            10,
            "6か月を超えて更新がありません。",
            "actions",
        ),
        (
            {"terms": Terms(date(2024, 3, 31), True, 12)},
            "V05",
            10,
            "見直しなしで3回自動更新しています。",
            "renewal",
        ),
        (
            {"contacts": (Contact(key=1, verified_on=date(2025, 9, 30)),)},
            "V06",
            10,
            "窓口の確認が必要です。",
            "contacts",
        ),
        ({"contacts": (Contact(key=1),)}, "V06", 10, "窓口の確認が必要です。", "contacts"),
        ({"contacts": ()}, "V06", 10, "窓口が登録されていません。", "contacts"),
        (
            {"contacts": (Contact(key=1, verified_on=TODAY, department_abolished=True),)},
            "V06",
            10,
            "窓口の課が廃止されています。窓口の確認が必要です。",
            "contacts",
        ),
    ],
)
def test_each_sign_of_sleep_costs_its_weight(change, rule, cost, message, section):
    grade, findings = vitality(replace(ALIVE, **change))
    assert [(f.rule, f.message, f.place.section) for f in findings] == [(rule, message, section)]
    assert grade.score == 100 - cost


@pytest.mark.parametrize(
    "change",
    [
        {"last_meeting_on": date(2025, 10, 1)},
        {"contacts": (Contact(key=1, verified_on=date(2025, 10, 1)),)},
        {"actions": (replace(ACTION, starts_on=date(2026, 4, 1), updated_on=date(2026, 4, 1)),)},
        {"actions": (replace(ACTION, due_on=TODAY),)},
        {
            "actions": (
                ACTION,
                replace(ACTION, key=2, starts_on=date(2026, 12, 1), updated_on=date(2026, 1, 1)),
            )
        },
        {"actions": (ACTION, replace(ACTION, key=2, due_on=date(2026, 5, 1), done=True))},
        {"actions": (ACTION, replace(ACTION, key=2, due_on=date(2026, 5, 1), cancelled=True))},
        {"terms": Terms(date(2025, 3, 31), True, 12), "last_decision_on": date(2024, 12, 1)},
        {"terms": Terms(date(2026, 3, 31), True, 12)},  # renewed once
    ],
)
def test_what_is_not_late_yet(change):
    assert vitality(replace(ALIVE, **change))[1] == []


def test_v04_costs_the_share_of_the_open_actions_and_its_headline_counts_them():
    late = [replace(ACTION, key=n, due_on=date(2026, 6, 1)) for n in (2, 3)]
    snapshot = replace(ALIVE, actions=(ACTION, *late, replace(ACTION, key=4)))
    assert vitality(snapshot)[0].score == 95.0
    (result,) = [r for r in diagnose(snapshot, TODAY).rules if r.rule.id == "V04"]
    assert result.headline == "期限超過・更新停止の取組 2件"


@pytest.mark.parametrize(
    ("decided_on", "undecided"),
    [
        (None, 6),  # renewed at the end of March 2021 … 2026
        (date(2021, 1, 15), 5),  # decided the renewal of March 2021
        (date(2021, 4, 1), 4),  # a decision in the second term is about March 2022
        (date(2023, 10, 1), 2),
        (date(2024, 10, 1), 1),
        (date(2026, 3, 31), 0),
        (date(2026, 9, 1), 0),
    ],
)
def test_v05_counts_the_renewals_since_the_last_decision(decided_on, undecided):
    snapshot = replace(ALIVE, terms=Terms(date(2021, 3, 31), True, 12), last_decision_on=decided_on)
    messages = [f.message for f in vitality(snapshot)[1]]
    assert messages == ([f"見直しなしで{undecided}回自動更新しています。"] if undecided >= 2 else [])


@pytest.mark.parametrize(
    ("today", "report_due", "year"),
    [
        (date(2026, 10, 1), (5, 31), 2025),
        (date(2026, 6, 1), (5, 31), 2025),
        (date(2026, 5, 31), (5, 31), 2024),
        (date(2026, 4, 1), (5, 31), 2024),
        (date(2026, 3, 31), (5, 31), 2024),
        (date(2027, 1, 31), (1, 31), 2024),  # a deadline in January is that of the next calendar year
        (date(2027, 2, 1), (1, 31), 2025),
    ],
)
def test_which_annual_report_was_due_last(today, report_due, year):
    assert newest_report_due(today, report_due) == year


@pytest.mark.parametrize(
    ("signed_on", "first_report_year", "missing"),
    [
        (date(2026, 4, 1), None, False),  # the first year is not over
        (date(2026, 3, 31), None, True),
        (date(2011, 4, 22), 2026, False),  # came into the ledger this year
        (None, None, True),
    ],
)
def test_a_report_is_owed_from_the_first_year_on(signed_on, first_report_year, missing):
    snapshot = replace(
        ALIVE, signed_on=signed_on, first_report_year=first_report_year, reported_years=frozenset()
    )
    assert [f.rule for f in vitality(snapshot)[1]] == (["V03"] if missing else [])


@pytest.mark.parametrize(
    ("today", "grade"),
    [(date(2026, 9, 30), Grade.PENDING), (date(2026, 10, 1), Grade.B)],
)
def test_vitality_is_pending_for_six_months_after_the_signing(today, grade):
    snapshot = Snapshot(signed_on=date(2026, 4, 1))
    found, findings = vitality(snapshot, today)
    assert found.grade is grade
    assert bool(findings) is found.grade.is_judged
    assert (found.score is None) is not found.grade.is_judged


@pytest.mark.parametrize("state", [State.PROPOSED, State.REVIEWING, State.NEGOTIATING, State.APPROVING])
def test_before_the_signing_vitality_is_pending(state):
    diagnosis = diagnose(replace(ALIVE, state=state, signed_on=None), TODAY)
    assert diagnosis.vitality.grade is Grade.PENDING
    assert diagnosis.clarity.grade.is_judged


def test_a_suspended_agreement_owes_no_activity():
    grade, findings = vitality(replace(ALIVE, state=State.SUSPENDED, last_meeting_on=None))
    assert (grade.grade, findings) == (Grade.NOT_APPLICABLE, [])


def test_the_periods_are_settings():
    snapshot = replace(ALIVE, last_meeting_on=date(2026, 4, 1))
    found = diagnose(snapshot, TODAY, Settings(meeting_months=5))
    assert [f.rule for f in found.findings if f.rule.startswith("V")] == ["V02"]


# --- I01 ---


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (Terms(date(2026, 9, 30), False, None), "満了日を過ぎています。"),
        (Terms(date(2020, 3, 31), True, 12), "当初の満了日が締結日より前です。"),
    ],
)
def test_contradictory_dates_cap_the_whole_at_d(terms, message):
    diagnosis = diagnose(replace(ALIVE, terms=terms), TODAY)
    assert [f.message for f in diagnosis.findings if f.rule == "I01"] == [message]
    assert diagnosis.findings[0].rule == "I01"
    assert diagnosis.overall.grade is Grade.D
    assert diagnosis.overall.score == 39.0
    assert diagnosis.overall.capped_by == ("I01",)
    assert diagnosis.vitality.grade.is_judged


@pytest.mark.parametrize(
    "terms",
    [
        Terms(date(2026, 10, 1), False, None),
        Terms(date(2020, 4, 1), True, 12),
        Terms(None, False, None),
    ],
)
def test_dates_that_agree(terms):
    assert "I01" not in {f.rule for f in diagnose(replace(ALIVE, terms=terms), TODAY).findings}
