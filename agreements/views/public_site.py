"""公開サイト: the public pages of the own municipality as files, for a web server that citizens reach."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views import View

from agreements.actions.jobs import order_job
from agreements.choices import JobKind
from agreements.forms.public_site import PublicSiteForm
from agreements.models import BackgroundJob, PublicEdition
from municipalities.views.managers import OwnMunicipalityManagerMixin

_JOBS_SHOWN = 5


class PublicSiteView(OwnMunicipalityManagerMixin, View):
    """Say where the site will lie (GET), have it made in the background (POST)."""

    template_name = "agreements/public_site.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        last = self._jobs().first()
        base_url = last.parameters.get("base_url", "") if last else ""
        return self._show(PublicSiteForm(initial={"base_url": base_url}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PublicSiteForm(request.POST)
        if not form.is_valid():
            return self._show(form)
        unfinished = self._jobs().unfinished().first()
        if unfinished:
            messages.info(request, "公開サイトの書き出しは、すでに始まっています。")
            return redirect(unfinished)
        user: Any = request.user
        job = order_job(
            kind=JobKind.SITE,
            title=f"公開サイトの書き出し（{self.municipality}）",
            by=user,
            parameters=form.cleaned_data,
        )
        return redirect(job)

    def _jobs(self) -> Any:
        return BackgroundJob.objects.visible_to(self.request.user).filter(kind=JobKind.SITE)

    def _show(self, form: PublicSiteForm) -> HttpResponse:
        standing = PublicEdition.objects.standing().filter(municipality=self.municipality)
        context = {
            "page_title": "公開サイトの書き出し",
            "form": form,
            "municipality": self.municipality,
            "count": standing.count(),
            "jobs": self._jobs().select_related("by")[:_JOBS_SHOWN],
        }
        return TemplateResponse(self.request, self.template_name, context)
