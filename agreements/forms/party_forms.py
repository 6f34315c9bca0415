"""当事者: who concludes the agreement. A typed name is resolved to a body, or registers a new one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from agreements.actions.drafts import PartyDraft
from agreements.choices import PartyRole
from agreements.domain import corporate_number
from agreements.models import Company, Party
from municipalities.form_fields import LineFormField
from municipalities.models import Municipality

from .party_lookup import (
    Body,
    bodies_by_key,
    bodies_called,
    folded,
    former_name,
    is_called,
    key_of,
    suggestions,
)
from .rows import RowForm, RowFormSet, form_field

REGISTER_NEW = "new"
_OFFERED = 8
# Field of Company -> field of the row in which it is typed.
_NEW_COMPANY_FIELDS = {
    "name": "new_name",
    "name_kana": "new_kana",
    "corporate_number": "new_corporate_number",
    "address": "new_address",
}


class PartyRowForm(RowForm):
    """One party. After a successful `clean`, `body` is the municipality or company (perhaps a new one)."""

    name = LineFormField(
        label="当事者名",
        max_length=120,
        help_text="名称・かな・法人番号・団体コードで探せます。",
        error_messages={"required": "当事者名を入力してください。使わない行は削除してください。"},
        widget=forms.TextInput(
            attrs={
                "data-suggest-url": reverse_lazy("agreements:party-suggest"),
                "data-suggest-value": "target",
                "data-suggest-create": "new-company",
                "data-suggest-noun": "相手方",
                "autocomplete": "off",
            }
        ),
    )
    target = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    label = form_field(Party, "label", help_text="甲・乙など")
    role = forms.ChoiceField(
        label="役割", choices=PartyRole.choices, initial=PartyRole.SIGNATORY, required=False
    )
    signatory_title = form_field(Party, "signatory_title", label="職名", help_text="例：市長、代表取締役社長")
    signatory_name = form_field(Party, "signatory_name", label="氏名")
    # Answers to 「どの相手方ですか」, valid for the name they were asked about.
    choice = forms.CharField(required=False, max_length=30, widget=forms.RadioSelect)
    choice_for = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    new_name = form_field(
        Company, "name", required=False, widget=forms.TextInput(attrs={"data-suggest-name": True})
    )
    new_kana = form_field(Company, "name_kana", required=False)
    new_corporate_number = LineFormField(
        label="法人番号", required=False, max_length=40, help_text="13桁。分からないときは空欄で構いません。"
    )
    new_address = form_field(Company, "address")

    def __init__(
        self, *args: Any, known: dict[str, Body], signed_names: dict[str, str], **kwargs: Any
    ) -> None:
        """`known`: bodies by key; `signed_names`: name as signed by key, of the stored agreement."""
        super().__init__(*args, **kwargs)
        self.known = known
        self.signed_names = signed_names
        self.body: Body | None = None
        self.candidates: list[tuple[str, str, str]] = []  # key, name, whereabouts
        self.opens_new_company = False

    def has_changed(self) -> bool:
        """Never blank: an empty row is a question that the user must answer or delete."""
        return True

    @property
    def shows_new_company(self) -> bool:
        """Whether the fields of a new company are unfolded: something is in them, or they are asked for."""
        return self.opens_new_company or any(self[name].value() for name in _NEW_COMPANY_FIELDS.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("name"):
            self._resolve(cleaned["name"])
        return cleaned

    def draft(self) -> PartyDraft:
        cleaned = self.cleaned_data
        assert self.body is not None  # noqa: S101  (only valid rows are drafted)
        return PartyDraft(
            target=self.body,
            label=cleaned["label"],
            role=cleaned["role"] or PartyRole.SIGNATORY,
            signatory_title=cleaned["signatory_title"],
            signatory_name=cleaned["signatory_name"],
            name_as_signed=self._name_as_signed(self.body),
        )

    def _typed(self, field: str) -> str:
        """The cleaned text of a field; "" also when it was not accepted."""
        return self.cleaned_data.get(field) or ""

    # -- Which body is it? --------------------------------------------------------------------------
    def _resolve(self, name: str) -> None:
        """Find the one body the row means, or say at the field what is to be decided."""
        chosen = self._offered_body(name)
        if chosen is None and not self._asks_for_new(name):
            self._find(name)
        elif chosen is None:
            self.opens_new_company = True
            self.body = self._new_company()
        else:
            self._settle(chosen)

    def _offered_body(self, name: str) -> Body | None:
        """The body chosen from a list, unless the typed name says otherwise: what the user sees wins."""
        target = self.known.get(self._typed("target"))
        if target and self._is_open(target) and self._is_called(target, name):
            return target
        choice = self.known.get(self._typed("choice"))
        return choice if choice and self._is_open(choice) and self._answers(name) else None

    def _is_open(self, body: Body) -> bool:
        """Deleted companies and closed municipalities only stay where they are."""
        gone = body.deleted_at if isinstance(body, Company) else body.closed_on
        return gone is None or key_of(body) in self.signed_names

    def _is_called(self, body: Body, name: str) -> bool:
        return folded(name) == folded(self.signed_names.get(key_of(body), "")) or is_called(body, name)

    def _answers(self, name: str) -> bool:
        """Whether the choice was made for the name as it stands now."""
        return bool(self._typed("choice")) and folded(self._typed("choice_for")) == folded(name)

    def _typed_new_company(self) -> bool:
        return any(self[field].data for field in ("new_kana", "new_corporate_number", "new_address"))

    def _asks_for_new(self, name: str) -> bool:
        return self._typed("choice") == REGISTER_NEW and self._answers(name)

    def _find(self, name: str) -> None:
        found = bodies_called(name)
        new_name = self._typed("new_name")
        if self._typed_new_company() and new_name and folded(new_name) != folded(name):
            self.opens_new_company = True
            self.add_error(
                "new_name",
                f"当事者名「{name}」と違います。同じ名称にするか、新しく登録しないときはこの枠を空にしてください。",
            )
        elif self._typed_new_company() and found:
            self._offer(found, name)
            self.add_error(
                "name",
                f"「{name}」はすでに登録されています。下から選ぶか、別の相手方として登録してください。",
            )
        elif len(found) == 1:
            self._settle(found[0])
        elif found:
            self._offer(found, name)
            self.add_error(
                "name", f"「{name}」に当てはまる相手方が{len(found)}件あります。下から選んでください。"
            )
        elif self._typed_new_company() or (new_name and folded(new_name) == folded(name)):
            self.opens_new_company = True
            self.body = self._new_company()
        else:
            self._ask_about_unknown(name)

    def _ask_about_unknown(self, name: str) -> None:
        if name.isdecimal():
            self.add_error("name", _unknown_number(name))
            return
        near = suggestions(name, _OFFERED)
        self._offer(near, name)
        self.opens_new_company = True
        self._show("new_name", name)
        what = "下から選ぶか、" if near else ""
        self.add_error(
            "name", f"「{name}」は登録されていません。{what}下の欄で新しい相手方として登録してください。"
        )

    def _offer(self, bodies: list[Body], name: str) -> None:
        self.candidates = [(key_of(body), str(body), whereabouts(body)) for body in bodies]
        if self.candidates:
            self.candidates.append((REGISTER_NEW, f"「{name}」を新しい相手方として登録する", ""))
        self._show("choice_for", name)

    def _settle(self, body: Body) -> None:
        """The row is about this body; if the form comes back for another reason, it says so."""
        self.body = body
        self._show("target", key_of(body))
        if not self._is_called(body, self._typed("name")):
            self._show("name", body.name)

    def _show(self, field: str, value: str) -> None:
        """Put a value into the field as it will be shown if the form comes back."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix(field)] = value
        self.data = data

    def _name_as_signed(self, body: Body) -> str:
        name = self.cleaned_data["name"]
        signed = self.signed_names.get(key_of(body), "") if body.pk else ""
        if signed and folded(name) == folded(signed):
            return signed
        return (former_name(body, name) if body.pk else "") or body.name

    # -- A new company ------------------------------------------------------------------------------
    def _new_company(self) -> Company:
        company = Company(
            name=self._typed("new_name") or self._typed("name"),
            name_kana=self._typed("new_kana"),
            corporate_number=self._corporate_number(),
            address=self._typed("new_address"),
        )
        if not company.name_kana and "new_kana" not in self.errors:
            self.add_error("new_kana", "新しい相手方のかなを入力してください。")
        try:
            company.full_clean(
                exclude=[name for name, field in _NEW_COMPANY_FIELDS.items() if field in self.errors]
            )
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.add_error(_NEW_COMPANY_FIELDS.get(name), messages)
        return company

    def _corporate_number(self) -> str | None:
        """The typed 法人番号, checked; an error at its field when another company has it."""
        typed = self._typed("new_corporate_number")
        if not typed:
            return None
        try:
            number = corporate_number.normalise(typed)
        except ValueError as error:
            self.add_error("new_corporate_number", str(error))
            return None
        holder = Company.objects.filter(corporate_number=number).first()
        if holder is None:
            return number
        if holder.deleted_at:
            message = (
                f"この法人番号は、削除された相手方「{holder}」のものです。システム管理者に相談してください。"
            )
        else:
            self._offer([holder], self._typed("name"))
            message = f"この法人番号は「{holder}」として登録されています。上の候補から選んでください。"
        self.add_error("new_corporate_number", message)
        return None


