"""The page behind an invitation link: the first password. Open to whoever holds a living link."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from municipalities.forms import FirstPasswordForm
from municipalities.invitations import InvitationRefused, invited_member
from municipalities.models import StaffMember


@method_decorator([login_not_required, never_cache], name="dispatch")
class InvitationView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            member = invited_member(token)
        except InvitationRefused:
            return _refused(request)
        return _page(request, FirstPasswordForm(member=member))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            member = invited_member(token)
        except InvitationRefused:
            return _refused(request)
        form = FirstPasswordForm(request.POST, member=member)
        if not form.is_valid():
            return _page(request, form)
        with transaction.atomic():
            # Of two who open the same link at once, one sets the password; the link is used up then.
            StaffMember.objects.select_for_update().get(pk=member.pk)
            try:
                member = invited_member(token)
            except InvitationRefused:
                return _refused(request)
            member.set_password(form.cleaned_data["password"])
            member.must_change_password = False
            member.save()
        messages.success(request, "パスワードを決めました。ユーザー名とパスワードでログインしてください。")
        return redirect("account_login")


def _page(request: HttpRequest, form: FirstPasswordForm) -> HttpResponse:
    context = {"page_title": "最初のパスワード", "form": form, "member": form.member}
    return render(request, "municipalities/invitation.html", context)


def _refused(request: HttpRequest) -> HttpResponse:
    context = {"page_title": "この案内は使えません"}
    return render(request, "municipalities/invitation_refused.html", context, status=410)
