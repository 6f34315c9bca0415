"""台帳の取込み: send a file, settle its columns, look at every row, register, take back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import ListView, View

from agreements.actions.jobs import order_job
from agreements.choices import ImportOutcome, ImportState, JobKind
from agreements.domain.uploads import Refused
from agreements.filters import PAGE_PARAMETER
from agreements.importing import run as importing
from agreements.importing import sheets
from agreements.importing.importable import Importable
from agreements.importing.kinds import KINDS, importable
from agreements.importing.open_data_rows import is_open_table
from agreements.importing.page_forms import HeaderForm, LedgerUploadForm, MappingForm
from agreements.importing.table import guess_header_row, table_of
from agreements.models import LedgerImport
from municipalities import access
from municipalities.audit import record
from municipalities.choices import AuditKind

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROWS_A_PAGE = 50
_STEP_LABELS = (
    ("file", "ファイルを選ぶ"),
    ("columns", "列の確認"),
    ("check", "1行ずつの結果"),
    ("done", "登録"),
)
_BUSY = (ImportState.CHECKING, ImportState.IMPORTING, ImportState.UNDOING)


def kinds_for(user: Any) -> list[type[Importable]]:
    return [kind for kind in KINDS.values() if kind.may_import(user)]


class ImporterMixin(UserPassesTestMixin):
    """Closed to everyone who may import nothing (403)."""

    raise_exception = True
    request: HttpRequest

    def test_func(self) -> bool:
        return access.may_import(self.request.user)


class ImportListView(ImporterMixin, ListView):
    """What can be imported, and what was."""

    template_name = "agreements/import_list.html"
    extra_context = {"page_title": "台帳の取込み"}
    paginate_by = 50

    def get_queryset(self) -> Any:
        imports = LedgerImport.objects.visible_to(self.request.user).filter(kind__in=KINDS)
        return imports.select_related("by", "job")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for ledger in context["object_list"]:
            ledger.kind_label = KINDS[ledger.kind].label
        return {**context, "kinds": kinds_for(self.request.user)}


class OfKindView(ImporterMixin, View):
    """`kind` is something the person may import."""

    kind: Importable

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["kind"] not in KINDS:
            raise Http404
        self.kind = importable(kwargs["kind"])

    def test_func(self) -> bool:
        return super().test_func() and self.kind.may_import(self.request.user)


class ImportCreateView(OfKindView):
    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        return self.show(LedgerUploadForm())

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        form = LedgerUploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        file = form.cleaned_data["file"]
        user: Any = request.user
        try:
            options = self.kind.preset(request.GET)
            ledger = importing.stage(kind=kind, file=file, name=file.name, by=user, options=options)
        except Refused as refusal:
            form.add_error("file", str(refusal))
            return self.show(form)
        return redirect("agreements:import-mapping", pk=ledger.pk)

    def show(self, form: LedgerUploadForm) -> HttpResponse:
        context = {
            "page_title": f"{self.kind.label}の取込み",
            "kind": self.kind,
            "form": form,
            "import_steps": _STEP_LABELS,
        }
        return TemplateResponse(self.request, "agreements/import_upload.html", context)


class ImportTemplateView(OfKindView):
    """見本のExcel."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        return _xlsx(sheets.template(self.kind), f"{self.kind.label}_取込みの見本.xlsx")


