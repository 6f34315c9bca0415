"""The stored 診断: the same as the pure function's, for many agreements and after every change."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.actions.diagnosis import (
    answer_finding,
    change_settings,
    mark_reviewed,
    record_month,
    refresh_diagnoses,
    restore_response,
    withdraw_response,
)
from agreements.choices import (
    ActionState,
    AgreementState,
    DiagnosisAxis,
    DiagnosisGrade,
    ExpectationCost,
    ExpectationRoundState,
    Funding,
    Side,
)
from agreements.domain import diagnosis as rules
from agreements.models import Agreement, DiagnosisMonth, DiagnosisResult
from agreements.models.diagnosis_result import diagnose_all, stored_values
from agreements.models.diagnosis_snapshot import read_snapshots
from agreements.models.expectation_sheet import expectations_of
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyContactFactory,
    CooperationFieldFactory,
    DepartmentFactory,
    ExpectationAnswerFactory,
    ExpectationConfirmationFactory,
    ExpectationRoundFactory,
    ExpectationRowFactory,
    MeetingFactory,
    MunicipalityFactory,
    PartyFactory,
    PlanLinkFactory,
    ProgressEntryFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db

LAWSON = (
    "アジアを見据えた観光振興に関すること",
    "市の環境政策に関すること",
    "地産地消や地域経済の活性化に関すること",
    "地域の安全・安心の確保や災害時の支援に関すること",
    "子育てや青少年育成の支援に関すること",
    "高齢者・障がい者の支援に関すること",
    "その他市政の推進や市民サービスの提供に関すること",
)
TEXTS = (*LAWSON, "防災訓練を年2回行うこと", "必要に応じて協議すること", "情報発信の推進")


def agreement_with(*texts: str, **values) -> Agreement:
    agreement = AgreementFactory(**values)
    for number, text in enumerate(texts, start=1):
        CooperationFieldFactory(agreement=agreement, number=number, text=text)
    return agreement


def result_of(agreement: Agreement, today: date) -> DiagnosisResult:
    refresh_diagnoses(agreement_ids={agreement.pk}, today=today)
    return DiagnosisResult.objects.get(pk=agreement.pk)


def generate(dice: random.Random, municipality, today: date) -> Agreement:
    """An agreement with parts in every combination that a rule looks at."""
    section = DepartmentFactory(
        municipality=municipality,
        valid_to=dice.choice([None, None, None, today - timedelta(days=3)]),
    )
    signed = today - timedelta(days=dice.randrange(4000))
    agreement = agreement_with(
        *dice.sample(TEXTS, dice.randrange(5)),
        municipality=municipality,
        department=dice.choice([section, None]),
        state=dice.choice([*AgreementState.values[:6], AgreementState.ACTIVE, AgreementState.DECLINED]),
        signed_on=signed,
        backfilled=dice.random() < 0.2,
        reviewed_on=dice.choice([None, today]),
        **dice.choice(
            [
                {},
                {"first_expiry": signed + timedelta(days=dice.randrange(2000)), "auto_renew": False},
                {
                    "first_expiry": signed + timedelta(days=400),
                    "auto_renew": True,
                    "renewal_months": 12,
                },
            ]
        ),
    )
    items = list(agreement.cooperation_fields.all())
    if dice.random() < 0.7:
        company = PartyFactory(agreement=agreement).company
        if dice.random() < 0.6:
            days = dice.randrange(800)
            CompanyContactFactory(
                company=company, municipality=municipality, verified_on=today - timedelta(days=days)
            )
    for _ in range(dice.randrange(4)):
        funding = dice.choice(["", Funding.ZERO_BUDGET, Funding.UNDECIDED, Funding.MUNICIPAL_BUDGET])
        budget = {"budget_project": "見本事業", "contract_method": "bidding"}
        action = ActionItemFactory(
            agreement=agreement,
            title=dice.choice(
                ["観光パンフレットの配布", "防災訓練を3回開催", "導入の検討", "情報発信に努める"]
            ),
            department=dice.choice([section, None]),
            partner_in_charge=dice.choice(["", "地域連携部"]),
            starts_on=dice.choice([None, today - timedelta(days=dice.randrange(500, 900))]),
            due_on=dice.choice([None, today + timedelta(days=dice.randrange(-400, 400))]),
            state=dice.choice([ActionState.PLANNED, ActionState.IN_PROGRESS, ActionState.CANCELLED]),
            funding=funding,
            **(budget if funding == Funding.MUNICIPAL_BUDGET else {}),
            **dice.choice([{}, {"target_value": Decimal(10), "target_unit": "回"}]),
            cooperation_fields=dice.sample(items, dice.randrange(len(items) + 1)),
        )
        if dice.random() < 0.4:
            ProgressEntryFactory(action=action, on=today - timedelta(days=dice.randrange(400)))
    if dice.random() < 0.4:
        MeetingFactory(agreement=agreement, held_on=today - timedelta(days=dice.randrange(700)))
    if dice.random() < 0.3:
        PlanLinkFactory(agreement=agreement)
    if items and dice.random() < 0.6:
        negotiate(dice, agreement, items, today)
    return agreement


def negotiate(dice: random.Random, agreement: Agreement, items: list, today: date) -> None:
    state = dice.choice([{"opened": True}, {"opened": True}, {}])
    talk = ExpectationRoundFactory(agreement=agreement, **state)
    for item in items:
        row = ExpectationRowFactory(round=talk, item=item, item_number=item.number, item_text=item.text)
        for side in (Side.OWN, Side.PARTNER):
            if dice.random() < 0.8:
                ExpectationAnswerFactory(
                    row=row,
                    side=side,
                    expects=dice.choice(["", "見本の期待"]),
                    cost=dice.choice(["", *ExpectationCost.values]),
                    kinds=dice.choice([[], ["order"]]) if side == Side.PARTNER else [],
                )


@pytest.mark.parametrize("seed", range(3))
def test_stored_results_are_those_of_the_pure_function(seed, today):
    dice = random.Random(seed)
    towns = [MunicipalityFactory(name="見本市"), MunicipalityFactory(name="見本町")]
    tuned = rules.Settings(weights={"C02": 20}, a_from=90, vague_phrases=("配布",))
    change_settings(municipality=towns[1], settings=tuned, today=today)
    agreements = [generate(dice, dice.choice(towns), today) for _ in range(30)]
    refresh_diagnoses(today=today)
    stored = {each.pk: each for each in DiagnosisResult.objects.all()}
    for agreement in agreements:
        settings = tuned if agreement.municipality == towns[1] else rules.Settings()
        (snapshot,) = read_snapshots([agreement.pk], today).values()
        assert [each for _item, each in expectations_of(agreement)] == list(snapshot.expectations)
        expected = stored_values(rules.diagnose(snapshot, today, settings))
        row = stored[agreement.pk]
        assert {name: getattr(row, name) for name in expected} == {
            name: Decimal(str(value)) if name.endswith("_score") and value is not None else value
            for name, value in expected.items()
        }
    # Sorted by score in SQL as in Python, the ungraded last.
    order = list(DiagnosisResult.objects.order_by("overall_score", "pk").exclude(overall_score=None))
    assert order == sorted(order, key=lambda row: (row.overall_score, row.pk))
    broken = set(DiagnosisResult.objects.breaking("C02").values_list("pk", flat=True))
    assert broken == {row.pk for row in stored.values() if "C02" in row.rule_ids}


def test_choices_are_the_grades_and_axes_of_the_domain():
    assert DiagnosisGrade.values == [each.value for each in rules.Grade]
    assert DiagnosisAxis.values == [each.value for each in rules.Axis]


def test_lawson_as_text_only_is_a_d(today):
    result = result_of(agreement_with(*LAWSON, signed_on=date(2011, 4, 22)), today)
    assert (result.clarity_score, result.clarity_grade) == (Decimal("39.3"), "D")
    assert {"C01", "C02", "C07"} <= set(result.rule_ids)


def test_an_action_raises_the_grade_and_the_change_is_seen_at_once(today, django_capture_on_commit_callbacks):
    agreement = agreement_with("観光の振興に関すること")
    before = result_of(agreement, today)
    with django_capture_on_commit_callbacks(execute=True):
        ActionItemFactory(
            agreement=agreement,
            title="観光イベントを3回開催",
            due_on=date(2026, 12, 1),
            cooperation_fields=list(agreement.cooperation_fields.all()),
        )
    after = DiagnosisResult.objects.get(pk=agreement.pk)
    assert after.clarity_score > before.clarity_score
    assert "C02" not in after.rule_ids


def test_many_agreements_need_the_queries_of_one(today):
    town = MunicipalityFactory()
    dice = random.Random(7)
    agreements = [generate(dice, town, today) for _ in range(12)]
    with CaptureQueriesContext(connection) as one:
        list(diagnose_all([agreements[0].pk], today))
    with CaptureQueriesContext(connection) as all_of_them:
        list(diagnose_all([each.pk for each in agreements], today))
    assert len(all_of_them) <= len(one) + 4  # answers are asked for only where there are rounds


def test_a_closed_round_tells_the_diagnosis_nothing(today):
    agreement = agreement_with("観光の振興に関すること")
    talk = ExpectationRoundFactory(agreement=agreement)
    item = agreement.cooperation_fields.get()
    row = ExpectationRowFactory(round=talk, item=item, item_number=1, item_text=item.text)
    for side in Side.values:
        ExpectationAnswerFactory(row=row, side=side, expects="見本の期待", cost="free")
    assert not read_snapshots([agreement.pk], today)[agreement.pk].expectations
    talk.state, talk.opened_at = ExpectationRoundState.OPENED, talk.created_at
    talk.save()
    (seen,) = read_snapshots([agreement.pk], today)[agreement.pk].expectations
    assert seen.both_spoke
    assert seen.own_confirmed_on is None


def test_a_confirmation_of_other_words_does_not_count(today):
    agreement = agreement_with("観光の振興に関すること")
    talk = ExpectationRoundFactory(agreement=agreement, opened=True)
    item = agreement.cooperation_fields.get()
    row = ExpectationRowFactory(round=talk, item=item, item_number=1, item_text=item.text)
    for side in Side.values:
        ExpectationConfirmationFactory(row=row, side=side, content_hash="other")
    (seen,) = read_snapshots([agreement.pk], today)[agreement.pk].expectations
    assert (seen.own_confirmed_on, seen.partner_confirmed_on) == (None, None)


def test_an_answer_takes_the_finding_out_of_the_score_until_it_expires(today):
    agreement = agreement_with("その他必要な事項", "観光の振興に関すること")
    by = StaffMemberFactory(editor=True, municipality=agreement.municipality)
    before = result_of(agreement, today)
    (snapshot,) = read_snapshots([agreement.pk], today).values()
    finding = next(each for each in rules.diagnose(snapshot, today).findings if each.rule == "C01")
    response = answer_finding(agreement=agreement, finding=finding, reason="見本の理由", by=by, today=today)
    answered = result_of(agreement, today)
    assert answered.clarity_score > before.clarity_score
    assert "C01" not in answered.rule_ids
    assert "C01" in result_of(agreement, date(2027, 10, 2)).rule_ids
    withdraw_response(response=response)
    assert "C01" in result_of(agreement, today).rule_ids
    restore_response(response=response)
    assert "C01" not in result_of(agreement, today).rule_ids


def test_a_taken_over_agreement_is_graded_from_its_review_on(today):
    agreement = agreement_with(*LAWSON, backfilled=True)
    assert result_of(agreement, today).overall_grade == "unprepared"
    assert agreement.facts().unprepared
    mark_reviewed(agreement=agreement, on=today)
    assert result_of(agreement, today).overall_grade == "D"
    mark_reviewed(agreement=agreement, on=None)
    assert result_of(agreement, today).overall_grade == "unprepared"


def test_the_first_grades_of_a_month_are_kept_once(today):
    agreement = agreement_with(*LAWSON)
    result_of(agreement, today)
    assert (record_month(today=today), record_month(today=today)) == (1, 0)
    ActionItemFactory(agreement=agreement, cooperation_fields=list(agreement.cooperation_fields.all()))
    first = DiagnosisMonth.objects.get()
    assert result_of(agreement, date(2026, 10, 20)).clarity_score > first.clarity_score
    assert record_month(today=date(2026, 10, 31)) == 0
    assert record_month(today=date(2026, 11, 1)) == 1
    assert [each.month for each in DiagnosisMonth.objects.all()] == [date(2026, 10, 1), date(2026, 11, 1)]


def test_settings_keep_only_what_differs(today):
    town = MunicipalityFactory()
    agreement = agreement_with(*LAWSON, municipality=town)
    assert result_of(agreement, today).clarity_grade == "D"
    change_settings(municipality=town, settings=rules.Settings(weights={"C02": 30}), today=today)
    assert DiagnosisResult.objects.get(pk=agreement.pk).clarity_grade == "C"
    assert town.diagnosis_settings.changes == {"weights": {"C02": 30}}
    change_settings(municipality=town, settings=rules.Settings(), today=today)
    assert DiagnosisResult.objects.get(pk=agreement.pk).clarity_grade == "D"
    town.diagnosis_settings.refresh_from_db()
    assert town.diagnosis_settings.changes == {}
