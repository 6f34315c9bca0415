"""職員: a manager invites, changes, disables and brings back the staff of the own municipality."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import CreateView, UpdateView, View
from django_filters.views import FilterView

from municipalities import staffing
from municipalities.filters import StaffFilterSet
from municipalities.forms import InvitationForm, StaffMemberForm
from municipalities.invitations import VALID_FOR, token_for
from municipalities.login import mfa_adapter
from municipalities.login.lockout import locked_until, unlock
from municipalities.models import StaffMember

from .managers import ManagerMixin, OwnMunicipalityManagerMixin


class StaffListView(ManagerMixin, FilterView):
    filterset_class = StaffFilterSet
    template_name = "municipalities/staff_list.html"
    extra_context = {"page_title": "職員"}
    paginate_by = 50

    def get_queryset(self) -> QuerySet[StaffMember]:
        return StaffMember.objects.managed_by(self.request.user).select_related("municipality", "department")


class StaffInviteView(OwnMunicipalityManagerMixin, CreateView):
    """A new colleague of the manager's own municipality; system admins use the admin site."""

    form_class = InvitationForm
    template_name = "municipalities/staff_form.html"
    extra_context = {"page_title": "職員の招待"}

    def get_form_kwargs(self) -> dict[str, Any]:
        member = StaffMember(municipality=self.municipality)
        return {**super().get_form_kwargs(), "instance": member, "today": timezone.localdate()}

    def form_valid(self, form: Any) -> HttpResponse:
        member = form.save(commit=False)
        staffing.invite(member=member)
        return hand_over(self.request, member, by_mail=form.cleaned_data["delivery"] == "mail")


class StaffUpdateView(ManagerMixin, UpdateView):
    form_class = StaffMemberForm
    template_name = "municipalities/staff_form.html"

    def get_queryset(self) -> QuerySet[StaffMember]:
        return StaffMember.objects.managed_by(self.request.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "today": timezone.localdate()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            page_title=f"{self.object.name}さんの登録",
            locked_until=locked_until(self.object),
            has_second_factor=self.object != self.request.user and mfa_adapter.is_set_up_by(self.object),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            staffing.change(member=form.instance)
        except staffing.LastManager as refusal:
            form.add_error("role", str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, f"{form.instance.name}さんの登録を変更しました。")
        return redirect("municipalities:staff-list")


class StaffStepView(ManagerMixin, View):
    """One step with a member, by POST, back to the list."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        member = get_object_or_404(StaffMember.objects.managed_by(request.user), pk=pk)
        return self.take(member) or redirect("municipalities:staff-list")

    def take(self, member: StaffMember) -> HttpResponse | None:
        raise NotImplementedError


class StaffInvitationView(StaffStepView):
    """A new link for someone who has not set the first password yet; the earlier link dies."""

    def take(self, member: StaffMember) -> HttpResponse | None:
        if not member.is_invited:
            messages.error(self.request, f"{member.name}さんは、すでにパスワードを決めています。")
            return None
        staffing.invite(member=member)
        return hand_over(self.request, member, by_mail="mail" in self.request.POST and bool(member.email))


class StaffDisableView(StaffStepView):
    def take(self, member: StaffMember) -> HttpResponse | None:
        if member == self.request.user:
            raise PermissionDenied("自分自身の利用は停止できません。")
        try:
            staffing.disable(member=member)
        except staffing.LastManager as refusal:
            messages.error(self.request, str(refusal))
            return None
        messages.success(
            self.request,
            f"{member.name}さんの利用を停止しました。担当していた協定と取組は「担当者の見直し」で引き継げます。",
        )
        return None


class StaffEnableView(StaffStepView):
    def take(self, member: StaffMember) -> HttpResponse | None:
        staffing.enable(member=member)
        messages.success(self.request, f"{member.name}さんの利用を再開しました。")
        return None


class StaffUnlockView(StaffStepView):
    def take(self, member: StaffMember) -> HttpResponse | None:
        unlock(member)
        messages.success(self.request, f"{member.name}さんのログインの制限を解きました。")
        return None


class StaffMfaResetView(StaffStepView):
    """For someone who lost the device. One's own factors need a fresh login, on one's own page."""

    def take(self, member: StaffMember) -> HttpResponse | None:
        if member == self.request.user:
            raise PermissionDenied("自分自身の二段階認証は、自分の設定の画面で変更します。")
        if mfa_adapter.reset(member, self.request):
            messages.success(self.request, f"{member.name}さんの二段階認証を解除しました。")
        else:
            messages.info(self.request, f"{member.name}さんは、二段階認証を設定していません。")
        return None


def hand_over(request: HttpRequest, member: StaffMember, *, by_mail: bool) -> HttpResponse:
    """Mail the link, or show it once on a page made for printing."""
    by: Any = request.user
    path = reverse("municipalities:invitation", args=[token_for(member)])
    link = request.build_absolute_uri(path)
    if by_mail:
        staffing.send_invitation(member=member, link=link, by=by)
        messages.success(request, f"{member.name}さん（{member.email}）に案内のメールを送りました。")
        return redirect("municipalities:staff-list")
    context = {"page_title": "利用の案内", "member": member, "link": link, "days": VALID_FOR.days}
    response = render(request, "municipalities/staff_invitation.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
