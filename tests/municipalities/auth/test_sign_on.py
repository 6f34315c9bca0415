"""Single sign-on: offered only when configured, leads to the person registered here, makes nobody new."""

import environ
import pytest
from allauth.core import context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.urls import reverse

from config.sign_on import read_sign_on
from municipalities.models import StaffMember
from tests.factories import PASSWORD, StaffMemberFactory

from .conftest import log_in

pytestmark = pytest.mark.django_db
PROVIDER = {
    "provider_id": "organisation",
    "name": "福岡市の共通アカウント",
    "client_id": "renkei",
    "secret": "secret",
    "settings": {"server_url": "https://idp.example.jp"},
}


@pytest.fixture
def configured(settings):
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [PROVIDER]}}


@pytest.fixture
def come_back(client, configured):
    """`come_back(sub=…, email=…, email_verified=…)`: the organisation says who this is."""

    def answer(**claims):
        request = RequestFactory().get("/account/oidc/organisation/login/callback/")
        request.session, request.user = client.session, AnonymousUser()
        request._messages = FallbackStorage(request)
        with context.request_context(request):
            provider = get_adapter().get_provider(request, "organisation")
            login = provider.sociallogin_from_response(request, {"userinfo": claims})
            response = complete_social_login(request, login)
        request.session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
        return request.user, response

    return answer


# -- Configuration ------------------------------------------------------------------------------------
def read(monkeypatch, **variables):
    for name in ("OIDC_ISSUER_URL", "SAML_METADATA_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return read_sign_on(environ.Env())


def test_nothing_is_configured_by_default(monkeypatch):
    found = read(monkeypatch)
    assert (found.apps, found.providers, found.form_origins) == ([], {}, [])


def test_oidc_is_read_from_the_environment(monkeypatch):
    found = read(
        monkeypatch,
        OIDC_ISSUER_URL="https://idp.example.jp/realms/city",
        OIDC_CLIENT_ID="renkei",
        OIDC_CLIENT_SECRET="s",
        OIDC_NAME="市の共通アカウント",
        OIDC_LOGIN_ORIGINS="https://login.example.jp",
    )
    [app] = found.providers["openid_connect"]["APPS"]
    assert app["name"] == "市の共通アカウント"
    assert app["settings"]["server_url"] == "https://idp.example.jp/realms/city"
    assert found.providers["openid_connect"]["OAUTH_PKCE_ENABLED"]
    assert found.form_origins == ["https://idp.example.jp", "https://login.example.jp"]


def test_missing_secret_stops_the_start(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="OIDC_CLIENT_SECRET"):
        read(monkeypatch, OIDC_ISSUER_URL="https://idp.example.jp", OIDC_CLIENT_ID="renkei")


def test_saml_needs_its_extra(monkeypatch):
    monkeypatch.setattr("config.sign_on.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="SAML extra"):
        read(monkeypatch, SAML_METADATA_URL="https://idp.example.jp/metadata", SAML_ENTITY_ID="x")


def test_saml_is_read_from_the_environment(monkeypatch):
    monkeypatch.setattr("config.sign_on.find_spec", lambda name: object())
    found = read(monkeypatch, SAML_METADATA_URL="https://idp.example.jp/metadata", SAML_ENTITY_ID="urn:idp")
    assert found.apps == ["allauth.socialaccount.providers.saml"]
    [app] = found.providers["saml"]["APPS"]
    assert app["settings"]["idp"]["entity_id"] == "urn:idp"


# -- Pages --------------------------------------------------------------------------------------------
def test_login_page_offers_sign_on_only_when_configured(client):
    assert "共通アカウント" not in client.get("/login/").content.decode()
    url = reverse("openid_connect_login", args=["organisation"])
    assert client.get(url).status_code == 404


def test_configured_sign_on_is_offered_and_keeps_the_target(client, configured):
    page = client.get("/login/?next=/agreements/").content.decode()
    assert "福岡市の共通アカウントでログイン" in page
    assert "/account/oidc/organisation/login/?process=login&amp;next=%2Fagreements%2F" in page


def test_sign_on_starts_with_a_button_only(client, configured):
    page = client.get(reverse("openid_connect_login", args=["organisation"]))
    assert page.status_code == 200
    assert "組織の認証画面へ進みます" in page.content.decode()


# -- Who is it ----------------------------------------------------------------------------------------
@pytest.fixture
def registered(fukuoka):
    return StaffMemberFactory(email="Tanaka@city.example.jp", municipality=fukuoka)


def test_verified_address_leads_to_the_registered_person(come_back, registered):
    user, response = come_back(sub="1", email="tanaka@city.example.jp", email_verified=True)
    assert user == registered
    assert response.url == reverse("agreements:today")
    registered.refresh_from_db()
    assert registered.check_password(PASSWORD)


def test_subject_leads_there_also_after_the_address_changed(come_back, registered, client):
    come_back(sub="1", email="tanaka@city.example.jp", email_verified=True)
    registered.email = "other@city.example.jp"
    registered.save()
    client.logout()
    user, _ = come_back(sub="1", email="tanaka@city.example.jp", email_verified=True)
    assert user == registered


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "tanaka@city.example.jp", "email_verified": False},
        {"email": "tanaka@city.example.jp"},
        {"email": "nobody@city.example.jp", "email_verified": True},
        {"preferred_username": "staff-1"},
    ],
)
def test_anyone_else_gets_no_further_and_is_not_created(come_back, registered, claims):
    user, response = come_back(sub="2", **claims)
    assert user.is_anonymous
    assert "職員として登録されていません" in response.content.decode()
    assert StaffMember.objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_shared_address_leads_to_nobody(come_back, registered):
    StaffMemberFactory(email="tanaka@city.example.jp", municipality=registered.municipality)
    user, _ = come_back(sub="1", email="tanaka@city.example.jp", email_verified=True)
    assert user.is_anonymous


