"""相手方の統合: choose the other record, look at what would move, merge, take it back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views import View

from agreements.actions.merge_companies import merge_companies, preview_merge, undo_merge
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.transition import NotAllowed
from agreements.models import Agreement, Company, CompanyMerge
from municipalities import access

from .undo import offer_undo

_SHOWN = 20


class MergerMixin(UserPassesTestMixin):
    """Closed to those who may not merge companies (403)."""

    request: HttpRequest
    raise_exception = True

    def test_func(self) -> bool:
        return access.may_merge_companies(self.request.user)


class CompanyMergeView(MergerMixin, View):
    """`?q=` finds the other record, `?into=` shows what would move; POST does it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self.source(pk)
        target = self.target(request.GET.get("into", ""), source)
        return self.show(source, target) if target else self.search(source)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self.source(pk)
        target = self.target(request.POST.get("into", ""), source)
        if target is None:
            return self.search(source, error="統合先を選んでください。")
        user: Any = request.user
        try:
            merge = merge_companies(
                source=source, target=target, seen=_seen(request), by=user, now=timezone.now()
            )
        except ChangedMeanwhile:
            message = "この画面を開いた後に変更されました。内容を確かめて、もう一度行ってください。"
            return self.show(source, target, status=409, refusal=message)
        except NotAllowed as refusal:
            return self.show(source, target, status=409, refusal=str(refusal))
        offer_undo(
            request, f"{merge}を行いました。", reverse("agreements:company-merge-undo", args=[merge.pk])
        )
        return redirect(target)

    def source(self, pk: int) -> Company:
        return get_object_or_404(Company.objects.alive(), pk=pk)

    def target(self, key: str, source: Company) -> Company | None:
        if not (key.isascii() and key.isdigit() and len(key) < 18):
            return None
        return Company.objects.alive().exclude(pk=source.pk).filter(pk=int(key)).first()

    def search(self, source: Company, error: str = "") -> HttpResponse:
        query = self.request.GET.get("q", "").strip()[:100]
        found: list[Company] = []
        if query:
            found = list(Company.objects.alive().exclude(pk=source.pk).matching(query)[:_SHOWN])
        return self._answer(
            "agreements/company_merge_search.html", source, query=query, found=found, error=error
        )

    def show(self, source: Company, target: Company, status: int = 200, refusal: str = "") -> HttpResponse:
        preview = preview_merge(source, target)
        visible = Agreement.objects.visible_to(self.request.user)
        return self._answer(
            "agreements/company_merge.html",
            source,
            status,
            target=target,
            preview=preview,
            refusal=refusal,
            both=visible.filter(pk__in=[each.pk for each in preview.both]),
        )

    def _answer(self, template: str, source: Company, status: int = 200, **context: Any) -> HttpResponse:
        context = {"page_title": "相手方の統合", "source": source, **context}
        return TemplateResponse(self.request, template, context, status=status)


def _seen(request: HttpRequest) -> Any:
    def moment(name: str) -> Any:
        try:
            return parse_datetime(request.POST.get(name, ""))
        except ValueError:
            return None

    return moment("source_seen"), moment("target_seen")


class CompanyMergeUndoView(MergerMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        merge = get_object_or_404(CompanyMerge.objects.select_related("source", "target"), pk=pk)
        user: Any = request.user
        try:
            company = undo_merge(merge=merge, by=user, now=timezone.now())
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(merge.target)
        messages.success(request, f"{merge}を取り消しました。")
        return redirect(company)
