"""Suggestions from 更新条件の原文: shown with their words, taken over by a person, never by themselves."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from agreements.forms.term_suggestions import suggest_terms
from agreements.models import Agreement
from tests.agreements.views.test_agreement_form import PageForm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
CREATE = reverse("agreements:agreement-create")
URL = reverse("agreements:term-suggestions")
SENDAI = (
    "本協定の有効期間は、締結の日から平成29年3月31日までとする。ただし、当該有効期間満了の日の1か月前までに、"
    "両市のいずれからも解約の意思表示がないときは、自動的に1年間更新されるものとし、その後も同様とする。"
)
FIELDS = ("first_expiry", "auto_renew", "renewal_months", "notice_months", "notice_days")


def filled(form) -> dict[str, str]:
    return {name: form[name] for name in FIELDS if form.values.get(name, [""]) != [""]}


def test_every_reading_names_its_words():
    found = suggest_terms(SENDAI, date(2016, 11, 2))
    assert {each.key: each.fills for each in found} == {
        "first_expiry": {"first_expiry": "平成29年3月31日"},
        "auto_renew": {"auto_renew": "on", "renewal_months": "12"},
        "notice": {"notice_months": "1", "notice_days": ""},
    }
    assert all(each.quote and each.quote in SENDAI for each in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "満了日の30日前までに申し出がないときは、自動的に更新する。",
            {"auto_renew": "on", "notice_days": "30"},
        ),
        ("協議の上、更新することができる。", {}),
        ("", {}),
    ],
)
def test_only_what_is_written_is_suggested(text, expected):
    fills = {name: value for each in suggest_terms(text, None) for name, value in each.fills.items() if value}
    assert fills == expected


def test_a_term_counted_from_the_signing_shows_both_readings_of_the_law():
    (found,) = suggest_terms("有効期間は、締結の日から1年とする。", date(2020, 9, 23))
    assert found.fills == {"first_expiry": "令和3年9月22日"}
    assert "民法第140条" in found.note
    assert "令和3年9月23日" in found.note


def test_suggestions_are_shown_and_fill_nothing_by_themselves(editor_client):
    form = PageForm(editor_client.get(CREATE)).type(
        renewal_text=SENDAI, signed_on="平成28年11月2日", title="仙台市・山形市の協定"
    )
    response = editor_client.post(CREATE, {**form.values, "suggest_terms": "1"})
    assertContains(response, "まだ入力していません")
    assertContains(response, "自動更新する（12か月ごと）")
    again = PageForm(response)
    assert filled(again) == {}
    assert (again["title"], again["renewal_text"]) == ("仙台市・山形市の協定", SENDAI)
    assert not Agreement.objects.exists()


def test_each_suggestion_is_taken_over_by_its_own_button(editor_client):
    form = PageForm(editor_client.get(CREATE)).type(
        renewal_text=SENDAI, signed_on="H28.11.2", notice_days="90", first_expiry="平成30年3月31日"
    )
    response = editor_client.post(CREATE, {**form.values, "apply_terms": "notice"})
    form = PageForm(response)
    assert filled(form) == {"first_expiry": "平成30年3月31日", "notice_months": "1"}
    form = PageForm(editor_client.post(CREATE, {**form.values, "apply_terms": "auto_renew"}))
    form = PageForm(editor_client.post(CREATE, {**form.values, "apply_terms": "first_expiry"}))
    assert filled(form) == {
        "first_expiry": "平成29年3月31日",
        "auto_renew": "on",
        "renewal_months": "12",
        "notice_months": "1",
    }


def test_an_unknown_suggestion_changes_nothing(editor_client):
    form = PageForm(editor_client.get(CREATE)).type(renewal_text=SENDAI)
    assert filled(PageForm(editor_client.post(CREATE, {**form.values, "apply_terms": "title"}))) == {}


def test_the_piece_for_the_script_is_the_same(viewer_client):
    response = viewer_client.post(URL, {"renewal_text": SENDAI, "signed_on": "平成28年11月2日"})
    assertTemplateUsed(response, "agreements/_term_suggestions.html")
    assertContains(response, 'data-fill-first_expiry="平成29年3月31日"')
    assertNotContains(response, "<html")


def test_the_piece_says_when_nothing_is_readable_and_why(viewer_client):
    response = viewer_client.post(URL, {"renewal_text": "締結の日から1年間とする。", "signed_on": "来年"})
    assertContains(response, "読み取れませんでした")
    assertContains(response, "締結日を入力すると")
    assert viewer_client.post(URL, {"renewal_text": "あ" * 20_001}).status_code == 400


def test_pasted_markup_stays_text(viewer_client):
    text = "令和9年3月31日まで<script>alert(1)</script>"
    assertNotContains(viewer_client.post(URL, {"renewal_text": text}), "<script>alert")