def test_switched_off_person_does_not_come_in(come_back, registered):
    StaffMember.objects.filter(pk=registered.pk).update(is_active=False)
    user, _ = come_back(sub="1", email="tanaka@city.example.jp", email_verified=True)
    assert user.is_anonymous


def test_new_people_come_in_as_viewers_where_the_setting_allows(come_back, fukuoka, settings):
    settings.RENKEI_SIGN_ON_MUNICIPALITY = fukuoka.code
    user, _ = come_back(sub="3", email="new@city.example.jp", email_verified=True, name="新人 さくら")
    assert (user.name, user.role, user.municipality) == ("新人 さくら", "viewer", fukuoka)
    assert not user.has_usable_password()
    assert not user.is_superuser


def test_setting_makes_no_second_person_of_an_unverified_address(come_back, registered, settings):
    settings.RENKEI_SIGN_ON_MUNICIPALITY = registered.municipality.code
    user, _ = come_back(sub="4", email="tanaka@city.example.jp", email_verified=False)
    assert user.is_anonymous
    assert StaffMember.objects.count() == 1


def test_sign_on_counts_as_second_factor_where_the_setting_says(
    come_back, registered, client, settings, requires_mfa
):
    requires_mfa("viewer")
    come_back(sub="1", email="tanaka@city.example.jp", email_verified=True)
    assert client.get("/").url == reverse("mfa_index")
    settings.RENKEI_SIGN_ON_COUNTS_AS_MFA = True
    assert client.get("/").status_code == 200


def test_connections_page_lists_and_disconnects(come_back, registered, client):
    come_back(sub="1", email="tanaka@city.example.jp", email_verified=True)
    client.logout()
    log_in(client, registered)
    page = client.get(reverse("socialaccount_connections"))
    assert "つながりを外す" in page.content.decode()
    account = SocialAccount.objects.get()
    client.post(reverse("socialaccount_connections"), {"account": account.pk})
    assert not SocialAccount.objects.exists()
