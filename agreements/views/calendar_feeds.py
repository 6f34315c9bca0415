"""カレンダー: the feed behind a secret address, and the page on which addresses are issued and revoked."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.views.generic import View

from agreements.actions.calendar_feeds import issue_feed, revoke_feed, show_holidays
from agreements.calendar_feed import last_modified, render_feed
from agreements.models import CalendarFeed
from municipalities import access
from municipalities.models import Department, StaffMember

_PAGE = "agreements:calendar"
_FRESH_SECONDS = 900


@method_decorator(login_not_required, name="dispatch")
class CalendarFeedView(View):
    """Needs no session: calendar programs cannot log in. Wrong, revoked, orphaned: all 404."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        today = timezone.localdate()
        feeds = CalendarFeed.objects.select_related("person", "department").open(today)
        feed = get_object_or_404(feeds.with_token(token))
        base_url = settings.RENKEI_BASE_URL or request.build_absolute_uri("/").rstrip("/")
        content = render_feed(feed, today, base_url)
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        changed = int(last_modified(feed, today).timestamp())
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["ETag"], response["Last-Modified"] = etag, http_date(changed)
        response["Content-Disposition"] = 'inline; filename="renkei.ics"'
        response["X-Robots-Tag"] = "noindex"
        patch_cache_control(response, private=True, max_age=_FRESH_SECONDS)
        answer = get_conditional_response(request, etag, changed, response)
        if answer is not response and answer is not None:
            patch_cache_control(answer, private=True, max_age=_FRESH_SECONDS)
        return answer or response


def _departments(user: Any) -> QuerySet[Department]:
    """課 whose calendar this person manages."""
    if not access.is_staff_of_a_municipality(user):
        return Department.objects.none()
    return Department.objects.managed_by(user).valid(timezone.localdate())


def _own(request: HttpRequest) -> StaffMember:
    """System admins belong to no municipality and have nothing in a calendar."""
    if not access.is_staff_of_a_municipality(request.user):
        raise Http404
    return request.user  # type: ignore[return-value]


def _owner(request: HttpRequest) -> StaffMember | Department:
    """The 課 that the form names, else the person."""
    person, department = _own(request), request.POST.get("department", "")
    if not department:
        return person
    if not department.isdecimal():
        raise Http404
    return get_object_or_404(_departments(person), pk=int(department))


def _feed(owner: StaffMember | Department) -> CalendarFeed:
    key = {"person": owner} if isinstance(owner, StaffMember) else {"department": owner}
    return get_object_or_404(CalendarFeed, revoked_at=None, **key)


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    user = _own(request)
    context = {
        "page_title": "カレンダー",
        "feed": CalendarFeed.objects.filter(person=user.pk, revoked_at=None).first(),
        "sections": [
            {"department": department, "feed": feed if feed and feed.revoked_at is None else None}
            for department in _departments(user).select_related("calendar_feed")
            for feed in [getattr(department, "calendar_feed", None)]
        ],
        **more,
    }
    return render(request, "agreements/calendar.html", context)


class CalendarView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _page(request)


class CalendarIssueView(View):
    """Shows the address in the answer, once: it is stored nowhere, not even in the session."""

    def post(self, request: HttpRequest) -> HttpResponse:
        owner = _owner(request)
        token = issue_feed(owner=owner, by=_own(request), now=timezone.now())
        address = request.build_absolute_uri(reverse("agreements:calendar-feed", args=[token]))
        return _page(request, address=address, address_of=owner)


class CalendarRevokeView(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        feed = _feed(_owner(request))
        revoke_feed(feed=feed, by=_own(request), now=timezone.now())
        messages.success(request, f"「{feed}」の配信を止めました。前のアドレスは使えません。")
        return redirect(_PAGE)


class CalendarHolidaysView(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        feed = _feed(_owner(request))
        shown = bool(request.POST.get("with_holidays"))
        show_holidays(feed=feed, shown=shown)
        messages.success(request, f"「{feed}」に祝日を表示{'します' if shown else 'しません'}。")
        return redirect(_PAGE)
