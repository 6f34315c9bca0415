"""診断 on the agreement's page: findings with their words and place, answers, review, settings, changes."""

from datetime import date

import pytest
from django.urls import reverse

from agreements.actions.diagnosis import record_month, refresh_diagnoses
from agreements.models import DiagnosisResponse, DiagnosisResult, DiagnosisSettings
from tests.agreements.models.test_diagnosis_result import LAWSON, agreement_with
from tests.factories import ActionItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(fukuoka, editor, today):
    return agreement_with(
        *LAWSON, municipality=fukuoka, department=editor.department, signed_on=date(2011, 4, 22)
    )


def respond_url(agreement, item_number: int = 7) -> str:
    item = agreement.cooperation_fields.get(number=item_number)
    url = reverse("agreements:diagnosis-respond", args=[agreement.pk])
    return f"{url}?rule=C01&kind=item&key={item.pk}"


def page_of(client, agreement) -> str:
    return client.get(agreement.get_absolute_url()).content.decode()


def test_detail_explains_the_grade(editor_client, agreement):
    response = editor_client.get(agreement.get_absolute_url())
    clarity = response.context["diagnosis_cards"][0]
    assert (clarity.grade.score, clarity.badge_grade) == (39.3, "D")
    (catch_all,) = [row for row in clarity.open if row.finding.rule == "C01"]
    assert catch_all.about == "連携事項(7)"
    page = response.content.decode()
    assert "(7)は包括項目です。具体的な取組は他の項目に書いてください。" in page
    assert '<q class="finding-quote">その他</q>' in page
    assert "39.3" in page


def test_following_a_finding_to_its_fix_raises_the_grade(editor_client, agreement, today):
    before = editor_client.get(agreement.get_absolute_url()).context["diagnosis"].clarity.score
    for item in agreement.cooperation_fields.exclude(number=7):
        ActionItemFactory(
            agreement=agreement,
            title="観光イベントを3回開催",
            due_on=date(2026, 12, 1),
            cooperation_fields=[item],
        )
    after = editor_client.get(agreement.get_absolute_url()).context["diagnosis"].clarity
    assert after.score > before
    assert after.grade == "A"


def test_findings_on_actions_lead_to_their_form(editor_client, agreement):
    action = ActionItemFactory(agreement=agreement, title="導入の検討")
    page = page_of(editor_client, agreement)
    assert f"{reverse('agreements:action-update', args=[action.pk])}#id_due_on" in page
    assert "『検討』で終わっています" in page


def test_viewer_sees_findings_but_no_way_to_write(viewer_client, agreement):
    page = page_of(viewer_client, agreement)
    assert "包括項目です" in page
    assert "対応しない理由を書く" not in page


def test_other_municipalities_see_no_grade(neighbour_client, agreement):
    agreement.publication = "published"
    agreement.save()
    assert "包括項目です" not in page_of(neighbour_client, agreement)


def test_an_answer_is_shown_counts_and_can_be_taken_back(editor_client, agreement, editor):
    url = respond_url(agreement)
    assert "(7)は包括項目です" in editor_client.get(url).content.decode()
    editor_client.post(url, {"reason": "来年度に具体化します。"})
    response = DiagnosisResponse.objects.get()
    assert (response.rule, response.by) == ("C01", editor)
    shown = editor_client.get(agreement.get_absolute_url())
    assert "来年度に具体化します。" in shown.content.decode()
    clarity = shown.context["diagnosis_cards"][0]
    assert [row.response for row in clarity.answered] == [response]
    assert clarity.grade.score == 40.0
    editor_client.post(reverse("agreements:diagnosis-response-withdraw", args=[response.pk]))
    again = editor_client.get(agreement.get_absolute_url())
    assert again.context["diagnosis"].clarity.score == 39.3
    assert again.context["undo"]["url"] == reverse(
        "agreements:diagnosis-response-restore", args=[response.pk]
    )
    editor_client.post(again.context["undo"]["url"])
    assert editor_client.get(agreement.get_absolute_url()).context["diagnosis"].clarity.score == 40.0


def test_an_empty_answer_is_refused_at_its_field(editor_client, agreement):
    response = editor_client.post(respond_url(agreement), {"reason": " "})
    assert response.context["form"].errors["reason"]
    assert not DiagnosisResponse.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "?rule=C01&kind=item&key=0", "?rule=Z99&kind=agreement", "?rule=C01&kind=item&key=%00"]
)
def test_a_finding_that_is_not_there_cannot_be_answered(editor_client, agreement, query):
    url = reverse("agreements:diagnosis-respond", args=[agreement.pk]) + query
    response = editor_client.post(url, {"reason": "見本の理由"})
    assert response.url.endswith("#diagnosis")
    assert not DiagnosisResponse.objects.exists()


def test_a_taken_over_agreement_is_unprepared_until_reviewed(editor_client, agreement):
    agreement.backfilled = True
    agreement.save()
    assert "整備済みにする" in page_of(editor_client, agreement)
    url = reverse("agreements:diagnosis-review", args=[agreement.pk])
    editor_client.post(url)
    shown = editor_client.get(agreement.get_absolute_url())
    assert shown.context["diagnosis"].overall.grade == "D"
    editor_client.post(shown.context["undo"]["url"])
    assert editor_client.get(agreement.get_absolute_url()).context["diagnosis"].overall.grade == "unprepared"


