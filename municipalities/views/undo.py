"""Offer to take back what was just done: once, on the next page."""

from typing import Any

from django.http import HttpRequest

_KEY = "undo"


def offer_undo(request: HttpRequest, message: str, url: str) -> None:
    """Remember what was done, and the URL that takes a POST to undo it."""
    request.session[_KEY] = {"message": message, "url": url}


def take_offer(request: HttpRequest) -> dict[str, Any] | None:
    """The offer for the page being made, {"message", "url"}; it is made once."""
    return request.session.pop(_KEY, None) if _KEY in request.session else None
