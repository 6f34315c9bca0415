"""The text of an agreement from the 決裁 on: shown, not written, also when somebody posts it."""

import re
from datetime import date

import pytest
from django.urls import reverse

from agreements.actions import register
from agreements.actions.drafts import AgreementDraft
from agreements.actions.text_lock import TextLocked
from agreements.choices import AgreementState
from agreements.models import Agreement
from tests.factories import AgreementFactory, CompanyFactory
from tests.journeys.clerk import Page

pytestmark = pytest.mark.usefixtures("today")
S = AgreementState
LOCKED = [S.APPROVING, S.ACTIVE, S.SUSPENDED, S.ENDED]


@pytest.fixture
def make(editor):
    def make_(state=S.APPROVING, **values) -> Agreement:
        if state == S.ENDED:
            values = {"ended_on": date(2026, 3, 31), "ended_reason": "mutual", **values}
        return AgreementFactory(
            municipality=editor.municipality,
            department=editor.department,
            state=state,
            whole=True,
            whole__items=("観光の振興", "防災の推進"),
            purpose="地域の活性化",
            **values,
        )

    return make_


class Typed:
    """What a browser would send, and whatever somebody sends without one; `__` stands for `-`."""

    def __init__(self, response) -> None:
        (form,) = (form for form in Page(response).forms if "title" in form.names)
        self.values = form.values

    def type(self, **values) -> "Typed":
        for name, value in values.items():
            self.put(name.replace("__", "-"), value)
        return self

    def put(self, name, value) -> "Typed":
        self.values[name] = value if isinstance(value, list) else [str(value)]
        return self


def url_of(agreement: Agreement) -> str:
    return reverse("agreements:agreement-update", args=[agreement.pk])


def opened(client, agreement: Agreement) -> Typed:
    return Typed(client.get(url_of(agreement)))


def errors_of(response) -> set[str]:
    registration = response.context["registration"]
    found = set(registration.form.errors) | set(registration.reason.errors)
    return found | {name for name, part in registration.formsets.items() if part.has_errors()}


def text_of(agreement: Agreement) -> tuple:
    stored = Agreement.objects.get(pk=agreement.pk)
    parties = list(stored.parties.values_list("company", "municipality", "label", "order", "name_as_signed"))
    return (
        stored.title,
        stored.purpose,
        stored.first_expiry,
        parties,
        [item.text for item in stored.cooperation_fields.all()],
    )


CHANGES = {
    "title": {"title": "別の名称"},
    "purpose": {"purpose": "別の目的"},
    "signed_on": {"signed_on": "令和6年4月2日"},
    "first_expiry": {"first_expiry": "令和9年3月31日"},
    "auto_renew": {"auto_renew": "on", "renewal_months": "12"},
    "renewal_text": {"renewal_text": "自動的に1年間更新する。"},
    "party renamed": {"parties__1__label": "丙"},
    "party dropped": {"parties__1__DELETE": "on"},
    "party's role": {"parties__1__role": "witness"},
    "item reworded": {"items__0__text": "別の事項"},
    "item dropped": {"items__1__DELETE": "on"},
    "item moved": {"items__0__ORDER": "2", "items__1__ORDER": "1"},
    "items pasted": {"items_pasted": "・追加の事項"},
}

FILLS_A_BLANK = ["first_expiry", "auto_renew", "renewal_text", "items pasted"]


@pytest.mark.parametrize("state", LOCKED)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_text_is_refused_with_its_reason(editor_client, make, state, change):
    agreement = make(state)
    before = text_of(agreement)
    response = editor_client.post(
        url_of(agreement), opened(editor_client, agreement).type(**CHANGES[change]).values
    )
    assert response.status_code == 200
    assert errors_of(response)
    word = "差し戻して" if state == S.APPROVING else "変更の手続き"
    assert word in response.content.decode()
    assert text_of(agreement) == before


def test_the_page_shows_the_text_without_letting_write_it(editor_client, make):
    html = editor_client.get(url_of(make())).content.decode()
    assert "協定の文言は変更できません" in html
    for name in ("title", "purpose", "parties-0-name", "items-0-text"):
        (tag,) = re.findall(rf"<(?:input|textarea)[^>]*name=\"{name}\"[^>]*>", html)
        assert "readonly" in tag
    assert 'name="parties-0-DELETE"' not in html
    assert 'value="parties"' not in html  # the button that adds one
    assert 'value="actions"' in html
    assert "items_pasted" not in html


