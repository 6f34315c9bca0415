from datetime import date

import pytest
from django.db import IntegrityError, transaction

from agreements.actions import annual_reports as verbs
from agreements.actions.annual_reports import ReportNotAllowed
from agreements.actions.register import ChangedMeanwhile
from agreements.choices import ActionState, Evaluation, ReportState
from agreements.models import Agreement, AnnualReport
from agreements.models.annual_report import owing
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    AnnualReportLineFactory,
    MeetingFactory,
    PlanFactory,
    PlanItemFactory,
    ProgressEntryFactory,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)
YEAR = 2025


@pytest.fixture
def agreement(fukuoka, editor):
    return AgreementFactory(municipality=fukuoka, department=editor.department, signed_on=date(2020, 9, 23))


@pytest.fixture
def ready(agreement):
    """A report that can be handed in."""
    report = AnnualReportFactory(agreement=agreement, fiscal_year=YEAR, next_policy="続ける")
    AnnualReportLineFactory(
        report=report,
        title="健診",
        evaluation=Evaluation.AS_PLANNED,
        effect_yen=1_234_567,
        effect_method="委託した場合の単価 × 回数",
    )
    return report


def action(agreement, **values):
    values = {"starts_on": date(2025, 4, 1), "due_on": date(2026, 3, 31), **values}
    return ActionItemFactory(agreement=agreement, **values)


def test_begin_fills_in_plan_figures_journal_and_meetings_of_the_year(agreement):
    plan_item = PlanItemFactory(
        plan=PlanFactory(municipality=agreement.municipality), code="1-1", name="健康"
    )
    checkup = action(
        agreement,
        title="出張健診",
        target_value=120,
        target_unit="人",
        plan_item=plan_item,
        effect_yen=50_000,
        effect_method="単価×人数",
        state=ActionState.IN_PROGRESS,
    )
    ProgressEntryFactory(action=checkup, on=date(2025, 8, 1), value=40, text="1回目")
    ProgressEntryFactory(action=checkup, on=date(2026, 3, 1), value=100, text="2回目")
    ProgressEntryFactory(action=checkup, on=date(2026, 5, 1), value=130, text="年度の後")
    action(agreement, title="来年の取組", starts_on=date(2026, 4, 1), due_on=date(2027, 3, 31))
    action(agreement, title="削除した取組", deleted_at="2026-01-01T00:00:00Z")
    MeetingFactory(agreement=agreement, held_on=date(2025, 6, 1))
    MeetingFactory(agreement=agreement, held_on=date(2026, 6, 1))
    report = verbs.begin_report(agreement=agreement, year=YEAR, today=TODAY)
    (line,) = report.lines.all()
    assert (line.title, line.plan_item, line.target_value, line.unit) == ("出張健診", "1-1 健康", 120, "人")
    assert (line.result_value, line.effect_yen, line.is_public) == (100, 50_000, False)
    assert "2回目" in line.result_text
    assert "年度の後" not in line.result_text
    assert line.evaluation == Evaluation.DELAYED
    assert report.meetings == "令和7年6月1日（対面）"
    assert report.department == agreement.department
    assert verbs.begin_report(agreement=agreement, year=YEAR, today=TODAY) == report


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"state": ActionState.PLANNED}, Evaluation.NOT_BEGUN),
        (
            {"state": ActionState.DONE, "result_text": "開催", "completed_on": date(2026, 2, 1)},
            Evaluation.AS_PLANNED,
        ),
        ({"state": ActionState.CANCELLED, "cancelled_reason": "中止"}, Evaluation.CANCELLED),
    ],
)
def test_begin_proposes_an_evaluation(agreement, values, expected):
    action(agreement, **values)
    report = verbs.begin_report(agreement=agreement, year=YEAR, today=TODAY)
    assert report.lines.get().evaluation == expected


def test_effect_of_an_action_of_many_years_counts_once(agreement):
    action(agreement, due_on=date(2027, 3, 31), effect_yen=1_000, effect_method="単価")
    report = verbs.begin_report(agreement=agreement, year=YEAR, today=TODAY)
    assert report.lines.get().effect_yen is None


def test_begin_refuses_a_year_that_goes_on_or_was_before_the_signing(agreement):
    with pytest.raises(ReportNotAllowed, match="まだ終わっていません"):
        verbs.begin_report(agreement=agreement, year=2026, today=TODAY)
    with pytest.raises(ReportNotAllowed, match="締結されていません"):
        verbs.begin_report(agreement=agreement, year=2019, today=TODAY)


