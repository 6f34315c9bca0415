"""What the pages of logging in show of the person: the login before this one, and what is asked of them."""

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from municipalities import wareki
from municipalities.login import mfa_adapter
from municipalities.login.receivers import PREVIOUS_LOGIN
from municipalities.models import StaffMember

register = template.Library()


@register.simple_tag(takes_context=True)
def previous_login(context: Context) -> dict[str, Any] | None:
    """`{at: 令和8年10月1日 9:05, address}` of the login before this one; None at the first."""
    found = context["request"].session.get(PREVIOUS_LOGIN)
    if not found:
        return None
    return {"at": in_words(datetime.fromisoformat(found["at"])), "address": found["address"]}


@register.filter
def in_words(moment: datetime | None) -> str:
    """令和8年10月1日 9:05"""
    if moment is None:
        return "—"
    local = timezone.localtime(moment)
    return f"{wareki.format_wareki(local.date())} {local.hour}:{local.minute:02}"


@register.simple_tag(takes_context=True)
def login_duty(context: Context) -> str:
    """What has to be done before anything else: `new_password`, `old_password`, `second_factor` or empty."""
    member = context["user"]
    if not isinstance(member, StaffMember):
        return ""
    if member.must_renew_password(timezone.now()):
        return "new_password" if member.must_change_password else "old_password"
    if mfa_adapter.is_required_of(member) and not mfa_adapter.is_set_up_by(member):
        return "second_factor"
    return ""


@register.simple_tag(takes_context=True)
def account_link(context: Context, name: str, label: str) -> SafeString:
    """A link of the account pages; marked on its page and on those below."""
    url = reverse(name)
    current = mark_safe(' aria-current="page"') if context["request"].path.startswith(url) else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', url, current, label)


@register.filter
def browser(user_agent: str) -> str:
    """Edge（Windows）: the browser as people call it; the text itself when it is none we know."""
    name = _first(user_agent, _BROWSERS)
    system = _first(user_agent, _SYSTEMS)
    if not name:
        return user_agent or "不明"
    return f"{name}（{system}）" if system else name


# In the order of asking: Edge calls itself Chrome too, Chrome calls itself Safari.
_BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def _first(text: str, marks: dict[str, str]) -> str:
    return next((word for mark, word in marks.items() if mark in text), "")
