from typing import Any

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import View


class LogoutEverywhereView(View):
    """すべての端末からログアウト: ends every session of the person, this one too."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        end_sessions(request, list(UserSession.objects.filter(user=request.user)))
        messages.success(request, "すべての端末からログアウトしました。")
        return redirect("account_login")
