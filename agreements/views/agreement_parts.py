"""What views of a part of an agreement share: whose agreement it is, and who may write."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views import View

from agreements.models import Agreement
from municipalities import access


class OfAgreementView(View):
    """`pk` is an agreement that the person may write: 404 for strangers, 403 for colleagues who may not."""

    agreement: Agreement
    user: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.user = request.user
        internal = Agreement.objects.internal_to(request.user).select_related("municipality", "department")
        self.agreement = get_object_or_404(internal, pk=kwargs["pk"])
        if not access.may_edit(request.user, self.agreement):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class PartView(View):
    """`pk` is a part of an agreement (`part.agreement`) that the person may write; the same answers."""

    part: Any
    user: Any
    path = "agreement"  # from the part to its agreement

    def internal_parts(self) -> QuerySet[Any]:
        """The parts whose existence the person may know."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.user = request.user
        self.part = get_object_or_404(
            self.internal_parts().select_related(f"{self.path}__municipality"), pk=kwargs["pk"]
        )
        if not self.may_write():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def may_write(self) -> bool:
        return access.may_edit(self.request.user, self.part.agreement)


class PostOnlyMixin:
    """For views before which nothing is looked up unless they are asked by POST (405 comes before 404)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return self.http_method_not_allowed(request)  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class PartStepView(PartView):
    """One step with a part, by POST, back to its section of the agreement's page."""

    http_method_names = ["post"]
    section: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return self.http_method_not_allowed(request)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.step(self.part)
        return back_to(self.part.agreement, self.section)

    def step(self, part: Any) -> None:
        raise NotImplementedError


def back_to(agreement: Agreement, section: str) -> HttpResponse:
    return redirect(f"{agreement.get_absolute_url()}#{section}")
