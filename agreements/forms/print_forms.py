"""What may be chosen on the print pages. Bound to the URL, so that a preview can be mailed and bookmarked."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError

from agreements.choices import PrintKind
from agreements.models import PrintChoice
from agreements.printing.action_table import COLUMNS
from agreements.printing.page_choices import APPROVAL_BOXES, PageChoices
from agreements.printing.sheet import PARTS
from municipalities.form_fields import LineFormField, WarekiDateField

_MOST_BOXES = 8
_LONGEST_BOX = 6
PREFIX = "p"


class BoxesField(LineFormField):
    """The names of the boxes, in one line; none leaves the 決裁欄 out."""

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        text = super().clean(value).translate(dict.fromkeys(map(ord, ",，､・　"), "、")).replace(" ", "、")
        boxes = tuple(name for name in text.split("、") if name)
        if len(boxes) > _MOST_BOXES:
            raise ValidationError(f"決裁欄は{_MOST_BOXES}つまでです（いまは{len(boxes)}つです）。")
        for name in boxes:
            if len(name) > _LONGEST_BOX:
                raise ValidationError(
                    f"決裁欄の名前は{_LONGEST_BOX}文字以内にしてください（「{name[:20]}」）。"
                )
        return boxes


class PrintForm(forms.Form):
    """The base: what every printout has. Without the hidden `chosen` nothing was chosen yet."""

    kind: PrintKind
    parts: Sequence[tuple[str, str]] = ()
    parts_label = "載せる列"
    defaults: PageChoices = PageChoices()
    mark_label = "「内部用」の印を付ける"
    url_prefix = PREFIX  # keeps the choices apart from the conditions of a list in the same URL

    chosen = forms.CharField(widget=forms.HiddenInput, required=False, initial="1")
    shown = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    boxes = BoxesField(
        label="決裁欄",
        required=False,
        max_length=100,
        help_text=f"枠の名前を「、」で区切って、{_MOST_BOXES}つまで。空欄にすると決裁欄を付けません。",
    )
    issued_on = WarekiDateField(
        label="発行日",
        required=False,
        help_text="空欄にすると載せません。例：令和8年10月1日、R8.10.1",
    )
    is_marked = forms.BooleanField(required=False)
    is_archive = forms.BooleanField(
        label="長期保存用（PDF/A-3）にする",
        required=False,
        help_text="国際規格の保存用の形式です。内容のデータ（JSON）も添付します。",
    )

    def __init__(self, data: Any = None, *, user: Any, **kwargs: Any) -> None:
        values = remembered(user, self.kind) or self.defaults.as_values()
        kwargs["initial"] = {**self._as_initial(values), **kwargs.get("initial", {})}
        super().__init__(data, prefix=self.url_prefix, **kwargs)
        self.is_bound = self.is_bound and self.add_prefix("chosen") in self.data
        shown: Any = self.fields["shown"]
        shown.choices, shown.label = self.parts, self.parts_label
        shown.error_messages["invalid_choice"] = "選べない項目が指定されました。選び直してください。"
        self.fields["is_marked"].label = self.mark_label
        if not self.parts:
            del self.fields["shown"]

    def _as_initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        choices = PageChoices.from_values(values)
        return {
            "form": values.get("form", "internal"),
            "boxes": choices.boxes,
            "shown": [key for key, _words in self.parts if key not in choices.hidden],
            "is_marked": choices.is_marked,
            "is_archive": choices.is_archive,
        }

    @property
    def may_be_remembered(self) -> bool:
        """A form of which parts are not offered would make the person forget those."""
        return True

    def is_usable(self) -> bool:
        """Nothing chosen, or everything well chosen."""
        return not self.is_bound or self.is_valid()

    def value(self, name: str) -> Any:
        if name not in self.fields:
            return None
        return (
            self.cleaned_data[name] if self.is_bound else self.get_initial_for_field(self.fields[name], name)
        )

    @property
    def choices(self) -> PageChoices:
        shown = self.value("shown") or ()
        return PageChoices(
            boxes=tuple(self.value("boxes") or ()),
            hidden=frozenset(key for key, _words in self.parts if key not in shown),
            issued_on=self.value("issued_on"),
            is_marked=bool(self.value("is_marked")),
            is_archive=bool(self.value("is_archive")),
        )

    def to_remember(self) -> dict[str, Any]:
        """A day of issue is for one paper and not for the next."""
        values = {name: value for name, value in self.choices.as_values().items() if name != "issued_on"}
        return {**values, "form": self.value("form")} if "form" in self.fields else values

    def pairs(self) -> list[tuple[str, str]]:
        """The choices as they stand, as parameters of a URL or hidden fields of a form."""
        found = [(self.add_prefix("chosen"), "1")]
        for name, field in self.fields.items():
            if name == "chosen":
                continue
            value = field.prepare_value(self.value(name))
            if isinstance(field, forms.MultipleChoiceField):
                found += [(self.add_prefix(name), each) for each in value]
            elif isinstance(field, forms.BooleanField):
                found += [(self.add_prefix(name), "on")] if value else []
            elif value:
                found.append((self.add_prefix(name), str(value)))
        return found

    def as_query(self) -> str:
        return urlencode(self.pairs())


class SheetPrintForm(PrintForm):
    kind = PrintKind.SHEET
    parts = tuple((key, f"{words}（内部用だけ）" if internal else words) for key, words, internal in PARTS)
    parts_label = "載せる項目"
    defaults = PageChoices(boxes=APPROVAL_BOXES)
    mark_label = "相手方用にも「内部用」の印を付ける（内部用には必ず付きます）"

    form = forms.ChoiceField(
        label="書式",
        choices=[
            ("internal", "内部用（担当や文書番号を載せる）"),
            ("partner", "相手方用（公開できる項目だけ）"),
        ],
        widget=forms.RadioSelect,
        initial="internal",
    )
    field_order = ["form", "shown", "boxes", "issued_on", "is_marked", "is_archive"]

    def __init__(self, data: Any = None, *, user: Any, may_be_internal: bool = True, **kwargs: Any) -> None:
        self.may_be_internal = may_be_internal
        if not may_be_internal:
            self.parts = tuple((key, words) for key, words, internal in PARTS if not internal)
        super().__init__(data, user=user, **kwargs)
        if not may_be_internal:
            for name in ("form", "boxes", "is_marked"):
                del self.fields[name]

    @property
    def may_be_remembered(self) -> bool:
        return self.may_be_internal

    @property
    def is_internal(self) -> bool:
        return "form" in self.fields and self.value("form") == "internal"


class ActionTablePrintForm(PrintForm):
    kind = PrintKind.ACTIONS
    parts = COLUMNS
    defaults = PageChoices(is_marked=True)


class ListPrintForm(PrintForm):
    """Its columns are those of the list."""

    kind = PrintKind.LIST
    defaults = PageChoices(is_marked=True)


class ReportPrintForm(PrintForm):
    kind = PrintKind.REPORT
    mark_label = "公開用にも「内部用」の印を付ける（内部用には必ず付きます）"

    form = forms.ChoiceField(
        label="書式",
        choices=[("internal", "内部用"), ("public", "公開用（内部の列を除く）")],
        widget=forms.RadioSelect,
        initial="internal",
    )
    field_order = ["form", "boxes", "issued_on", "is_marked", "is_archive"]

    @property
    def is_internal(self) -> bool:
        return self.value("form") == "internal"


PRINT_FORMS: dict[str, type[PrintForm]] = {
    each.kind: each for each in (SheetPrintForm, ActionTablePrintForm, ListPrintForm, ReportPrintForm)
}


def remembered(user: Any, kind: PrintKind) -> dict[str, Any]:
    """What the person chose last time; nothing means the defaults."""
    found = PrintChoice.objects.filter(person=user.pk, kind=kind).values_list("values", flat=True).first()
    return found or {}