def settings_data(client, **changes) -> dict:
    form = client.get(reverse("agreements:diagnosis-settings")).context["form"]
    return {name: form[name].value() for name in form.fields} | changes


def test_settings_are_tried_before_they_are_saved(manager_client, agreement, today):
    refresh_diagnoses(today=today)
    url = reverse("agreements:diagnosis-settings")
    data = settings_data(manager_client, weight_C02=20, weight_V01=0)
    tried = manager_client.post(url, {**data, "preview": "1"})
    (change,) = tried.context["preview"]["changes"]
    assert change.agreement == agreement
    assert not DiagnosisSettings.objects.exists()
    manager_client.post(url, data)
    stored = DiagnosisResult.objects.get()
    assert float(stored.clarity_score) == 64.3
    undo = manager_client.get(url).context["undo"]
    manager_client.post(undo["url"])
    assert float(DiagnosisResult.objects.get().clarity_score) == 39.3


def test_settings_go_back_to_the_ones_before(manager_client, agreement):
    url = reverse("agreements:diagnosis-settings")
    manager_client.post(url, settings_data(manager_client, weight_C02=30))
    manager_client.get(url)
    manager_client.post(url, settings_data(manager_client, weight_C02=20))
    manager_client.post(manager_client.get(url).context["undo"]["url"])
    assert DiagnosisSettings.objects.get().changes == {"weights": {"C02": 30}}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weight_C02": 101}, "weight_C02"),
        ({"weight_C02": "x"}, "weight_C02"),
        ({"a_from": 50}, "__all__"),
        ({"vague_endings": "検討\n" + "あ" * 31}, "vague_endings"),
        ({"meeting_months": ""}, "meeting_months"),
    ],
)
def test_impossible_settings_are_refused_with_their_values(manager_client, changes, field):
    url = reverse("agreements:diagnosis-settings")
    response = manager_client.post(url, settings_data(manager_client, **changes))
    assert field in response.context["form"].errors
    assert not DiagnosisSettings.objects.exists()


def test_changes_since_last_month_are_listed(viewer_client, neighbour_client, agreement, today):
    refresh_diagnoses(today=today)
    record_month(today=date(2026, 9, 1))
    agreement.cooperation_fields.get(number=7).delete()
    refresh_diagnoses(today=today)
    response = viewer_client.get(reverse("agreements:diagnosis-changes"))
    assert response.context["base"] == date(2026, 9, 1)
    listed = [*response.context["worse"], *response.context["better"]]
    assert {each.agreement for each in listed} <= {agreement}
    assert neighbour_client.get(reverse("agreements:diagnosis-changes")).context["base"] is None


def test_detail_needs_the_same_queries_for_many_findings(editor_client, agreement, assert_same_queries):
    assert_same_queries(
        lambda: ActionItemFactory(agreement=agreement, title="導入の検討"),
        lambda: editor_client.get(agreement.get_absolute_url()),
    )


HINTED = {
    "items-TOTAL_FORMS": "3",
    "items-0-text": "観光の振興に関すること",
    "items-0-ORDER": "2",
    "items-1-text": "その他必要な事項",
    "items-1-ORDER": "1",
    "items-2-text": "消した項目",
    "items-2-DELETE": "on",
    "actions-TOTAL_FORMS": "1",
    "actions-0-title": "導入に向けた検討",
    "actions-0-items": "（２）",
}


def hints_of(client, **typed) -> list[tuple[str, str]]:
    response = client.post(reverse("agreements:diagnosis-hints"), HINTED | typed)
    return [(hint.about, hint.message) for hint in response.context["hints"]]


def test_hints_tell_what_the_diagnosis_would_say_of_the_typed_form(editor_client, today):
    hints = hints_of(editor_client)
    assert ("連携事項(1)", "(1)は包括項目です。具体的な取組は他の項目に書いてください。") in hints
    assert ("取組「導入に向けた検討」", "いつ行うか決まっていません。") in hints
    assert any("『検討』で終わっています" in message for _about, message in hints)
    assert not any("消した" in about for about, _message in hints)
    assert not any("取組が1件もありません" in message for _about, message in hints)
    assert ("連携事項(2)", "取組が1件もありません。") in hints_of(editor_client, **{"actions-0-items": "1"})


def test_a_date_in_wareki_takes_the_hint_away(editor_client, today):
    dated = hints_of(editor_client, **{"actions-0-due_on": "R8.12.1"})
    assert ("取組「導入に向けた検討」", "いつ行うか決まっていません。") not in dated


@pytest.mark.parametrize("typed", [{}, {"items-TOTAL_FORMS": "x"}, {"items-TOTAL_FORMS": "99999"}])
def test_hints_of_an_empty_or_broken_form_are_none(editor_client, typed):
    response = editor_client.post(reverse("agreements:diagnosis-hints"), typed)
    assert response.context["hints"] == []


def test_a_form_that_comes_back_shows_its_hints_without_javascript(editor_client, today):
    page = editor_client.post(reverse("agreements:agreement-create"), HINTED).content.decode()
    assert "診断のヒント" in page
    assert "(1)は包括項目です" in page
