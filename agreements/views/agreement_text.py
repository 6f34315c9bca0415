"""協定書案: read it, compose it from the clause library, edit it, compare and restore versions."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views import View

from agreements.actions.agreement_texts import change_text, compose_text, restore_text, why_locked
from agreements.actions.clauses import add_usual_clauses
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.text_lock import TextLocked
from agreements.domain.clauses import compose, departures
from agreements.domain.legal_references import check
from agreements.domain.legal_typeset import compare, plain_text
from agreements.domain.procedure import TextLock
from agreements.domain.usual_clauses import USUAL_CLAUSES
from agreements.forms.agreement_text_forms import LegalTextForm
from agreements.forms.clause_forms import ComposeForm
from agreements.models import Agreement, Clause, TextVersion
from agreements.models.ledger_facts import read_facts
from agreements.printing.agreement_text import build_paper, plain_agreement_text, print_agreement_text
from agreements.printing.renderer import PrintError
from municipalities import access, audit
from municipalities.choices import AuditKind

from .agreement_parts import OfAgreementView, PartView, PostOnlyMixin
from .clauses import PLACEHOLDERS
from .pdf_answer import pdf_answer
from .undo import offer_undo, take_offer

_MEANWHILE = (
    "この画面を開いた後に、ほかの人が新しい版を作りました。内容を確かめてから、もう一度行ってください。"
)


def text_context(agreement: Agreement, user: Any) -> dict[str, Any]:
    """What the page of the agreement shows of its 協定書; a fixed number of queries."""
    versions = _versions(agreement)
    newest = versions[0] if versions else None
    return {
        "text_versions": versions,
        "text_paper": build_paper(newest) if newest else None,
        "may_write_text": access.may_edit(user, agreement) and not why_locked(agreement),
    }


def _number(text: str) -> int:
    """A number as posted; 0, which no version has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _page(agreement: Agreement) -> str:
    return reverse("agreements:agreement-text", args=[agreement.pk])


def _asks_reason(agreement: Agreement, base: int) -> bool:
    return bool(base) and agreement.text_lock is TextLock.CORRECTABLE


def _follows_ledger(agreement: Agreement) -> bool:
    """What was signed stays as it is while amendments move the ledger on; a transcript is of the ledger."""
    return agreement.backfilled or not agreement.is_signed


def _restore_url(version: TextVersion, newest: TextVersion) -> str:
    """Takes a POST that brings `version` back upon `newest`."""
    return f"{reverse('agreements:agreement-text-restore', args=[version.pk])}?base={newest.number}"


def _versions(agreement: Agreement) -> list[TextVersion]:
    """Newest first. The texts are read when they are asked for: a list of versions needs none."""
    found = TextVersion.objects.filter(agreement=agreement).select_related("created_by", "restored_from")
    versions = list(found.defer("body", "restored_from__body").order_by("-number"))
    for version in versions:
        version.agreement = agreement
    return versions