def whereabouts(body: Body) -> str:
    """What tells namesakes apart: 「長野県 上高井郡」, or 法人番号 and address."""
    if isinstance(body, Municipality):
        return " ".join(
            part for part in (body.prefecture, body.county, body.code) if part and part != body.name
        )
    number = f"法人番号 {body.corporate_number}" if body.corporate_number else ""
    return " ".join(part for part in (number, body.address) if part)


def _unknown_number(text: str) -> str:
    try:
        number = corporate_number.normalise(text)
    except ValueError as error:
        if len(text) in {12, 13}:
            return str(error)
        return f"「{text}」という番号の当事者は登録されていません。名称を入力してください。"
    return f"法人番号{number}の相手方は登録されていません。名称を入力すると、新しく登録できます。"


class PartyFormSet(RowFormSet):
    form = PartyRowForm
    noun = "当事者"
    max_num = 50

    def __init__(self, *args: Any, own: Municipality, signed_names: dict[str, str], **kwargs: Any) -> None:
        """`own`: the municipality that keeps the agreement; `signed_names`: see `PartyRowForm`."""
        super().__init__(*args, **kwargs)
        self.own = own
        self.form_kwargs = {"known": self._known_bodies(), "signed_names": signed_names}

    def _known_bodies(self) -> dict[str, Body]:
        """Every body named by a key in the posted rows, fetched at once."""
        if not self.is_bound:
            return {}
        count = self.total_form_count()
        fields = ("target", "choice")
        return bodies_by_key(
            self.data.get(f"{self.add_prefix(i)}-{name}", "") for i in range(count) for name in fields
        )

    def clean(self) -> None:
        """The same body twice is an error at the second row."""
        seen: set[str] = set()
        for row in self.rows():
            if row.body is None:
                continue
            key = key_of(row.body) if row.body.pk else folded(row.body.name)
            if key in seen:
                row.add_error("name", f"「{row.body}」が2回入っています。どちらかの行を削除してください。")
            seen.add(key)

    def counterparts(self) -> list[PartyRowForm]:
        """The rows that are not the own municipality."""
        return [row for row in self.rows() if row.body != self.own]

    def drafts(self) -> tuple[PartyDraft, ...]:
        return tuple(row.draft() for row in self.rows())
