"""APIトークン in the settings: issued and shown once, recognised by their beginning, taken away for good."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from municipalities import access
from municipalities.models import ApiToken, AuditEvent
from municipalities.models.api_token import hash_of
from tests.factories import ApiTokenFactory

pytestmark = pytest.mark.django_db
LIST = "municipalities:api-token-list"
ISSUE = reverse("municipalities:api-token-issue")
DATA = {"name": "庁内ポータル", "rights": "read", "expires_on": "令和9年3月31日"}


def test_manager_issues_a_token_that_is_shown_once(manager_client, fukuoka, today):
    response = manager_client.post(ISSUE, DATA | {"rights": "progress"})
    token = ApiToken.objects.get()
    text = response.context["text"]
    assert text in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
    assert token.token_hash == hash_of(text)
    assert text not in str(ApiToken.objects.values().get())
    assert (token.municipality, token.expires_on) == (fukuoka, date(2027, 3, 31))
    assert token.scopes == ["read", "progress:write"]
    page = manager_client.get(reverse(LIST)).content.decode()
    assert token.prefix in page
    assert text not in page
    event = AuditEvent.objects.get(object_model="municipalities.apitoken")
    assert event.details["内容"] == "APIトークンを発行"
    assert text not in event.details_text
    bearer = {"Authorization": f"Bearer {text}"}
    assert manager_client.get(reverse("api:token"), headers=bearer).json()["name"] == "庁内ポータル"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "必須"),
        ({"expires_on": "令和8年9月30日"}, "有効期限が今日より前です。"),
        ({"expires_on": "令和20年1月1日"}, "までの日にしてください。"),
        ({"rights": "all"}, "選択"),
    ],
)
def test_wrong_input_is_told_and_kept(manager_client, today, wrong, words):
    response = manager_client.post(ISSUE, DATA | wrong)
    assert response.status_code == 200
    assert words in str(response.context["form"].errors)
    assert not ApiToken.objects.exists()


def test_system_admin_names_the_municipality(system_admin_client, fukuoka, today):
    assert "municipality" in system_admin_client.post(ISSUE, DATA).context["form"].errors
    system_admin_client.post(ISSUE, DATA | {"municipality": "401307"})
    assert ApiToken.objects.get().municipality == fukuoka
    assert "福岡市" in system_admin_client.get(reverse(LIST)).content.decode()


def test_revoked_token_opens_nothing_and_does_not_come_back(manager_client, fukuoka, today):
    token = ApiTokenFactory(municipality=fukuoka, text="rk_x_y")
    bearer = {"Authorization": "Bearer rk_x_y"}
    assert manager_client.get(reverse("api:token"), headers=bearer).status_code == 200
    path = reverse("municipalities:api-token-revoke", args=[token.pk])
    for _ in range(2):
        assert manager_client.post(path).status_code == 302
    assert manager_client.get(reverse("api:token"), headers=bearer).status_code == 401
    assert "が失効" in manager_client.get(reverse(LIST)).content.decode()
    revoked = AuditEvent.objects.filter(object_model="municipalities.apitoken")
    assert [event.details["内容"] for event in revoked] == ["APIトークンを失効"]


def test_token_has_no_rights_of_people(fukuoka):
    principal = ApiTokenFactory(municipality=fukuoka, writing=True).principal
    for rule in (access.is_manager, access.may_register, access.is_system_admin, access.may_edit_companies):
        assert not rule(principal), rule
    nothing = access.own_municipality(principal)
    for rule in (access.visible_agreements, access.internal_agreements, access.editable_actions):
        assert rule(principal) == nothing, rule
    assert not ApiToken.objects.filter(access.own_municipality(principal)).exists()
    reader = ApiTokenFactory(municipality=fukuoka).principal
    assert not ApiToken.objects.filter(access.api_reportable_actions(reader)).exists()
    assert ApiToken.objects.filter(access.api_readable(reader)).count() == 2


def test_list_needs_as_many_queries_for_three_as_for_one(manager_client, fukuoka, assert_same_queries):
    assert_same_queries(
        lambda: ApiTokenFactory(municipality=fukuoka, revoked_at=None),
        lambda: manager_client.get(reverse(LIST)),
    )


def test_use_is_noted_once_a_minute(client, fukuoka, today):
    token = ApiTokenFactory(municipality=fukuoka, text="rk_x_y")
    bearer = {"Authorization": "Bearer rk_x_y"}
    client.get(reverse("api:token"), headers=bearer)
    token.refresh_from_db()
    first = token.last_used_at
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=30))
    client.get(reverse("api:token"), headers=bearer)
    token.refresh_from_db()
    assert token.last_used_at == first - timedelta(seconds=30)
    assert token.history.count() == 1
