"""The ledger fields of one agreement: what is typed once, apart from parties, items and actions."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from agreements.choices import AgreementState, EndedReason, Retention
from agreements.domain.procedure import TEXT_FIELDS
from agreements.models import Agreement
from agreements.models.agreement import IN_FORCE
from municipalities import access
from municipalities.form_fields import (
    LineFormField,
    NoticesMixin,
    RowsField,
    WarekiDateField,
    WholeNumberField,
)
from municipalities.models import Department, StaffMember

from .rows import form_field

SIGNED, PLANNED = "signed", "planned"
ENTRIES = [
    (SIGNED, "すでに締結した協定を台帳に登録する"),
    (PLANNED, "これから締結する協定を登録する"),
]

_DATES = ("signed_on", "effective_on", "first_expiry", "approved_on", "council_resolution_on", "ended_on")
_END = ("ended_on", "ended_reason")
_DECISION = ("document_number", "approved_on")


class AgreementForm(NoticesMixin, forms.ModelForm):
    """Ledger fields of a new or stored agreement; the instance names at least its municipality.

    A new agreement is either signed already (then unknown values may stay empty) or planned. How far a
    stored one has come is not changed here, except that the end of a taken-over agreement can be recorded.
    """

    entry = forms.ChoiceField(
        label="登録のしかた",
        choices=ENTRIES,
        initial=SIGNED,
        widget=forms.RadioSelect,
        help_text="締結した協定は、分からない項目を空欄のままで登録できます。",
    )
    renewal_months = form_field(
        Agreement,
        "renewal_months",
        form_class=WholeNumberField,
        min_value=1,
        max_value=600,
        help_text="1年ごとの更新なら 12",
    )
    notice_months = form_field(
        Agreement,
        "notice_months",
        form_class=WholeNumberField,
        min_value=0,
        max_value=120,
        help_text="「満了の1か月前までに」なら 1",
    )
    notice_days = form_field(
        Agreement,
        "notice_days",
        form_class=WholeNumberField,
        min_value=0,
        max_value=3650,
        help_text="「満了の30日前までに」なら 30",
    )
    # A list of all agreements would be too long to choose from, and the number is on every paper.
    parent_number = LineFormField(
        label="親協定の管理番号", required=False, max_length=30, help_text="別の協定に基づく協定のとき"
    )

    class Meta:
        model = Agreement
        fields = [
            "title",
            "title_kana",
            "kind",
            "ledger_number",
            "purpose",
            "signed_on",
            "effective_on",
            "first_expiry",
            "auto_renew",
            "renewal_months",
            "notice_months",
            "notice_days",
            "renewal_text",
            *_END,
            "department",
            "person_in_charge",
            "related_departments",
            "document_number",
            "approved_on",
            "council_resolution_on",
            "paper_original_only",
            "retention",
            "note",
        ]
        field_classes = {**dict.fromkeys(_DATES, WarekiDateField), "related_departments": RowsField}
        labels = {"auto_renew": "自動更新する"}
        widgets = {
            "purpose": forms.Textarea(attrs={"rows": 3}),
            "renewal_text": forms.Textarea(attrs={"rows": 3}),
            "note": forms.Textarea(attrs={"rows": 3}),
            "related_departments": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "title": "協定書の表題のとおりに入力します。",
            "title_kana": "五十音順と検索に使います。",
            "purpose": "協定書の目的の条文",
            "effective_on": "締結日と同じときは空欄で構いません。",
            "first_expiry": "協定書に書かれた最初の満了日。定めがないときは空欄",
            "auto_renew": "異議がなければ同じ条件で続くと協定書に書かれているとき",
            "renewal_text": "更新の条文を、協定書のとおりに入力します。",
            "document_number": "例：企第123号",
            "paper_original_only": "協定書の電子ファイルがなく、紙の原本だけを保管しているとき",
        }

    def __init__(self, *args: Any, user: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.is_new = self.instance.pk is None
        self.parent: Agreement | None = None
        ledger_number = self.fields["ledger_number"]
        if self.is_new:
            ledger_number.required = False
            ledger_number.help_text = "空欄のときは自動で付きます。"
        else:
            del self.fields["entry"]
            if self.instance.parent:
                self.initial.setdefault("parent_number", self.instance.parent.ledger_number)
        if not (self.is_new or self.instance.backfilled or self.instance.state == AgreementState.ENDED):
            for name in _END:
                del self.fields[name]
        if not (self.is_new or self.instance.backfilled):
            # The 決裁 writes them.
            for name in _DECISION:
                del self.fields[name]
        # The page says once how dates are written.
        for name in ("signed_on", "approved_on", "council_resolution_on", "ended_on"):
            if name in self.fields:
                self.fields[name].help_text = ""
        self._scope_choices(user)

    def _scope_choices(self, user: Any) -> None:
        """Only 課 and staff of the agreement's municipality; what is stored stays choosable."""
        stored = None if self.is_new else self.instance
        everyone = StaffMember.objects.filter(municipality=self.instance.municipality_id)
        departments = Department.objects.filter(municipality=self.instance.municipality_id)
        valid = departments.valid(self.today)

        department: Any = self.fields["department"]
        department.queryset = departments.filter(
            Q(pk__in=valid.assignable_by(user).values("pk")) | Q(pk=stored and stored.department_id)
        )
        department.empty_label = "（未定）"
        if not access.is_manager(user):
            # Without a 課 the agreement would leave the hands of its editor.
            department.required = True
            department.empty_label = None
        related: Any = self.fields["related_departments"]
        kept = stored.related_departments.values("pk") if stored else ()
        related.queryset = departments.filter(Q(pk__in=valid.values("pk")) | Q(pk__in=kept))
        person: Any = self.fields["person_in_charge"]
        person.queryset = everyone.filter(Q(is_active=True) | Q(pk=stored and stored.person_in_charge_id))
        person.empty_label = "（未定）"
        for name, choices in (("retention", Retention), ("ended_reason", EndedReason)):
            if name in self.fields:
                choice: Any = self.fields[name]
                choice.choices = [("", "（選択なし）"), *choices.choices]

    # -- The lock on the text -----------------------------------------------------------------------
    def freeze_text(self) -> None:
        """Show the text without letting anyone write it; who posts a change all the same gets an error."""
        for name in TEXT_FIELDS:
            widget = self.fields[name].widget
            if isinstance(widget, forms.CheckboxInput):
                # A check box cannot be read-only, and a disabled one is not sent: the stored value counts.
                self.fields[name].disabled = True
            else:
                widget.attrs["readonly"] = True

    def refuse_text(self, name: str, why: str) -> None:
        """The error at a field of the text that was changed although it is locked."""
        self.fields[name].widget.attrs.pop("readonly", None)
        self.add_error(name, why)

    # -- Checks -------------------------------------------------------------------------------------
    def clean_ledger_number(self) -> str:
        number = self.cleaned_data["ledger_number"]
        others = Agreement.objects.filter(municipality=self.instance.municipality_id, ledger_number=number)
        if number and others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("この管理番号はすでに使われています。", code="unique")
        return number

    def clean_parent_number(self) -> str:
        number = self.cleaned_data["parent_number"]
        if not number:
            return number
        family = Agreement.objects.alive().filter(municipality=self.instance.municipality_id)
        self.parent = family.filter(ledger_number=number).first()
        if self.parent is None:
            raise forms.ValidationError(f"管理番号「{number}」の協定はありません。", code="unknown")
        if not self.is_new and self._is_below(self.parent):
            raise forms.ValidationError(
                "この協定自身や、この協定に基づく協定は親協定にできません。", code="cycle"
            )
        return number

    def _is_below(self, other: Agreement | None) -> bool:
        """Whether the other agreement is this one or hangs on it."""
        seen = set()
        while other is not None and other.pk not in seen:
            if other.pk == self.instance.pk:
                return True
            seen.add(other.pk)
            other = other.parent
        return False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_names(cleaned)
        self._check_dates(cleaned)
        self._check_renewal(cleaned)
        self._check_end(cleaned)
        return cleaned

    @property
    def is_planned(self) -> bool:
        """Whether this is a new agreement still to be signed."""
        return self.is_new and self.cleaned_data.get("entry") == PLANNED

    @property
    def is_backfilled(self) -> bool:
        """Whether unknown values may stay empty."""
        return self.cleaned_data.get("entry") == SIGNED if self.is_new else self.instance.backfilled

    def _check_names(self, cleaned: dict[str, Any]) -> None:
        if self.is_backfilled:
            return
        for name, word in (("title", "協定名称"), ("title_kana", "協定名称のかな")):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"{word}を入力してください。")

    def _check_dates(self, cleaned: dict[str, Any]) -> None:
        signed_on, first_expiry = cleaned.get("signed_on"), cleaned.get("first_expiry")
        effective_on = cleaned.get("effective_on")
        if signed_on and self.is_planned and signed_on < self.today:
            self.add_error(
                "signed_on", "締結日が過ぎています。締結済みの協定は「すでに締結した協定」を選んでください。"
            )
        elif signed_on and signed_on > self.today and self._is_signed():
            self.add_error("signed_on", "締結日が今日より後です。日付を確かめてください。")
        if signed_on and first_expiry and first_expiry < signed_on:
            self.add_error("first_expiry", "満了日が締結日より前です。どちらかの日付を直してください。")
        elif effective_on and first_expiry and first_expiry < effective_on:
            self.add_error("effective_on", "効力発生日が満了日より後です。どちらかの日付を直してください。")

    def _is_signed(self) -> bool:
        if self.is_new:
            return not self.is_planned
        return self.instance.state in {*IN_FORCE, AgreementState.ENDED}

    def _check_renewal(self, cleaned: dict[str, Any]) -> None:
        months = cleaned.get("renewal_months")
        if cleaned.get("auto_renew"):
            if months is None and "renewal_months" not in self.errors:
                self.add_error("renewal_months", "自動更新するときは、更新期間（月）を入力してください。")
        elif months is not None:
            self.add_error(
                "renewal_months",
                "自動更新しないときは空欄にしてください。自動更新するときは「自動更新する」に印を付けてください。",
            )
        if cleaned.get("notice_months") is not None and cleaned.get("notice_days") is not None:
            self.add_error("notice_days", "通知期限は「か月前」か「日前」のどちらか一方に入力してください。")

    def _check_end(self, cleaned: dict[str, Any]) -> None:
        ended_on, reason = cleaned.get("ended_on"), cleaned.get("ended_reason")
        if self.is_planned:
            for name in _END:
                if cleaned.get(name):
                    self.add_error(name, "これから締結する協定では空欄にしてください。")
            return
        if "ended_reason" in self.fields and not reason and "ended_reason" not in self.errors:
            if ended_on:
                self.add_error("ended_reason", "終了日を入力したときは、終了理由も選んでください。")
            elif not self.is_backfilled:
                self.add_error("ended_reason", "終了した協定には終了理由が必要です。")
        if ended_on and cleaned.get("signed_on") and ended_on < cleaned["signed_on"]:
            self.add_error("ended_on", "終了日が締結日より前です。どちらかの日付を直してください。")
        elif ended_on and ended_on > self.today:
            self.add_error("ended_on", "終了日が今日より後です。日付を確かめてください。")

    # -- What is to be stored -----------------------------------------------------------------------
    def values(self) -> dict[str, Any]:
        """Field values of `Agreement` by name, without the 関係課."""
        names = {*self.Meta.fields} & {*self.fields} - {"related_departments"}
        values = {name: self.cleaned_data[name] for name in names}
        values["parent"] = self.parent
        if self.is_new:
            values["backfilled"] = self.is_backfilled
        state = self._state()
        if state:
            values["state"] = state
        return values

    def _state(self) -> str | None:
        """The state that follows from the form; None when it says nothing about it."""
        if self.is_planned:
            return AgreementState.PROPOSED
        if self.cleaned_data.get("ended_reason"):
            return AgreementState.ENDED
        if self.is_new or ("ended_reason" in self.fields and self.instance.state == AgreementState.ENDED):
            return AgreementState.ACTIVE
        return None
