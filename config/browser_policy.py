"""What the browser may do on our pages, beside the Content-Security-Policy and Django's own headers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing of the device is used but passkeys.
_NOTHING = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
_OURS = ("publickey-credentials-create", "publickey-credentials-get")

_DEVICE = [f"{name}=()" for name in _NOTHING] + [f"{name}=(self)" for name in _OURS]

HEADERS = {"Permissions-Policy": ", ".join(_DEVICE), "Cross-Origin-Resource-Policy": "same-origin"}


class BrowserPolicyMiddleware:
    """Sends `HEADERS` with every answer; a view that says otherwise has its way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