def test_the_rest_of_the_ledger_stays_free(editor_client, make):
    agreement = make(S.ACTIVE)
    page = opened(editor_client, agreement).type(note="担当者が変わった", items__0__categories=["10"])
    page.type(actions__0__title="防災訓練")
    assert editor_client.post(url_of(agreement), page.values).status_code == 302
    agreement.refresh_from_db()
    assert agreement.note == "担当者が変わった"
    first = agreement.cooperation_fields.first()
    assert [each.category for each in first.categories.all()] == ["10"]
    assert agreement.actions.get().title == "防災訓練"


@pytest.mark.parametrize("state", [S.PROPOSED, S.REVIEWING, S.NEGOTIATING])
def test_before_the_approval_the_text_is_open(editor_client, make, state):
    agreement = make(state, signed_on=None, effective_on=None)
    page = opened(editor_client, agreement).type(title="新しい名称", items__0__text="新しい事項")
    assert editor_client.post(url_of(agreement), page.values).status_code == 302
    assert text_of(agreement)[0] == "新しい名称"


def test_number_and_day_of_the_decision_are_not_typed_here(editor_client, make):
    agreement = make(S.NEGOTIATING, document_number="", approved_on=None)
    page = opened(editor_client, agreement).type(document_number="企第1号", approved_on="R8.4.1")
    assert editor_client.post(url_of(agreement), page.values).status_code == 302
    agreement.refresh_from_db()
    assert (agreement.document_number, agreement.approved_on) == ("", None)


class TestTakenOver:
    """Agreements transcribed from paper."""

    @pytest.fixture
    def agreement(self, make) -> Agreement:
        return make(S.ACTIVE, backfilled=True, first_expiry=None)

    @pytest.mark.parametrize("change", [name for name in CHANGES if name not in FILLS_A_BLANK])
    def test_a_correction_needs_a_reason(self, editor_client, agreement, change):
        before = text_of(agreement)
        page = opened(editor_client, agreement).type(**CHANGES[change])
        response = editor_client.post(url_of(agreement), page.values)
        assert errors_of(response) == {"change_reason"}
        assert text_of(agreement) == before
        page = page.type(change_reason="原本と照合した")
        assert editor_client.post(url_of(agreement), page.values).status_code == 302
        assert agreement.history.first().history_change_reason == "原本と照合した"

    @pytest.mark.parametrize("change", FILLS_A_BLANK)
    def test_a_blank_is_filled_in_without_a_word(self, editor_client, agreement, change):
        page = opened(editor_client, agreement).type(**CHANGES[change])
        assert editor_client.post(url_of(agreement), page.values).status_code == 302

    def test_a_party_is_added_without_a_word(self, editor_client, agreement):
        CompanyFactory(lawson=True)
        page = opened(editor_client, agreement).put("parties-TOTAL_FORMS", 3)
        page.put("parties-2-name", "ローソン").put("parties-2-label", "丙")
        assert editor_client.post(url_of(agreement), page.values).status_code == 302
        assert agreement.parties.count() == 3


@pytest.mark.parametrize("state", LOCKED)
def test_the_verb_refuses_too(make, state):
    agreement = make(state)
    before = text_of(agreement)
    draft = AgreementDraft(values={"title": "別の名称"})
    with pytest.raises(TextLocked, match="変更できません"):
        register.change_agreement(
            agreement=agreement, version=1, draft=draft, today=date(2026, 10, 1), reason="どうしても"
        )
    assert text_of(agreement) == before


def test_who_opened_the_form_before_the_approval_is_told(editor_client, manager, make):
    agreement = make(S.NEGOTIATING, signed_on=None, effective_on=None)
    page = opened(editor_client, agreement).type(title="後から直した名称")
    Agreement.objects.filter(pk=agreement.pk).update(state=S.APPROVING, version=2)
    response = editor_client.post(url_of(agreement), page.values)
    assert errors_of(response) == {"title"}
    assert "後から直した名称" in response.content.decode()
    assert text_of(agreement)[0] != "後から直した名称"