class OfImportView(View):
    """`pk` is an import the person sees (404 otherwise); whose `steps` are for the sender alone (403)."""

    ledger: LedgerImport
    kind: Importable
    is_for_sender = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") and request.method.lower() not in self._handled():  # type: ignore[union-attr]
            return self.http_method_not_allowed(request)
        if request.method == "GET" and "get" not in self._handled():
            return self.http_method_not_allowed(request)
        visible = LedgerImport.objects.visible_to(request.user).select_related(
            "by__department", "municipality", "job"
        )
        self.ledger = get_object_or_404(visible, pk=kwargs["pk"])
        if self.ledger.kind not in KINDS:
            raise Http404
        self.kind = importable(self.ledger.kind)
        if self.is_for_sender:
            self.require_sender()
        importing.recover(self.ledger)
        return super().dispatch(request, *args, **kwargs)

    def _handled(self) -> set[str]:
        return {name for name in ("get", "post") if hasattr(self, name)}

    def require_sender(self) -> None:
        user: Any = self.request.user
        if self.ledger.by_id != user.pk or not self.kind.may_import(user):
            raise PermissionDenied

    def begin(self, step: str, **parameters: Any) -> HttpResponse:
        """Do it now, or as a 処理 when there are many rows."""
        ledger, user = self.ledger, self.request.user
        kind, busy, title, do = _STEPS[step]
        try:
            if ledger.counts.get("rows", 0) > importing.IN_BACKGROUND_ABOVE:
                with transaction.atomic():
                    ledger.job = order_job(
                        kind=kind,
                        title=title.format(ledger.original_name),
                        by=user,  # type: ignore[arg-type]
                        parameters={"import": ledger.pk, **parameters},
                        total=ledger.counts["rows"],
                    )
                    ledger.state = busy
                    ledger.save(update_fields=["job", "state"])
                return redirect(ledger.job)
            do(ledger, user, parameters)
        except (importing.NotPossible, Refused) as refusal:
            messages.error(self.request, str(refusal))
        return redirect(ledger)


def _check(ledger: LedgerImport, by: Any, parameters: dict[str, Any]) -> None:
    importing.check(ledger=ledger, today=timezone.localdate())


def _register(ledger: LedgerImport, by: Any, parameters: dict[str, Any]) -> None:
    importing.register(ledger=ledger, today=timezone.localdate(), **parameters)


def _undo(ledger: LedgerImport, by: Any, parameters: dict[str, Any]) -> None:
    importing.undo(ledger=ledger, by=by, today=timezone.localdate())


_STEPS: dict[str, Any] = {
    "check": (JobKind.IMPORT_CHECK, ImportState.CHECKING, "「{}」の確認", _check),
    "register": (JobKind.IMPORT, ImportState.IMPORTING, "「{}」の取込み", _register),
    "undo": (JobKind.IMPORT_UNDO, ImportState.UNDOING, "「{}」の取込みの取消し", _undo),
}


class ImportMappingView(OfImportView):
    """Which column is what. GET with `sheet` and `header_row` reads the file again with these."""

    is_for_sender = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.ledger.is_registered or self.ledger.state in _BUSY:
            return redirect(self.ledger)
        return self._answer(request.GET)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.ledger.is_registered or self.ledger.state in _BUSY:
            return redirect(self.ledger)
        return self._answer(request.POST)

    def _answer(self, data: Any) -> HttpResponse:
        try:
            sheet = importing.open_sheet(self.ledger, data.get("sheet"))
        except (Refused, importing.NotPossible) as refusal:
            messages.error(self.request, str(refusal))
            return redirect("agreements:import-list")
        start = self.ledger.header_row
        if sheet.name != self.ledger.sheet or start is None:
            start = guess_header_row(sheet, self.kind.columns)
        is_same = data.get("sheet", sheet.name) == data.get("seen_sheet", sheet.name)
        is_chosen = "header_row" in data and is_same
        header = HeaderForm(
            {"sheet": sheet.name, "header_row": data["header_row"] if is_chosen else start}, sheet=sheet
        )
        table = table_of(sheet, header.cleaned_data["header_row"] if header.is_valid() else start)
        mapping, options, is_known = importing.suggested_mapping(self.ledger, table)
        if self.ledger.mapping and self.ledger.headers == list(table.headers):
            mapping = self.ledger.mapping
        options = {**options, **self.ledger.options}
        is_posted = self.request.method == "POST"
        form = MappingForm(
            data if is_posted else None,
            kind=self.kind,
            table=table,
            mapping=mapping,
            options=options,
            by=self.request.user,
        )
        if is_posted and header.is_valid() and form.is_valid():
            return self._settle(sheet.name, table, form)
        context = {
            "page_title": "列の確認",
            "import_steps": _STEP_LABELS,
            "ledger": self.ledger,
            "kind": self.kind,
            "sheet": sheet,
            "table": table,
            "header_form": header,
            "form": form,
            "is_known": is_known and not is_posted,
            "is_open_data": is_open_table(table.headers),
        }
        return TemplateResponse(self.request, "agreements/import_mapping.html", context)

    def _settle(self, sheet: str, table: Any, form: MappingForm) -> HttpResponse:
        user: Any = self.request.user
        importing.settle(
            ledger=self.ledger,
            table=table,
            sheet=sheet,
            mapping=form.mapping,
            options=form.options,
            by=user,
        )
        return self.begin("check")


