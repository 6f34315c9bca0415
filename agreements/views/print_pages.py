"""Print pages: choose, see the very document, print it or keep it.

The preview is our own PDF in a frame, never an imitation. The page is a form of the URL: it works without
script, can be bookmarked, and a wrong value is an error at its field. What was chosen is remembered when the
person says so.
"""

from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.generic import View

from agreements.actions.print_choices import remember_print_choices, undo_print_choices
from agreements.choices import PrintKind
from agreements.forms.print_forms import (
    PREFIX,
    PRINT_FORMS,
    ActionTablePrintForm,
    ListPrintForm,
    PrintForm,
    ReportPrintForm,
    SheetPrintForm,
    remembered,
)
from agreements.jobs.export import MOST_COLUMNS, export_columns, selected
from agreements.models import Agreement, AnnualReport
from municipalities import access

from .list_export import PRINTED_AT_ONCE, list_query, spec_of
from .undo import offer_undo, take_offer


@method_decorator(csp_update({"frame-src": ["'self'"]}), name="dispatch")
class PrintPageView(View):
    """The page of one kind of printout; a subclass says of what."""

    form_class: type[PrintForm]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.subject(request, *args, **kwargs)
        form = self.form_class(request.GET, user=request.user, **context.pop("form_options", {}))
        is_well = form.is_usable()
        kept = [pair for pair in _pairs(request) if not pair[0].startswith(f"{PREFIX}-")]
        chosen = form.pairs() if is_well else []
        shows = is_well and not context.get("refusal")
        crumbs = [*context.pop("crumbs"), context["page_title"], ""]
        return TemplateResponse(
            request,
            "agreements/print_page.html",
            {
                "form": form,
                "kept": kept,
                "pdf_url": f"{context['pdf']}?{urlencode([*kept, *chosen])}" if shows else "",
                "chosen": chosen,
                "crumbs": [
                    {"label": label, "url": url} for label, url in zip(crumbs[::2], crumbs[1::2], strict=True)
                ],
                "may_remember": is_well and form.may_be_remembered,
                "here": request.get_full_path(),
                "has_remembered": bool(remembered(request.user, self.form_class.kind)),
                "kind": self.form_class.kind,
                "undo": take_offer(request),
                **context,
            },
        )

    def subject(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """`page_title`, `crumbs`, `pdf` (the URL of the document); `refusal` when there can be none."""
        raise NotImplementedError


class SheetPrintPageView(PrintPageView):
    form_class = SheetPrintForm

    def subject(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=kwargs["pk"])
        is_own = access.may_see_internal(request.user, agreement)
        return {
            "page_title": "協定シートの印刷",
            "crumbs": ("協定", reverse("agreements:agreement-list"), agreement, agreement.get_absolute_url()),
            "lead": str(agreement),
            "pdf": reverse("agreements:agreement-sheet", args=[agreement.pk]),
            "form_options": {"may_be_internal": is_own},
        }


class ReportPrintPageView(PrintPageView):
    form_class = ReportPrintForm

    def subject(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        reports = AnnualReport.objects.internal_to(request.user).select_related("agreement")  # type: ignore[attr-defined]
        report = get_object_or_404(reports, pk=kwargs["pk"])
        return {
            "page_title": "年度実績報告書の印刷",
            "crumbs": (
                "協定",
                reverse("agreements:agreement-list"),
                report.agreement,
                report.agreement.get_absolute_url(),
                str(report),
                report.get_absolute_url(),
            ),
            "lead": f"{report.agreement}　{report}",
            "pdf": reverse("agreements:report-print", args=[report.pk]),
        }


class ActionTablePrintPageView(PrintPageView):
    form_class = ActionTablePrintForm

    def subject(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {
            "page_title": "アクションプラン一覧の印刷",
            "crumbs": ("アクションプラン", reverse("agreements:action-bars")),
            "lead": "いま開いている画面と同じ条件の取組を印刷します。",
            "pdf": reverse("agreements:action-table"),
        }


class ListPrintPageView(PrintPageView):
    form_class = ListPrintForm

    def subject(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        spec = spec_of(kwargs["key"])
        query = list_query(request.GET)
        found = selected(spec, query, (), request.user)
        count = 0 if found is None else found.count()
        refusal = ""
        if found is None:
            refusal = "一覧の条件に誤りがあります。一覧に戻って条件を直してください。"
        elif (columns := len(export_columns(spec, query, "shown", request.user))) > MOST_COLUMNS:
            refusal = (
                f"紙に収まるのは{MOST_COLUMNS}列までです（いまは{columns}列）。一覧で列を選び直してください。"
            )
            found = None
        elif count > PRINTED_AT_ONCE:
            refusal = (
                f"{count:,}件あるため、プレビューは出しません。処理として作り、「処理状況」から受け取れます。"
            )
        return {
            "page_title": f"{spec.noun}の一覧の印刷",
            "crumbs": (spec.noun, f"{spec.url}?{query}" if query else spec.url),
            "lead": f"いま開いている一覧と同じ条件・並び順の{count:,}件を印刷します。列は一覧で選べます。",
            "pdf": reverse("agreements:list-print-pdf", args=[spec.key]),
            "refusal": refusal,
            "export": reverse("agreements:list-export", args=[spec.key]) if found is not None else "",
            "query": query,
        }


class PrintChoicesView(View):
    """Remembers what the preview shows, or forgets everything; both can be taken back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        if kind not in PrintKind.values:
            raise Http404
        user: Any = request.user
        back = _back(request)
        if "reset" in request.POST:
            remember_print_choices(by=user, kind=kind, values={})
            back, message = back.split("?")[0], "印刷の設定を、はじめの設定に戻しました。"
        else:
            form = PRINT_FORMS[kind](request.POST, user=user)
            if not form.is_bound or not form.is_valid():
                messages.error(
                    request, "設定に誤りがあるため、覚えていません。直してから、もう一度選んでください。"
                )
                return redirect(back)
            remember_print_choices(by=user, kind=kind, values=form.to_remember())
            message = "この設定を、次の印刷でも使います。"
        undo_url = reverse("agreements:print-choices-undo", args=[kind])
        offer_undo(request, message, f"{undo_url}?{urlencode({'back': back})}")
        return redirect(back)


class PrintChoicesUndoView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        user: Any = request.user
        if kind not in PrintKind.values or not undo_print_choices(by=user, kind=kind):
            raise Http404
        messages.success(request, "印刷の設定を元に戻しました。")
        return redirect(_back(request).split("?")[0])


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value) for name, values in request.GET.lists() for value in values if isinstance(value, str)
    ]


def _back(request: HttpRequest) -> str:
    """The page the person came from, as its form says; only one of ours."""
    back = request.POST.get("back") or request.GET.get("back") or ""
    if back.startswith("/") and url_has_allowed_host_and_scheme(
        back, {request.get_host()}, require_https=request.is_secure()
    ):
        return back
    return reverse("agreements:today")
