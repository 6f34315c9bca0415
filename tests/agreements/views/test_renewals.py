"""更新判断 on the pages: the section 「更新」, the form, its refusals, lists and 「今日の仕事」."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.choices import AgreementState, RenewalChoice
from agreements.models import Agreement, RenewalDecision
from tests.factories import AgreementFactory

pytestmark = pytest.mark.usefixtures("today")
LIST = reverse("agreements:agreement-list")
TODAY_PAGE = reverse("agreements:today")
WORDS = "市民に役立っている"


@pytest.fixture
def due(fukuoka):
    """Expires on 令和8年12月31日, notice by 令和8年11月30日: within 60 days of 令和8年10月1日."""

    def make(**values) -> Agreement:
        agreement = AgreementFactory.build(
            municipality=fukuoka,
            department=None,
            **{
                "signed_on": date(2021, 4, 1),
                "first_expiry": date(2023, 12, 31),
                "auto_renew": True,
                "renewal_months": 12,
                "notice_months": 1,
                "title": "見守り協定",
                **values,
            },
        )
        agreement.set_expiry(date(2026, 10, 1))
        agreement.save()
        return agreement

    return make


def url(agreement, name="renewal-decide") -> str:
    return reverse(f"agreements:{name}", args=[agreement.pk])


def typed(agreement, **values) -> dict:
    return {
        "decision": "renewed",
        "on": "令和8年10月1日",
        "comment": WORDS,
        "version": agreement.version,
        "term": "2026-12-31",
        **values,
    }


def section(client, agreement):
    return client.get(agreement.get_absolute_url()).context["renewal_section"]


# -- The section --------------------------------------------------------------------------------------
def test_detail_shows_every_term_and_counts_tacit_renewals_also_before_the_nightly_run(
    manager_client, due, fukuoka
):
    agreement = due()
    shown = section(manager_client, agreement)
    assert [(row.first, row.last) for row in shown.terms] == [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2025, 1, 1), date(2025, 12, 31)),
        (date(2024, 1, 1), date(2024, 12, 31)),
        (date(2021, 4, 1), date(2023, 12, 31)),
    ]
    assert [row.is_tacit for row in shown.terms] == [False, True, True, True]
    page = manager_client.get(agreement.get_absolute_url())
    assertContains(page, "黙示更新 3回")
    assertContains(page, "更新判断の時期です")
    assertContains(page, url(agreement))


def test_detail_offers_the_decision_to_managers_only(viewer_client, manager_client, due):
    agreement = due()
    assertNotContains(viewer_client.get(agreement.get_absolute_url()), url(agreement))
    assertContains(viewer_client.get(agreement.get_absolute_url()), "記録は企画課が行います")
    assertContains(manager_client.get(agreement.get_absolute_url()), url(agreement))


def test_decisions_are_hidden_from_other_municipalities(neighbour_client, manager_client, due):
    agreement = due(publication="published")
    manager_client.post(url(agreement), typed(agreement))
    page = neighbour_client.get(agreement.get_absolute_url())
    assertNotContains(page, WORDS)
    assertNotContains(page, "黙示更新")
    assert neighbour_client.get(url(agreement)).status_code == 404


def test_agreements_before_their_signing_have_no_section(manager_client, due):
    assert section(manager_client, due(state=AgreementState.NEGOTIATING)) is None


# -- Deciding -----------------------------------------------------------------------------------------
def test_a_decision_is_recorded_and_taken_back(manager_client, manager, due):
    agreement = due()
    page = manager_client.get(url(agreement))
    assertContains(page, "令和8年12月31日に満了する期間")
    assertContains(page, "何もしないと自動更新され、次の満了日は令和9年12月31日になります。")
    assertRedirects(manager_client.post(url(agreement), typed(agreement)), agreement.get_absolute_url())
    made = RenewalDecision.objects.get(term=date(2026, 12, 31))
    assert (made.decision, made.by, made.reason) == (RenewalChoice.RENEWED, manager, WORDS)
    page = manager_client.get(agreement.get_absolute_url())
    assertContains(page, WORDS)
    assertNotContains(page, "更新判断の時期です")
    assertNotContains(page, "badge-warning-renewal_due")

    back = url(agreement, "renewal-withdraw")
    assertContains(page, back)
    agreement.refresh_from_db()
    refused = manager_client.post(back, {"comment": "", "version": agreement.version})
    assertContains(refused, "入力")
    manager_client.post(back, {"comment": "誤って記録した", "version": agreement.version})
    page = manager_client.get(agreement.get_absolute_url())
    assertContains(page, "取り消した更新判断 1件")
    assertContains(page, "更新判断の時期です")


def test_an_agreement_that_would_end_asks_for_the_new_expiry(manager_client, due):
    agreement = due(auto_renew=False, renewal_months=None, first_expiry=date(2026, 12, 31))
    refused = manager_client.post(url(agreement), typed(agreement))
    assertContains(refused, "更新後の満了日を入力してください", status_code=409)
    assertContains(refused, WORDS, status_code=409)
    manager_client.post(url(agreement), typed(agreement, extended_to="R11.12.31"))
    agreement.refresh_from_db()
    assert (agreement.extended_to, agreement.expires_on) == (date(2029, 12, 31), date(2029, 12, 31))
    assertContains(manager_client.get(agreement.get_absolute_url()), "令和11年12月31日")


def test_the_end_is_offered_when_the_decided_day_has_come(manager_client, due):
    agreement = due(first_expiry=date(2026, 10, 1))
    manager_client.post(url(agreement), typed(agreement, decision="ending", term="2026-10-01"))
    page = manager_client.get(agreement.get_absolute_url())
    assertContains(page, "終了と判断されています")
    assertContains(page, reverse("agreements:agreement-move", args=[agreement.pk, "ended"]))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"term": "2025-12-31"}, "今の期間の満了日は令和8年12月31日です"),
        ({"term": ""}, "今の期間の満了日は令和8年12月31日です"),
        ({"on": "令和8年10月2日"}, "今日より後の日付です"),
        ({"version": 99}, "まだ実行していません"),
    ],
)
def test_refusals_keep_what_was_typed(manager_client, due, values, message):
    agreement = due()
    response = manager_client.post(url(agreement), typed(agreement, **values))
    assertContains(response, message, status_code=409)
    assertContains(response, WORDS, status_code=409)
    assert not RenewalDecision.objects.exists()


def test_nobody_decides_tacitly_or_twice(manager_client, due):
    agreement = due()
    assertContains(manager_client.post(url(agreement), typed(agreement, decision="tacit")), "選択")
    manager_client.post(url(agreement), typed(agreement))
    again = manager_client.post(url(agreement), typed(Agreement.objects.get()))
    assertContains(again, "すでに記録されています", status_code=409)


# -- Lists --------------------------------------------------------------------------------------------
def titles(client, **query) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [row.title for row in response.context["rows"]]


def test_list_finds_what_wants_a_decision_or_notice(viewer_client, manager_client, due):
    agreement = due()
    due(title="遠い", first_expiry=date(2028, 3, 31))
    due(title="超過", auto_renew=False, renewal_months=None, first_expiry=date(2026, 9, 30))
    assert titles(viewer_client, term="due") == ["見守り協定"]
    assert titles(viewer_client, term="past") == ["超過"]
    assert titles(viewer_client, notice_within=59) == []
    assert titles(viewer_client, notice_within=60) == ["見守り協定"]
    assert titles(viewer_client, notice_within=1000, sort="notice_on") == ["見守り協定", "遠い"]
    manager_client.post(url(agreement), typed(agreement))
    assert titles(viewer_client, term="due") == []


def test_lists_do_not_tell_what_others_have_to_decide(neighbour_client, due):
    due(publication="published")
    assert titles(neighbour_client, scope="all") == ["見守り協定"]
    assert titles(neighbour_client, scope="all", term="due") == []
    assert titles(neighbour_client, scope="all", notice_within=90) == []


def test_today_lists_renewal_decisions_until_they_are_made(manager_client, due):
    agreement = due()
    page = manager_client.get(TODAY_PAGE)
    assert [row.title for row in page.context["renewal_due"].own] == ["見守り協定"]
    assertContains(page, 'id="renewal-due"')
    manager_client.post(url(agreement), typed(agreement))
    assertNotContains(manager_client.get(TODAY_PAGE), 'id="renewal-due"')


def test_the_section_needs_as_many_queries_for_many_terms(manager_client, due, assert_same_queries):
    agreement = due()
    visits = iter(range(2000, 2020))

    def add_decision():
        RenewalDecision.objects.create(
            agreement=agreement,
            term=date(next(visits), 12, 31),
            decision="tacit",
            decided_on=date(2001, 1, 1),
        )

    assert_same_queries(add_decision, lambda: manager_client.get(agreement.get_absolute_url()))
