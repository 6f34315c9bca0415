"""What every page for everyone is: open, without a session, the same for all, kept by caches."""

import functools
import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.request import validate_host
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.views import View

from agreements.actions.publication import STAMP
from agreements.models import AgreementDocument, PublicEdition, PublicProfile

from .public_rate import too_often

# Long enough that a crowd is served by caches, short enough that a withdrawal is soon seen everywhere.
_STAMP_SECONDS = 5
_BASE = Path(__file__).resolve().parents[2]
_KEPT = "public, max-age=60, must-revalidate"


@method_decorator(login_not_required, name="dispatch")
class PublicView(View):
    """Answers 304 while nothing public has changed since the visitor's copy."""

    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.today = timezone.localdate()
        if request.method not in {"GET", "HEAD"}:
            return super().dispatch(request, *args, **kwargs)
        stamp, changed_at = _stamp()
        text = f"{request.get_full_path()}|{request.get_host()}|{stamp}|{self.today}|{_release()}"
        etag = f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        # Without Last-Modified in the question: what leaves leaves no later date.
        early = get_conditional_response(request, etag=etag)
        response = early or self._kept(etag) or self._asked(etag, *args, **kwargs)
        if early or response.status_code == 200:
            response.headers["ETag"] = etag
            response.headers.setdefault("Cache-Control", _KEPT)
            if changed_at and not isinstance(response, HttpResponseNotModified):
                response.headers["Last-Modified"] = http_date(changed_at.timestamp())
        return response

    def _kept(self, etag: str) -> HttpResponse | None:
        """The page as another visitor got it."""
        found = None if self.request.GET else caches["public"].get(etag)
        return HttpResponse(found[0], headers=found[1]) if found else None

    def _asked(self, etag: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Searches and other questions of which no answer is kept: so many a minute."""
        refused = too_often(self.request) if self.request.GET else None
        return refused or self._fresh(etag, *args, **kwargs)

    def _fresh(self, etag: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(self.request, *args, **kwargs)
        # Not searches: there are more of them than pages, and nobody asks the same again.
        if isinstance(response, HttpResponse) and response.status_code == 200 and not self.request.GET:
            caches["public"].set(etag, (response.content, dict(response.headers)))
        return response

    def absolute(self, path: str, host: str | None = None) -> str:
        """The permanent address: on the host of its municipality, else on that of the installation.

        A host that one municipality chose is not the place of what belongs to others.
        """
        if host:
            return f"{self.request.scheme}://{host}{path}"
        here = self.request.get_host().partition(":")[0]
        if settings.RENKEI_BASE_URL and validate_host(here, settings.RENKEI_PUBLIC_HOSTS):
            return f"{settings.RENKEI_BASE_URL}{path}"
        return self.request.build_absolute_uri(path)

    def page(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        # Without context processors: a page for everyone has no user, no messages, no token.
        profile = context.get("profile")
        own_url = self.absolute(self.request.path, profile.host_name if profile else None)
        base = {"today": self.today, "own_url": own_url}
        return HttpResponse(render_to_string(template, {**base, **context}), status=status)


@functools.cache
def _release() -> str:
    """What another release makes pages look like: nobody keeps those of the one before."""
    looks = [*_BASE.glob("templates/public/*"), *_BASE.glob("static/css/**/*.css")]
    makers = [*_BASE.glob("agreements/open_*.py"), *_BASE.glob("agreements/views/public*.py")]
    digest = hashlib.sha256()
    for file in sorted([*looks, *makers, _BASE / "templates/base_public.html"]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _stamp() -> tuple[str, Any]:
    """What changes whenever a public page may, and when that last was; asked for anew after seconds."""
    kept = caches["public"].get(STAMP)
    if kept is None:
        kept = _fresh_stamp()
        caches["public"].set(STAMP, kept, _STAMP_SECONDS)
    return kept


def _fresh_stamp() -> tuple[str, Any]:
    editions = PublicEdition.objects.standing().aggregate(newest=Max("pk"), count=Count("pk"))
    last = PublicEdition.objects.order_by("-pk").values("pk", "at").first() or {"at": None}
    profiles = PublicProfile.objects.aggregate(at=Max("updated_at"))
    documents = AgreementDocument.objects.published().count()
    return f"{editions}{last}{profiles}{documents}", last["at"]
