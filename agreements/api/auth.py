"""Who asks: a token of a municipality (Bearer). How often: counted by token, and by address without one."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from municipalities import access, rates
from municipalities.api_tokens import token_behind
from municipalities.choices import ApiScope
from municipalities.models import ApiToken

from .answers import Problem

_WHO = {"WWW-Authenticate": 'Bearer realm="renkei"'}
_NO_TOKEN = "APIトークンが必要です。Authorization: Bearer （トークン）を付けてください。"  # noqa: S105
_UNKNOWN = "このAPIトークンは使えません。綴り、有効期限、失効していないかを確かめてください。"
_TOO_OFTEN = "利用の回数が上限を超えました。Retry-After の秒数を待ってから、もう一度送ってください。"


class TokenAuth(HttpBearer):
    """Lets in tokens with this scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiToken:
        found = super().__call__(request)
        if found is None:
            raise Problem(401, _NO_TOKEN, headers=_WHO)
        return found

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        now, address = timezone.now(), request.META.get("REMOTE_ADDR")
        limit, failed = settings.RENKEI_API_FAILURES_PER_MINUTE, f"api-failed:{rates.visitor(address)}"
        failures = rates.look(failed, limit=limit, now=now)
        if failures.count >= limit:  # nothing opens from there for a while, not even what is right
            refuse_if_exceeded(request, rates.Rate(limit, limit + 1, failures.reset))
        found = token_behind(token, now=now, address=address) if len(token) <= 200 else None
        if found is None:
            rates.count(failed, limit=limit, now=now)
            raise Problem(401, _UNKNOWN, headers=_WHO)
        refuse_if_exceeded(
            request, rates.count(f"api-token:{found.pk}", limit=settings.RENKEI_API_TOKEN_RATE, now=now)
        )
        if not access.has_scope(found.principal, self.scope):
            label = ApiScope(self.scope).label
            raise Problem(403, f"このAPIトークンには「{label}」が認められていません。")
        return found


def refuse_if_exceeded(request: HttpRequest, rate: rates.Rate) -> None:
    """Remembers the rate for the headers of the answer. Raises `Problem` (429)."""
    request.api_rate = rate  # type: ignore[attr-defined]
    if rate.is_exceeded:
        raise Problem(429, _TOO_OFTEN, headers={"Retry-After": str(rate.reset)})


def token_of(request: HttpRequest) -> ApiToken:
    return request.auth  # type: ignore[attr-defined]
