"""公開ページの設定 of the own municipality: saved, and taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views import View

from agreements.actions import public_profile
from agreements.actions.register import ChangedMeanwhile
from agreements.forms.public_profile_form import PublicProfileForm
from agreements.models import PublicProfile
from municipalities.views.managers import OwnMunicipalityManagerMixin

from .undo import offer_undo, take_offer


class PublicProfileView(OwnMunicipalityManagerMixin, View):
    template_name = "agreements/public_profile.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(PublicProfileForm(instance=PublicProfile.of(self.municipality)))

    def post(self, request: HttpRequest) -> HttpResponse:
        before = PublicProfile.of(self.municipality)
        form = PublicProfileForm(request.POST, request.FILES, instance=PublicProfile.of(self.municipality))
        if not form.is_valid():
            return self._show(form)
        user: Any = request.user
        record = before.history.first() if before.pk else None  # type: ignore[attr-defined]
        try:
            changed = public_profile.change_profile(
                municipality=self.municipality,
                values=form.values(),
                logo=form.logo,
                seen=form.seen_at,
                by=user,
                today=timezone.localdate(),
            )
        except ChangedMeanwhile:
            return self._show_meanwhile(form, before)
        undo_url = reverse("agreements:public-profile-undo", args=[record.pk if record else 0])
        removed = f"外した項目を、公開している協定{changed}件から取り除きました。" if changed else ""
        offer_undo(request, f"公開ページの設定を保存しました。{removed}", undo_url)
        return redirect("agreements:public-profile")

    def _show_meanwhile(self, form: PublicProfileForm, stored: PublicProfile) -> HttpResponse:
        """Somebody was quicker: both versions, with what was typed on top of what holds now."""
        rows = form.conflict_with(stored)
        data = self.request.POST.copy()
        data["seen"] = stored.updated_at.isoformat() if stored.updated_at else ""
        again = PublicProfileForm(data, instance=form.instance)
        return self._show(again, status=409, conflict_rows=rows)

    def _show(self, form: PublicProfileForm, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "page_title": "公開ページの設定",
            "form": form,
            "municipality": self.municipality,
            "profile": PublicProfile.of(self.municipality),
            "undo": take_offer(self.request),
            **context,
        }
        return TemplateResponse(self.request, self.template_name, context, status=status)


class PublicProfileUndoView(OwnMunicipalityManagerMixin, View):
    """Back to the settings of one record of the history; 0 stands for those where nobody chose any."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        past: Any = PublicProfile(municipality=self.municipality)
        if pk:
            history = PublicProfile.history.filter(municipality=self.municipality.pk)  # type: ignore[attr-defined]
            past = get_object_or_404(history, pk=pk)
        user: Any = request.user
        try:
            public_profile.restore_profile(
                municipality=self.municipality,
                values={name: getattr(past, name) for name in public_profile.KEPT},
                by=user,
                today=timezone.localdate(),
            )
        except public_profile.NotRestorable as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(
                request,
                "公開ページの設定を元に戻しました。公開ページから取り除いた項目は、次に公開を承認したときから表示されます。",
            )
        return redirect("agreements:public-profile")
