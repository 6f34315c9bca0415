"""APIトークン: a manager gives other systems of the municipality a token, sees their use, takes them away."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import FormView, ListView, View

from municipalities import access
from municipalities.api_token_forms import ApiTokenForm
from municipalities.api_tokens import issue_token, revoke_token
from municipalities.models import ApiToken

from .managers import ManagerMixin

_LIST = "municipalities:api-token-list"


class ApiTokenListView(ManagerMixin, ListView):
    template_name = "municipalities/api_token_list.html"
    extra_context = {"page_title": "APIトークン"}

    def get_queryset(self) -> QuerySet[ApiToken]:
        related = ("municipality", "created_by", "revoked_by")
        return ApiToken.objects.managed_by(self.request.user).select_related(*related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        context = super().get_context_data(**kwargs)
        tokens = context["object_list"]
        return {
            **context,
            "usable": [token for token in tokens if token.is_usable(today)],
            "over": [token for token in tokens if not token.is_usable(today)],
            "is_of_all": not access.is_staff_of_a_municipality(self.request.user),
        }


class ApiTokenIssueView(ManagerMixin, FormView):
    """Shows the token in the answer, once: it is stored nowhere, not even in the session."""

    form_class = ApiTokenForm
    template_name = "municipalities/api_token_form.html"
    extra_context = {"page_title": "APIトークンの発行"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user, "today": timezone.localdate()}

    def form_valid(self, form: ApiTokenForm) -> HttpResponse:
        by: Any = self.request.user
        token, text = issue_token(**form.values(), by=by)
        context = {"page_title": "APIトークンの発行", "token": token, "text": text}
        response = render(self.request, "municipalities/api_token_issued.html", context)
        response["Cache-Control"] = "private, no-store"
        return response


class ApiTokenRevokeView(ManagerMixin, View):
    """There is no way back but a new token: a system that was shut out must not come in again by itself."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = get_object_or_404(ApiToken.objects.managed_by(request.user), pk=pk)
        by: Any = request.user
        revoke_token(token=token, by=by, now=timezone.now())
        messages.success(
            request, f"「{token.name}」のトークンを失効させました。続けて使うときは、新しく発行してください。"
        )
        return redirect(_LIST)
