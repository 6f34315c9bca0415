"""Hints in the forms of すり合わせ: what is typed decides, never what the other side wrote unseen."""

import pytest
from django.urls import reverse

from agreements.choices import Side
from tests.factories import (
    AgreementFactory,
    ExpectationAnswerFactory,
    ExpectationRoundFactory,
    ExpectationRowFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer_hints(manager_client):
    def post(**data):
        typed = {"expects": "滞在を延ばしたい", "cost_note": "", **data}
        url = reverse("agreements:answer-hints")
        answer = manager_client.post(url, {f"row-7-{name}": value for name, value in typed.items()})
        return [hint.message for hint in answer.context["hints"]]

    return post


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param({"cost": "free"}, [], id="decided"),
        pytest.param({"cost": "undecided"}, ["費用負担が未定です。"], id="undecided"),
        pytest.param({}, ["費用負担が未定です。"], id="blank"),
        pytest.param({"cost": "free", "cost_note": "別途協議"}, ["費用負担が未定です。"], id="put off"),
        pytest.param({"cost": "undecided", "expects": " "}, [], id="nothing said yet"),
        pytest.param({"cost": "nonsense"}, ["費用負担が未定です。"], id="nonsense"),
    ],
)
def test_a_cost_left_open_is_told(answer_hints, typed, expected):
    assert answer_hints(**typed) == expected


def test_hints_of_closed_answers_ask_for_no_answer_of_the_other_side(answer_hints, fukuoka):
    """Whatever the company has written, the hints stay the same."""
    row = ExpectationRowFactory(round__agreement=AgreementFactory(municipality=fukuoka))
    before = answer_hints(cost="free")
    ExpectationAnswerFactory(row=row, side=Side.PARTNER, cost="paid")
    assert answer_hints(cost="free") == before == []


@pytest.fixture
def row(fukuoka):
    round_ = ExpectationRoundFactory(agreement=AgreementFactory(municipality=fukuoka), opened=True)
    row = ExpectationRowFactory(round=round_)
    ExpectationAnswerFactory(row=row, side=Side.OWN, cost="free")
    ExpectationAnswerFactory(row=row, side=Side.PARTNER, cost="paid")
    return row


def test_an_opened_row_tells_what_the_agreed_wording_still_lacks(row, manager_client):
    url = reverse("agreements:worksheet-row-hints", args=[row.pk])

    def rules(**data):
        return [hint.message for hint in manager_client.post(url, data).context["hints"]]

    blank = rules()
    assert "やらないことを書くと誤解を防げます。" in blank
    assert any("有償" in message for message in blank)
    settled = rules(not_to_do="協定を理由に契約の相手方を決めない", agreed_cost="free")
    assert settled == []
    row.refresh_from_db()
    assert (row.not_to_do, row.agreed_cost) == ("", "")  # nothing is saved


def test_a_closed_row_has_no_hints(fukuoka, manager_client):
    closed = ExpectationRowFactory(round__agreement=AgreementFactory(municipality=fukuoka))
    assert manager_client.post(reverse("agreements:worksheet-row-hints", args=[closed.pk])).status_code == 404