def test_submit_says_what_is_missing_and_freezes_what_was_said(ready, editor, manager):
    line = ready.lines.get()
    line.evaluation = ""
    line.save()
    with pytest.raises(ReportNotAllowed, match="評価を選んでください"):
        verbs.submit_report(report=ready, by=editor, today=TODAY)
    line.evaluation = Evaluation.AS_PLANNED
    line.save()
    report = verbs.submit_report(report=ready, by=editor, today=TODAY)
    line.title, line.effect_yen = "書き換えた取組", 1
    line.save()
    Agreement.objects.filter(pk=report.agreement_id).update(title="改名した協定")
    report = AnnualReport.objects.get(pk=report.pk)
    assert report.content.lines[0].title == "健診"
    assert report.content.totals.effect_yen == 1_234_567
    assert report.content.agreement != "改名した協定"
    with pytest.raises(ReportNotAllowed):
        verbs.write_report(report=report, seen=report.updated_at, values={}, lines=[])
    report = verbs.accept_report(report=report, by=manager, today=TODAY)
    assert report.content.accepted_on == TODAY
    assert report.content.lines[0].title == "健診"


def test_return_needs_a_reason_and_lets_the_section_write_again(ready, editor, manager):
    verbs.submit_report(report=ready, by=editor, today=TODAY)
    with pytest.raises(ReportNotAllowed, match="理由"):
        verbs.return_report(report=ready, by=manager, today=TODAY, reason=" ")
    report = verbs.return_report(report=ready, by=manager, today=TODAY, reason="数字を確かめてください")
    assert report.is_writable
    assert report.snapshot is None
    report = verbs.submit_report(report=report, by=editor, today=TODAY)
    assert report.state == ReportState.SUBMITTED
    with pytest.raises(ReportNotAllowed):
        verbs.submit_report(report=report, by=editor, today=TODAY)


def test_correction_is_a_new_version_that_replaces_when_it_is_accepted(ready, editor, manager):
    verbs.submit_report(report=ready, by=editor, today=TODAY)
    first = verbs.accept_report(report=ready, by=manager, today=TODAY)
    second = verbs.correct_report(report=first, reason="決算額が違っていた")
    assert (second.version, second.lines.get().title) == (2, "健診")
    with pytest.raises(ReportNotAllowed):
        verbs.correct_report(report=first, reason="もう一度")
    first.refresh_from_db()
    assert first.state == ReportState.ACCEPTED
    verbs.submit_report(report=second, by=editor, today=TODAY)
    second = verbs.accept_report(report=second, by=manager, today=TODAY)
    first.refresh_from_db()
    assert (first.state, second.state) == (ReportState.REPLACED, ReportState.ACCEPTED)
    verbs.take_back(report=second)
    first.refresh_from_db()
    assert first.state == ReportState.ACCEPTED


def test_every_step_can_be_taken_back(ready, editor, manager):
    verbs.submit_report(report=ready, by=editor, today=TODAY)
    assert verbs.take_back(report=ready).state == ReportState.DRAFT
    verbs.submit_report(report=ready, by=editor, today=TODAY)
    verbs.accept_report(report=ready, by=manager, today=TODAY)
    assert verbs.take_back(report=ready).state == ReportState.SUBMITTED
    verbs.take_back(report=ready)
    verbs.discard_report(report=ready, by=editor)
    assert verbs.take_back(report=ready).state == ReportState.DRAFT
    with pytest.raises(ReportNotAllowed):
        verbs.take_back(report=ready)


def test_second_writer_is_told(ready):
    seen = ready.updated_at
    verbs.write_report(report=ready, seen=seen, values={"issues": "一"}, lines=[])
    with pytest.raises(ChangedMeanwhile):
        verbs.write_report(report=ready, seen=seen, values={"issues": "二"}, lines=[])


def test_database_keeps_one_report_in_work_and_nothing_submitted_unfrozen(ready):
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnualReportFactory(agreement=ready.agreement, fiscal_year=YEAR, version=2, correction_reason="訂正")
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnualReport.objects.filter(pk=ready.pk).update(state=ReportState.SUBMITTED)


def test_refill_adds_what_came_since_and_keeps_what_was_written(ready):
    action(ready.agreement, title="後から登録した取組")
    assert verbs.refill_report(report=ready) == 1
    assert verbs.refill_report(report=ready) == 0
    assert [line.title for line in ready.lines.all()] == ["健診", "後から登録した取組"]


def test_owing_are_agreements_in_force_in_the_year_without_a_report(agreement, ready, editor, fukuoka):
    AgreementFactory(municipality=fukuoka, signed_on=date(2026, 4, 1))
    AgreementFactory(municipality=fukuoka, backfilled=True, signed_on=date(2010, 4, 1))  # came in today
    assert list(owing(Agreement.objects.all(), YEAR)) == [agreement]
    verbs.submit_report(report=ready, by=editor, today=TODAY)
    assert not owing(Agreement.objects.all(), YEAR).exists()
