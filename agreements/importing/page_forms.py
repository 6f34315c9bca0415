"""Forms of the import pages: which file, which sheet and header, which column is what."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from municipalities.form_fields import WholeNumberField

from .columns import letter
from .importable import Importable
from .reader import ACCEPT, LIMITS, MOST_ROWS, Sheet
from .table import Table

_SAMPLES = 3
_LONGEST_SAMPLE = 40


class LedgerUploadForm(forms.Form):
    """Which file."""

    file = forms.FileField(
        label="台帳のファイル", error_messages={"required": "取り込むファイルを選んでください。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        field.widget.attrs["accept"] = ACCEPT
        field.help_text = (
            f"Excel（xlsx）、CSV、TSV。{LIMITS.size // 1024**2}MB、{MOST_ROWS:,}行まで。"
            "見出しの名前や並びは、いまの台帳のままで構いません。"
            "Renkeiの公開ページのオープンデータ（CSV・Excel・JSON）も、そのまま取り込めます。"
        )


class HeaderForm(forms.Form):
    """Which sheet, and in which row the headers are."""

    sheet = forms.ChoiceField(label="シート", required=False)
    header_row = WholeNumberField(
        label="見出しの行", min_value=1, max_value=1_048_576, help_text="Excel の左端の行番号"
    )

    def __init__(self, *args: Any, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheet"].choices = [(name, name) for name in sheet.names]  # type: ignore[attr-defined]
        if len(sheet.names) < 2:
            del self.fields["sheet"]

    def clean_sheet(self) -> str:
        return self.cleaned_data["sheet"]


class MappingForm(forms.Form):
    """What each column of the file is. One thing twice, or nothing that names a record, is an error."""

    keep_others = forms.BooleanField(
        label="取り込まない列の内容を、備考に残す",
        required=False,
        initial=True,
        help_text="新しく登録する行だけ。「列の名前：内容」の形で残します。",
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        kind: Importable,
        table: Table,
        mapping: Mapping[str, int],
        options: Mapping[str, Any],
        by: Any,
    ) -> None:
        self.kind, self.table = kind, table
        super().__init__(data, initial=dict(options), use_required_attribute=False)
        if not kind.keeps_others:
            del self.fields["keep_others"]
        for name, field in kind.options_for(by).items():
            self.fields[name] = field
        self.by_place = {place: key for key, place in mapping.items()}

    @property
    def targets(self) -> list[tuple[str, str]]:
        return [("", "（取り込まない）"), *((column.key, column.label) for column in self.kind.columns)]

    def column_rows(self) -> list[dict[str, Any]]:
        """One for each column of the file that has a header or a value."""
        rows = []
        for place, header in enumerate(self.table.headers):
            values = (row.cells[place] for row in self.table.rows if place < len(row.cells))
            samples = _first_different(values)
            if header or samples:
                name = f"column-{place}"
                chosen = self.data.get(name, "") if self.is_bound else self.by_place.get(place, "")
                rows.append(
                    {
                        "name": name,
                        "letter": letter(place),
                        "header": header,
                        "samples": samples,
                        "chosen": chosen,
                        "errors": self.errors.get(name, []) if self.is_bound else [],
                    }
                )
        return rows

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        labels = {column.key: column.label for column in self.kind.columns}
        mapping: dict[str, int] = {}
        for place in range(len(self.table.headers)):
            key = self.data.get(f"column-{place}", "")
            if key not in labels:
                continue
            if key in mapping:
                self.errors.setdefault(f"column-{place}", self.error_class()).append(
                    f"「{labels[key]}」は{letter(mapping[key])}列でも選ばれています。どちらかだけにしてください。"
                )
            else:
                mapping[key] = place
        wanted = self.kind.required_columns()
        if not self.errors and not wanted & set(mapping):
            named = "」か「".join(labels[key] for key in labels if key in wanted)
            self.add_error(None, f"「{named}」の列を選んでください。")
        if not self.table.rows:
            self.add_error(None, "見出しの下に行がありません。見出しの行を確かめてください。")
        cleaned["mapping"] = mapping
        return cleaned

    def summary(self) -> list[dict[str, str]]:
        """Every error with a link to its column, for the error summary."""
        found = []
        for name, errors in self.errors.items():
            place = name.removeprefix("column-")
            where = f"{letter(int(place))}列" if name != place else "列の対応"
            url = f"#{name}" if name != place else "#columns"
            found += [{"url": url, "label": where, "message": str(each)} for each in errors]
        return found

    @property
    def mapping(self) -> dict[str, int]:
        return self.cleaned_data["mapping"]

    @property
    def options(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "mapping"}


def _first_different(values: Any) -> list[str]:
    found: list[str] = []
    for value in values:
        text = " ".join(value.split())[:_LONGEST_SAMPLE]
        if text and text not in found:
            found.append(text)
            if len(found) == _SAMPLES:
                break
    return found
