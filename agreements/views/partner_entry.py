"""The company's way in: the link, then a one-time code. Open to everyone; nothing of the agreement is here.

The secret part of a link is never the address of a page: opening it puts it into a cookie of this link's
pages and leads on, so that it stands in no history and no Referer. A link that does not open, for whatever
reason, gets the same page with the same status.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import View

from agreements.actions.share_access import CodeRefused, enter_code, link_behind, send_code
from agreements.forms.partner_forms import CodeForm
from agreements.models import ShareLink

LINK_COOKIE = "renkei_partner_link"
SESSION_COOKIE = "renkei_partner"
_REFUSED = 404


def refused(request: HttpRequest) -> HttpResponse:
    """One page for a link that is altered, too old, used up, revoked, or whose visit is over."""
    response = render(
        request, "partner/refused.html", {"page_title": "このページは開けません"}, status=_REFUSED
    )
    response["Referrer-Policy"] = "no-referrer"
    return response


def set_cookie(response: HttpResponse, name: str, value: str, link_id: int) -> None:
    """A cookie that the browser sends to this link's pages alone, and forgets when it closes."""
    response.set_cookie(
        name,
        value,
        path=reverse("agreements:partner-home", args=[link_id]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: HttpResponse, name: str, link_id: int) -> None:
    response.delete_cookie(name, path=reverse("agreements:partner-home", args=[link_id]), samesite="Lax")


@method_decorator(login_not_required, name="dispatch")
class PublicPartnerView(View):
    """Of nobody who is logged in: a member of staff who opens a link is a visitor like any other."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.user = AnonymousUser()
        response = self.answer(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return refused(request)


class PartnerEntryView(PublicPartnerView):
    """Where the link in the mail leads. Changes nothing: mail scanners open links too."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = link_behind(token, address=request.META.get("REMOTE_ADDR"), now=timezone.now())
        if link is None:
            return refused(request)
        response = redirect("agreements:partner-code", pk=link.pk)
        response["Referrer-Policy"] = "no-referrer"
        set_cookie(response, LINK_COOKIE, token, link.pk)
        return response


class PartnerCodeView(PublicPartnerView):
    """Sends a code and takes it. `LINK_COOKIE` proves that the visitor has the link."""

    link: ShareLink

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = request.COOKIES.get(LINK_COOKIE, "")
        now = timezone.now()
        link = link_behind(token, address=request.META.get("REMOTE_ADDR"), now=now) if token else None
        if link is None or link.pk != kwargs["pk"]:
            return refused(request)
        self.link = link
        return super().answer(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(CodeForm(), is_sent="sent" in request.GET)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.send() if "send" in request.POST else self.enter()

    def send(self) -> HttpResponse:
        try:
            send_code(link=self.link, now=timezone.now())
        except CodeRefused as refusal:
            return self.show(CodeForm(), refusal=str(refusal))
        return redirect(f"{reverse('agreements:partner-code', args=[self.link.pk])}?sent=1")

    def enter(self) -> HttpResponse:
        form = CodeForm(self.request.POST)
        if not form.is_valid():
            return self.show(form, is_sent=True)
        try:
            key = enter_code(link=self.link, text=form.cleaned_data["code"], now=timezone.now())
        except CodeRefused as refusal:
            form.add_error("code", str(refusal))
            return self.show(form, is_sent=True)
        response = redirect("agreements:partner-home", pk=self.link.pk)
        set_cookie(response, SESSION_COOKIE, key, self.link.pk)
        return response

    def show(self, form: CodeForm, *, is_sent: bool = False, refusal: str = "") -> HttpResponse:
        context = {
            "page_title": "確認コードの入力",
            "municipality": self.link.agreement.municipality,
            "by_phone": self.link.code_by_phone or not self.link.contact.email,
            "form": form,
            "is_sent": is_sent,
            "refusal": refusal,
        }
        return render(self.request, "partner/code.html", context)
