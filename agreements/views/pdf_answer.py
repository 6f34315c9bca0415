"""A printout as an answer: shown by the browser, kept by no cache."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header

from agreements.printing.renderer import PrintError

# In the frame of one of our print pages, and nowhere else.
_FRAMED = {
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'"
    ),
}


def pdf_answer(pdf: bytes, file_name: str, *, request: HttpRequest | None = None) -> HttpResponse:
    """With the `request` of a print page, `?preview` allows its frame and `?download` keeps the file."""
    asked = request.GET if request else {}
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header("download" in asked, file_name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            **(_FRAMED if "preview" in asked else {}),
        },
    )


def printed_answer(request: HttpRequest, make: Callable[[], bytes], file_name: str) -> HttpResponse:
    """The printout, or a page that says why there is none."""
    try:
        pdf = make()
    except PrintError as error:
        context = {"page_title": "印刷できませんでした", "reason": str(error)}
        response = TemplateResponse(request, "agreements/print_failed.html", context, status=503)
        for name, value in _FRAMED.items() if "preview" in request.GET else ():
            response.headers[name] = value
        return response
    return pdf_answer(pdf, file_name, request=request)
