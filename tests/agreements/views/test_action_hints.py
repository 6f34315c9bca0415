"""Hints in the form of a 取組: shown while typing and after saving, and never in the way."""

import pytest
from django.urls import reverse

from agreements.choices import Funding
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db

VAGUE = {"title": "地域の活性化に向けて連携する"}


@pytest.fixture
def hints(editor_client):
    def post(**data):
        answer = editor_client.post(reverse("agreements:action-hints"), data)
        return [hint.message for hint in answer.context["hints"]]

    return post


def test_an_empty_form_has_no_hints(hints):
    assert hints(title="　") == []


def test_what_is_missing_is_told_and_goes_when_it_is_typed(hints):
    vague = hints(**VAGUE)
    clear = hints(
        title="市役所で健康教室を年12回開く",
        department="1",
        partner_in_charge="地域連携部",
        starts_on="2026-12-01",
        due_on="2027-03-31",
        target_value="120",
        target_unit="人",
        plan_item="1",
        funding=Funding.ZERO_BUDGET,
    )
    assert len(vague) >= 3
    assert clear == []


def test_money_is_asked_for(hints):
    base = {"title": "健康教室を開く"}
    undecided = set(hints(**base, funding=Funding.UNDECIDED)) - set(hints(**base))
    assert undecided == {"費用負担が未定です。"}
    budgeted = set(hints(**base, funding=Funding.MUNICIPAL_BUDGET)) - set(hints(**base))
    assert budgeted == {"予算事業名・契約方法がありません。"}


@pytest.mark.parametrize("name", ["target_value", "due_on", "cooperation_fields", "funding"])
def test_nonsense_is_no_accident(hints, name):
    assert hints(**VAGUE, **{name: "②①x" * 20})


def test_a_plain_submit_saves_and_tells_the_hints(fukuoka, manager_client):
    agreement = AgreementFactory(municipality=fukuoka)
    answer = manager_client.post(reverse("agreements:action-create", args=[agreement.pk]), VAGUE, follow=True)
    assert agreement.actions.count() == 1
    assert "診断のヒント：" in answer.text


def test_a_refused_form_shows_the_hints(fukuoka, manager_client):
    agreement = AgreementFactory(municipality=fukuoka)
    data = VAGUE | {"due_on": "いつか"}
    answer = manager_client.post(reverse("agreements:action-create", args=[agreement.pk]), data)
    assert "このまま保存できます" in answer.text
    assert agreement.actions.count() == 0