class ImportDetailView(OfImportView):
    """What becomes, or became, of every row."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        chosen = request.GET.get("show", "")
        rows = self._rows(chosen)
        page = Paginator(rows, _ROWS_A_PAGE).get_page(request.GET.get(PAGE_PARAMETER))
        counts = self.ledger.counts
        context = {
            "page_title": self.ledger.original_name,
            "import_steps": _STEP_LABELS,
            "ledger": self.ledger,
            "kind": self.kind,
            "page_obj": page,
            "shown": chosen,
            "views": self._views(),
            "errors": counts.get("error", 0),
            "good": counts.get("create", 0) + counts.get("update", 0),
            "is_busy": self.ledger.state in _BUSY,
            "is_sender": self.ledger.by_id == request.user.pk and self.kind.may_import(request.user),
            "may_undo": self.kind.may_import(request.user),
        }
        return TemplateResponse(request, "agreements/import_detail.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.require_sender()
        if self.ledger.state != ImportState.CHECKED:
            return redirect(self.ledger)
        if importing.choose(ledger=self.ledger, answers=self._answers()):
            messages.info(request, "選んだ内容で確認し直しました。結果を確かめてから登録してください。")
            return self.begin("check")
        step = request.POST.get("step")
        if step == "check":
            return self.begin("check")
        if step in ("all", "good"):
            return self.begin("register", only_good=step == "good")
        return redirect(self.ledger)

    def _answers(self) -> dict[str, dict[str, str]]:
        """What was chosen on this page, row by row."""
        numbers = [each for each in self.request.POST.getlist("row") if each.isdecimal() and len(each) < 8]
        answers: dict[str, dict[str, str]] = {}
        for row in self.ledger.rows.filter(number__in=numbers):  # type: ignore[attr-defined]
            for place, question in enumerate(row.questions):
                given = self.request.POST.get(f"q-{row.number}-{place}", "")
                if given in {value for value, _words in question["options"]} and given != question["chosen"]:
                    answers.setdefault(str(row.number), {})[question["key"]] = given
        return answers

    def _rows(self, shown: str) -> Any:
        rows = self.ledger.rows.all()  # type: ignore[attr-defined]
        if shown == "warnings":
            return rows.filter(has_warnings=True)
        if shown in ImportOutcome.values:
            return rows.filter(outcome=shown)
        return rows

    def _views(self) -> list[dict[str, Any]]:
        counts = self.ledger.counts
        outcomes = [
            {"key": each.value, "label": each.label, "count": counts.get(each.value, 0)}
            for each in ImportOutcome
        ]
        warned = {"key": "warnings", "label": "注意あり", "count": counts.get("warnings", 0)}
        return [each for each in [*outcomes, warned] if each["count"]]


class ImportRejectedView(OfImportView):
    """The rows with errors as xlsx, the reason beside each."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        content = sheets.rejected(self.ledger)
        record(AuditKind.EXPORT, request=request, target=self.ledger, 内容="取り込めなかった行")
        stem = self.ledger.original_name.rpartition(".")[0] or self.ledger.original_name
        return _xlsx(content, f"{stem}_取り込めなかった行.xlsx")


class ImportDiscardView(OfImportView):
    is_for_sender = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            importing.discard(ledger=self.ledger)
            messages.success(
                request, f"「{self.ledger.original_name}」の取込みをやめました。何も登録していません。"
            )
        except importing.NotPossible as refusal:
            messages.error(request, str(refusal))
        return redirect("agreements:import-list")


class ImportUndoView(OfImportView):
    """By the sender, or a manager of the municipality."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.kind.may_import(request.user):
            raise PermissionDenied
        if self.ledger.state != ImportState.DONE:
            messages.error(request, "この取込みは、取り消せる状態ではありません。")
            return redirect(self.ledger)
        return self.begin("undo")


def _xlsx(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_XLSX)
    response.headers["Content-Disposition"] = _attachment(name)
    response["Cache-Control"] = "private, no-store"
    return response


def _attachment(name: str) -> str:
    from django.utils.http import content_disposition_header

    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
