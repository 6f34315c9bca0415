"""Single sign-on of the organisation (OIDC, SAML): read from the environment, absent when not configured."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


@dataclass
class SignOn:
    """What the settings need: apps, SOCIALACCOUNT_PROVIDERS, origins that a login form may lead to."""

    apps: list[str] = field(default_factory=list)
    providers: dict[str, Any] = field(default_factory=dict)
    form_origins: list[str] = field(default_factory=list)


def read_sign_on(env: environ.Env) -> SignOn:
    """Raises ImproperlyConfigured when a variable is missing or the SAML extra is not installed."""
    found = SignOn()
    if issuer := env.str("OIDC_ISSUER_URL", default=""):
        found.providers["openid_connect"] = _oidc(env, issuer)
        found.form_origins += [_origin(issuer), *env.list("OIDC_LOGIN_ORIGINS", default=[])]
    if metadata := env.str("SAML_METADATA_URL", default=""):
        if find_spec("onelogin") is None:
            raise ImproperlyConfigured(
                "SAML_METADATA_URL is set but the SAML extra is not installed (renkei[saml])."
            )
        found.apps.append("allauth.socialaccount.providers.saml")
        found.providers["saml"] = _saml(env, metadata)
        found.form_origins += [_origin(metadata), *env.list("SAML_LOGIN_ORIGINS", default=[])]
    return found


def _oidc(env: environ.Env, issuer: str) -> dict[str, Any]:
    return {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "organisation",
                "name": env.str("OIDC_NAME", default="組織のアカウント"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {
                    "server_url": issuer,
                    "verified_email": env.bool("OIDC_TRUST_EMAIL", default=False),
                },
            }
        ],
    }


def _saml(env: environ.Env, metadata: str) -> dict[str, Any]:
    return {
        "APPS": [
            {
                "provider_id": env.str("SAML_ENTITY_ID"),
                "client_id": "organisation",
                "name": env.str("SAML_NAME", default="組織のアカウント"),
                "settings": {
                    "idp": {"entity_id": env.str("SAML_ENTITY_ID"), "metadata_url": metadata},
                    "verified_email": env.bool("SAML_TRUST_EMAIL", default=False),
                    "advanced": {"want_assertion_signed": True},
                },
            }
        ]
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