class _ReadView(View):
    """`pk` is an agreement whose internal side the person may read; `?version=` names one of its versions."""

    http_method_names = ["get", "head", "options"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user: Any = request.user

    def find(self, pk: int) -> Agreement:
        internal = Agreement.objects.internal_to(self.request.user).select_related("municipality")
        return get_object_or_404(internal, pk=pk)

    def version(self, versions: list[TextVersion]) -> TextVersion:
        """The one asked for, else the newest. Raises 404."""
        wanted = self.request.GET.get("version", "")
        for version in versions:
            if not wanted or version.number == _number(wanted):
                return version
        raise Http404


class AgreementTextView(_ReadView):
    """The text as it will print: what is blank, what leads nowhere, where it departs from the ledger."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = self.find(pk)
        versions = _versions(agreement)
        locked = why_locked(agreement)
        may_edit = access.may_edit(request.user, agreement)
        context: dict[str, Any] = {
            "page_title": "協定書案",
            "agreement": agreement,
            "versions": versions,
            "locked": locked,
            "may_edit": may_edit,
            "may_write": may_edit and not locked,
            "undo": take_offer(request),
        }
        if versions:
            version = self.version(versions)
            paper = build_paper(version)
            plain = plain_text(paper.typeset, day=paper.day)
            is_newest = version == versions[0]
            context |= {
                "page_title": f"協定書案　{version}" if paper.is_draft else f"協定書　{version}",
                "version": version,
                "newest": versions[0],
                "is_newest": is_newest,
                "paper": paper,
                "problems": check(version.text),
                "departures": list(departures(plain, version.text, read_facts(agreement)))
                if is_newest and _follows_ledger(agreement)
                else [],
            }
        audit.record(AuditKind.VIEW_INTERNAL, request=request, target=agreement)
        return TemplateResponse(request, "agreements/agreement_text.html", context)


class AgreementTextCompareView(_ReadView):
    """`?old=` and `?new=`; the newest beside the one before it where they are not named."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = self.find(pk)
        versions = _versions(agreement)
        if not versions:
            raise Http404
        by_number = {version.number: version for version in versions}
        new = by_number.get(_number(request.GET.get("new", "")), versions[0])
        earlier = by_number.get(new.number - 1, new)
        old = by_number.get(_number(request.GET.get("old", "")), earlier)
        differences = compare(old.text, new.text)
        context = {
            "page_title": f"{old}と{new}の比較",
            "agreement": agreement,
            "versions": versions,
            "old": old,
            "new": new,
            "differences": differences,
            "changed_count": sum(each.is_changed for each in differences),
        }
        return TemplateResponse(request, "agreements/agreement_text_compare.html", context)


class AgreementTextPrintView(_ReadView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = self.find(pk)
        version = self.version(_versions(agreement))
        try:
            is_archive = bool(request.GET.get("archive"))
            pdf = print_agreement_text(
                version, user=self.user, today=timezone.localdate(), is_archive=is_archive
            )
        except PrintError as error:
            messages.error(request, str(error))
            return redirect(_page(agreement))
        audit.record(
            AuditKind.PRINT,
            request=request,
            target=agreement,
            書式=f"{_form(version)}（PDF/A-3）" if is_archive else _form(version),
            版=version.number,
        )
        return pdf_answer(pdf, f"{_file_name(version)}.pdf")


class AgreementTextDownloadView(_ReadView):
    """The text alone, for a word processor or the other side's mail."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        agreement = self.find(pk)
        version = self.version(_versions(agreement))
        audit.record(
            AuditKind.EXPORT, request=request, target=agreement, 書式="協定書の文面", 版=version.number
        )
        # With a BOM and CRLF the editor of an office PC shows it as it is.
        content = "\ufeff" + plain_agreement_text(version).replace("\n", "\r\n")
        return HttpResponse(
            content,
            content_type="text/plain; charset=utf-8",
            headers={
                "Content-Disposition": content_disposition_header(True, f"{_file_name(version)}.txt"),
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )


def _form(version: TextVersion) -> str:
    return "協定書案" if build_paper(version).is_draft else "協定書"


def _file_name(version: TextVersion) -> str:
    name = f"{_form(version)}_{version.agreement.ledger_number}_{version}"
    return name.replace("/", "_").replace("\\", "_")


class _WriteView(OfAgreementView):
    """What writing the text has in common: the newest version, and a word where it is refused."""

    def newest(self) -> TextVersion | None:
        return TextVersion.objects.filter(agreement=self.agreement).newest()

    def refuse(self, why: str) -> HttpResponse:
        messages.error(self.request, why)
        return redirect(_page(self.agreement))


class AgreementTextStartView(_WriteView):
    """Choose the clauses of which the draft is composed. POST `usual` fills an empty library."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if why := why_locked(self.agreement):
            return self.refuse(why)
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if "usual" in request.POST:
            add_usual_clauses(municipality=self.agreement.municipality)
            return redirect("agreements:agreement-text-start", pk)
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        base = form.cleaned_data["base"] or 0
        try:
            made = compose_text(
                agreement=self.agreement,
                clauses=form.chosen(),
                by=self.user,
                base=base,
                note=form.cleaned_data["note"],
            )
        except (ChangedMeanwhile, TextLocked) as error:
            return self.refuse(str(error) or _MEANWHILE)
        done = f"ひな形から{made}を作りました。未記入のところを確かめてください。"
        before = TextVersion.objects.filter(agreement=self.agreement, number=base).first()
        if before is None:
            messages.success(request, done)
        else:
            offer_undo(request, done, _restore_url(before, made))
        return redirect(_page(self.agreement))

    def form(self, data: Any = None) -> ComposeForm:
        newest = self.newest()
        base = newest.number if newest else 0
        return ComposeForm(
            data,
            library=Clause.objects.in_use().filter(municipality=self.agreement.municipality),
            facts=read_facts(self.agreement),
            base=base,
            asks_reason=_asks_reason(self.agreement, base),
        )

    def show(self, form: ComposeForm) -> HttpResponse:
        context = {
            "page_title": "ひな形から協定書案を作る",
            "agreement": self.agreement,
            "form": form,
            "has_versions": bool(form["base"].value()),
            "usual": USUAL_CLAUSES,
            "may_keep_clauses": access.may_keep_clauses(self.user),
        }
        return TemplateResponse(self.request, "agreements/agreement_text_start.html", context)


class AgreementTextUpdateView(_WriteView):
    """Edit the newest version; saving makes the next. Who saves second is shown what changed meanwhile."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if why := why_locked(self.agreement):
            return self.refuse(why)
        newest = self.newest()
        if newest is None:
            return redirect("agreements:agreement-text-start", pk)
        return self.show(self.form(newest, newest.number))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        newest = self.newest()
        if newest is None:
            return redirect("agreements:agreement-text-start", pk)
        base = _number(request.POST.get("base", ""))
        form = self.form(newest, base, request.POST)
        if "add_row" in request.POST:
            return self.show(form.shown_again(add_row=request.POST["add_row"]))
        if "add_clause" in request.POST:
            return self.show(form.shown_again(part=self.chosen_part()))
        if not form.is_valid():
            return self.show(form)
        try:
            made = change_text(
                agreement=self.agreement,
                text=form.text(),
                by=self.user,
                base=base,
                note=form.form.cleaned_data["note"],
            )
        except ChangedMeanwhile:
            return self.show_meanwhile(form, newest)
        except TextLocked as error:
            form.form.add_error("note" if form.asks_reason else None, str(error))
            return self.show(form)
        messages.success(
            request, f"{made}を保存しました。" if made.number > base else "変更はありませんでした。"
        )
        return redirect(_page(self.agreement))

    def form(self, newest: TextVersion, base: int, data: Any = None) -> LegalTextForm:
        return LegalTextForm(
            newest.text, base=base, asks_reason=_asks_reason(self.agreement, newest.number), data=data
        )

    def library(self) -> QuerySet[Clause]:
        return Clause.objects.in_use().filter(municipality=self.agreement.municipality)

    def chosen_part(self) -> Any:
        """The article or 別記 that the chosen clause makes."""
        clause = self.library().filter(pk=_number(self.request.POST.get("clause", ""))).first()
        if clause is None:
            return None
        made = compose([clause.as_text], read_facts(self.agreement))
        return next(iter([*made.articles, *made.annexes]), None)

    def show_meanwhile(self, form: LegalTextForm, newest: TextVersion) -> HttpResponse:
        differences = compare(newest.text, form.text())
        data = self.request.POST.copy()
        data["base"] = str(newest.number)
        context = {
            "meanwhile": newest,
            "differences": differences,
            "changed_count": sum(each.is_changed for each in differences),
        }
        return self.show(self.form(newest, newest.number, data), status=409, **context)

    def show(self, form: LegalTextForm, status: int = 200, **context: Any) -> HttpResponse:
        context = {
            "page_title": "協定書案の編集",
            "agreement": self.agreement,
            "draft": form,
            "form": form.form,
            "library": [each for each in self.library() if each.kind not in ("preamble", "closing")],
            "placeholders": PLACEHOLDERS,
            "is_typed": self.request.method == "POST",
            **context,
        }
        return TemplateResponse(self.request, "agreements/agreement_text_form.html", context, status=status)


class AgreementTextRestoreView(PostOnlyMixin, PartView):
    """POST `base`, the newest version seen: the older version `pk` becomes the next one."""

    def internal_parts(self) -> QuerySet[TextVersion]:
        return TextVersion.objects.internal_to(self.request.user)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.part
        base = _number(request.POST.get("base") or request.GET.get("base", ""))
        before = TextVersion.objects.filter(agreement=version.agreement).newest()
        try:
            made = restore_text(version=version, by=self.user, base=base, note=f"{version}に戻した")
        except (ChangedMeanwhile, TextLocked) as error:
            messages.error(request, str(error) or _MEANWHILE)
        else:
            url = _restore_url(before or version, made)
            offer_undo(request, f"{version}の文面に戻し、{made}としました。", url)
        return redirect(_page(version.agreement))
