"""Every page of logging in. Named one by one: of allauth's pages only those that are ours exist.

`account_signup` answers 404; people are made by managers. E-mail addresses belong to the staff record.
"""

from allauth.account import views as account_views
from allauth.socialaccount import views as sign_on_views
from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from municipalities.views.sessions import LogoutEverywhereView


def closed(request: HttpRequest) -> HttpResponse:
    raise Http404


closed.login_required = False  # type: ignore[attr-defined]

urlpatterns = [
    path("login/", account_views.login, name="account_login"),
    path("logout/", account_views.logout, name="account_logout"),
    path("account/inactive/", account_views.account_inactive, name="account_inactive"),
    path("account/signup/", closed, name="account_signup"),
    path("account/reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"),
    path("account/password/change/", account_views.password_change, name="account_change_password"),
    path("account/password/set/", account_views.password_set, name="account_set_password"),
    path("account/password/reset/", account_views.password_reset, name="account_reset_password"),
    path(
        "account/password/reset/sent/", account_views.password_reset_done, name="account_reset_password_done"
    ),
    re_path(
        r"^account/password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/password/reset/done/",
        account_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/mfa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path(
        "account/sessions/logout-everywhere/",
        LogoutEverywhereView.as_view(),
        name="sessions_logout_everywhere",
    ),
    path("account/sign-on/", sign_on_views.connections, name="socialaccount_connections"),
    path("account/sign-on/signup/", closed, name="socialaccount_signup"),
    path("account/sign-on/cancelled/", sign_on_views.login_cancelled, name="socialaccount_login_cancelled"),
    path("account/sign-on/error/", sign_on_views.login_error, name="socialaccount_login_error"),
    path("account/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
if apps.is_installed("allauth.socialaccount.providers.saml"):
    urlpatterns.append(path("account/", include("allauth.socialaccount.providers.saml.urls")))
