"""Forms of documents: several files at once, what each of them is, paper on a shelf."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from agreements.actions.documents import DocumentDraft, next_version
from agreements.choices import DocumentKind
from agreements.domain.uploads import ACCEPT, KINDS_IN_WORDS
from agreements.models import Agreement, AgreementDocument, StagedUpload
from municipalities.form_fields import WholeNumberField

from .procedure_forms import SeenMixin
from .rows import form_field

_VERSION_HINT = "空欄にすると、同じ種類・名称の書類の次の版になります。"
_VERSION_TAKEN = "この種類と名称の書類には、第{}版がすでにあります。版を変えるか、空欄にしてください。"
_PUBLIC_HINT = (
    "協定を公開したとき、だれでも見られるようになります。印影や個人情報がないことを確かめてください。"
)


class MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Several files; cleaned is a list. What is wrong with one of them is no error of the field."""

    widget = MultipleFileInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:  # type: ignore[override]
        files = [file for file in data or [] if file]
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return files


class UploadForm(forms.Form):
    """Which files; what they are is asked afterwards, when they are known to be sound."""

    uploads = MultipleFileField(
        label="ファイル", error_messages={"required": "登録するファイルを選んでください。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        megabytes = settings.RENKEI_UPLOAD_MAX_BYTES // 1024**2
        most = settings.RENKEI_UPLOAD_MAX_FILES
        field = self.fields["uploads"]
        field.help_text = f"{KINDS_IN_WORDS}。1つ{megabytes}MBまで、一度に{most}個まで選べます。"
        field.widget.attrs.update({"accept": ACCEPT, "data-upload-input": ""})


def _version_field() -> WholeNumberField:
    return WholeNumberField(label="版", required=False, min_value=1, max_value=9_999, help_text=_VERSION_HINT)


class StagedRowForm(forms.Form):
    """What one staged file is."""

    kind = forms.ChoiceField(label="種類", choices=DocumentKind.choices)
    title = form_field(AgreementDocument, "title")
    version = _version_field()
    is_public = forms.BooleanField(label="公開する", required=False, help_text=_PUBLIC_HINT)
    allow_duplicate = forms.BooleanField(label="同じ内容でも登録する", required=False)
    discard = forms.BooleanField(label="このファイルは登録しない", required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        staged: StagedUpload,
        agreement: Agreement,
        copies: Sequence[AgreementDocument],
        is_repeated: bool,
    ) -> None:
        super().__init__(data, prefix=f"file-{staged.pk}", use_required_attribute=False)
        self.staged, self.copies, self.is_repeated = staged, copies, is_repeated
        title = staged.original_name.rpartition(".")[0] or staged.original_name
        kind = suggested_kind(staged)
        self.initial = {"kind": kind, "title": title}
        self.fields["title"].widget.attrs["list"] = "document-titles"
        following = next_version(agreement, kind, title)
        if following > 1:
            self.fields["version"].help_text = f"空欄にすると、第{following}版になります。"
        if not self.is_duplicate:
            del self.fields["allow_duplicate"]

    @property
    def is_duplicate(self) -> bool:
        return bool(self.copies) or self.is_repeated

    @property
    def is_discarded(self) -> bool:
        return bool(self["discard"].value())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_duplicate and not cleaned.get("allow_duplicate"):
            self.add_error(
                "allow_duplicate",
                "同じ内容のファイルがあります。登録するなら、ここに印を付けてください。",
            )
        return cleaned

    def add_version_taken(self) -> None:
        self.add_error("version", _VERSION_TAKEN.format(self.cleaned_data["version"]))

    def draft(self) -> DocumentDraft:
        values = {name: self.cleaned_data[name] for name in ("kind", "title", "version", "is_public")}
        return DocumentDraft(upload=self.staged, **values)


class ConfirmForm:
    """All rows of one page. `errors` is what the error summary asks for."""

    def __init__(
        self, uploads: Iterable[StagedUpload], *, agreement: Agreement, user: Any, data: Any = None
    ) -> None:
        uploads = list(uploads)
        copies: dict[str, list[AgreementDocument]] = {}
        hashes = [each.sha256 for each in uploads]
        same = AgreementDocument.objects.same_content(hashes, agreement.municipality_id, user)
        for document in same.select_related("agreement"):
            copies.setdefault(document.sha256, []).append(document)
        seen: set[str] = set()
        self.rows = []
        for staged in uploads:
            self.rows.append(
                StagedRowForm(
                    data,
                    staged=staged,
                    agreement=agreement,
                    copies=copies.get(staged.sha256, []),
                    is_repeated=staged.sha256 in seen,
                )
            )
            seen.add(staged.sha256)

    @property
    def kept(self) -> list[StagedRowForm]:
        return [row for row in self.rows if not row.is_discarded]

    @property
    def discarded(self) -> list[StagedUpload]:
        return [row.staged for row in self.rows if row.is_discarded]

    @property
    def errors(self) -> bool:
        return bool(self.summary())

    def is_valid(self) -> bool:
        """Whether every kept row is; all of them are checked, so that the page shows all there is to mend."""
        checked = [row.is_valid() for row in self.kept]
        return all(checked)

    def summary(self) -> list[dict[str, str]]:
        """Every error with a link to its field, for the error summary."""
        return [
            {
                "url": f"#{row[name].id_for_label}",
                "label": f"「{row.staged.original_name}」{row.fields[name].label}",
                "message": str(message),
            }
            for row in self.kept
            if row.is_bound
            for name, found in row.errors.items()
            for message in found
        ]


class PaperForm(forms.Form):
    """紙原本のみ."""

    kind = forms.ChoiceField(label="種類", choices=DocumentKind.choices, initial=DocumentKind.SIGNED)
    title = form_field(AgreementDocument, "title")
    version = _version_field()
    shelf_location = form_field(AgreementDocument, "shelf_location", required=True)

    def add_version_taken(self) -> None:
        self.add_error("version", _VERSION_TAKEN.format(self.cleaned_data["version"]))


class DocumentForm(SeenMixin, forms.ModelForm):
    """What a document is called and who may see it."""

    version = WholeNumberField(label="版", min_value=1, max_value=9_999)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = AgreementDocument
        fields = ("kind", "title", "version", "shelf_location", "is_public")
        help_texts = {"is_public": _PUBLIC_HINT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.updated_at.isoformat()
        if self.instance.is_paper_only:
            del self.fields["is_public"]
            self.fields["shelf_location"].required = True
        else:
            self.fields["shelf_location"].help_text = "紙の原本もあるときに入力します。例：企画課 書庫A-3"

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or () if name in self.fields}

    def add_version_taken(self) -> None:
        self.add_error("version", _VERSION_TAKEN.format(self.cleaned_data["version"]))

    def conflict_with(self, stored: AgreementDocument) -> list[dict[str, Any]]:
        """Both versions of every field (rows of the conflict table)."""
        rows = []
        for name, mine in self.values().items():
            theirs = getattr(stored, name)
            rows.append(
                {
                    "label": self.fields[name].label,
                    "theirs": _words(name, theirs),
                    "mine": _words(name, mine),
                    "changed": theirs != mine,
                }
            )
        return rows


def _words(name: str, value: Any) -> str:
    if name == "kind":
        return str(DocumentKind(value).label)
    return ("はい" if value else "いいえ") if isinstance(value, bool) else str(value)


def suggested_kind(staged: StagedUpload) -> str:
    """What the name and the kind of file let expect; the sender decides."""
    words = {
        DocumentKind.DRAFT: ("案",),
        DocumentKind.ANNEX: ("別紙", "別記", "別表"),
        DocumentKind.PRESS_RELEASE: ("報道", "プレス", "記者"),
        DocumentKind.MINUTES: ("議事", "会議録", "要旨"),
        DocumentKind.SIGNED: ("協定書", "締結"),
    }
    if staged.content_type.startswith("image/"):
        return DocumentKind.PHOTO
    stem = staged.original_name.rpartition(".")[0]
    return next(
        (kind for kind, found in words.items() if any(word in stem for word in found)), DocumentKind.OTHER
    )
