"""「公平性の記録」: talks while a policy was made, and later procurements with the same company."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.generic import TemplateView

from agreements.actions.fairness import link_talk, restore_link, withdraw_link
from agreements.exports.fairness import fairness_csv
from agreements.forms.fairness_forms import FairnessLinkForm
from agreements.models import ActionItem, FairnessLink
from agreements.models.fairness_link import fairness_record
from municipalities import access, audit
from municipalities.choices import AuditKind

from .action_items import ActionPartView
from .agreement_parts import PartStepView
from .undo import offer_undo, take_offer


class StaffOnlyMixin(UserPassesTestMixin):
    """A system admin belongs to no municipality: nothing to show."""

    raise_exception = True
    request: HttpRequest

    def test_func(self) -> bool:
        return access.is_staff_of_a_municipality(self.request.user)


class FairnessView(StaffOnlyMixin, TemplateView):
    template_name = "agreements/fairness.html"
    extra_context = {"page_title": "公平性の記録"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        records = fairness_record(user)
        editable = ActionItem.objects.alive().filter(access.editable_actions(user))
        with_contract = [each.action.pk for record in records for each in record.procurements]
        return super().get_context_data(
            **kwargs,
            records=records,
            unlinked=sum(each.unlinked_count for each in records),
            editable=set(editable.filter(pk__in=with_contract).values_list("pk", flat=True)),
            undo=take_offer(self.request),
        )


class FairnessExportView(StaffOnlyMixin, View):
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        audit.record(AuditKind.EXPORT, request=request, municipality=user.municipality, 書式="公平性の記録")
        answer = HttpResponse(fairness_csv(fairness_record(user)), content_type="text/csv; charset=utf-8")
        name = f"fairness_{timezone.localdate():%Y%m%d}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class FairnessLinkCreateView(ActionPartView):
    """Link a talk to a 取組 (`pk`) with a contract; `?meeting=` chooses the talk."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        meeting = request.GET.get("meeting", "")
        initial = {"meeting": meeting} if meeting.isdecimal() else {}
        return self.show(FairnessLinkForm(action=self.part, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = FairnessLinkForm(request.POST, action=self.part)
        if not form.is_valid():
            return self.show(form)
        link = link_talk(
            action=self.part,
            meeting=form.cleaned_data["meeting"],
            note=form.cleaned_data["note"],
            by=self.user,
        )
        for notice in form.notices():
            messages.warning(request, notice)
        url = reverse("agreements:fairness-link-withdraw", args=[link.pk])
        offer_undo(request, f"{link.meeting}を、この取組に結び付けました。", url)
        return redirect(f"{self.part.get_absolute_url()}#fairness")

    def show(self, form: FairnessLinkForm) -> HttpResponse:
        context = {"page_title": "話し合いの結び付け", "action": self.part, "form": form}
        return TemplateResponse(self.request, "agreements/fairness_link_form.html", context)


class FairnessLinkWithdrawView(PartStepView):
    path = "action__agreement"

    def internal_parts(self) -> QuerySet[FairnessLink]:
        return FairnessLink.objects.internal_to(self.request.user).select_related("meeting")

    def may_write(self) -> bool:
        return access.may_edit_action(self.request.user, self.part.action)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.step(self.part)
        return redirect(f"{self.part.action.get_absolute_url()}#fairness")

    def step(self, part: FairnessLink) -> None:
        withdraw_link(link=part)
        url = reverse("agreements:fairness-link-restore", args=[part.pk])
        offer_undo(self.request, f"{part.meeting}との結び付けを取り消しました。", url)


class FairnessLinkRestoreView(FairnessLinkWithdrawView):
    def step(self, part: FairnessLink) -> None:
        restore_link(link=part)
        messages.success(self.request, f"{part.meeting}との結び付けを元に戻しました。")
