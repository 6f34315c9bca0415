"""変更案: its text as a form, and the small forms of its steps."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from agreements.actions.amendments import (
    change_amendment,
    give_up_amendment,
    merge_amendment,
    start_amendment,
)
from agreements.choices import AmendmentState
from agreements.domain.agreement_text import VALUE_FIELDS, AgreementText, ItemText
from agreements.models import Amendment
from municipalities.form_fields import NoticesMixin, ProseFormField, WarekiDateField, WholeNumberField

from .item_forms import ItemFormSet
from .move_forms import MoveForm
from .posted_rows import typed
from .rows import form_field


class AmendmentForm(NoticesMixin, forms.ModelForm):
    """The text of a draft, apart from its items."""

    renewal_months = form_field(
        Amendment, "renewal_months", form_class=WholeNumberField, min_value=1, max_value=600
    )
    notice_months = form_field(
        Amendment, "notice_months", form_class=WholeNumberField, min_value=0, max_value=120
    )
    notice_days = form_field(
        Amendment, "notice_days", form_class=WholeNumberField, min_value=0, max_value=3650
    )

    class Meta:
        model = Amendment
        fields = ["reason", *VALUE_FIELDS]
        field_classes = {"first_expiry": WarekiDateField}
        labels = {"auto_renew": "自動更新する"}
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 2}),
            "purpose": forms.Textarea(attrs={"rows": 3}),
            "renewal_text": forms.Textarea(attrs={"rows": 3}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        months, signed_on = cleaned.get("renewal_months"), self.instance.agreement.signed_on
        if cleaned.get("auto_renew") and months is None and "renewal_months" not in self.errors:
            self.add_error("renewal_months", "自動更新するときは、更新期間（月）を入力してください。")
        elif months is not None and not cleaned.get("auto_renew"):
            self.add_error("renewal_months", "自動更新しないときは空欄にしてください。")
        if cleaned.get("notice_months") is not None and cleaned.get("notice_days") is not None:
            self.add_error("notice_days", "通知期限は「か月前」か「日前」のどちらか一方に入力してください。")
        first_expiry = cleaned.get("first_expiry")
        if signed_on and first_expiry and first_expiry < signed_on:
            self.add_error("first_expiry", "満了日が締結日より前です。")
        if not cleaned.get("title") and self.instance.base["title"] and "title" not in self.errors:
            self.add_error("title", "協定名称を入力してください。")
        return cleaned


class AmendmentDraftForm:
    """The form and the rows of items, checked in one go. Unbound it starts from the stored draft."""

    def __init__(
        self, amendment: Amendment, data: QueryDict | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        self.amendment = amendment
        self.stored_version = amendment.version
        rows = [
            {"id": item.id, "text": item.text, "categories": list(item.categories), "ORDER": place}
            for place, item in enumerate(amendment.text.items, start=1)
        ]
        initial = initial or {}
        self.form = AmendmentForm(data, instance=amendment, initial=initial.get("form"))
        self.items = ItemFormSet(
            data, prefix="items", initial=initial.get("items", [] if data is not None else rows)
        )

    def shown_again(self, *, add_row: bool) -> "AmendmentDraftForm":
        """Everything typed so far, unvalidated, and one more row."""
        items = [typed(row) for row in self.items.forms]
        if add_row and len(items) < self.items.max_num:
            items.append({"ORDER": len(items) + 1})
        return AmendmentDraftForm(self.amendment, initial={"form": typed(self.form), "items": items})

    def is_valid(self) -> bool:
        results = [self.form.is_valid(), self.items.is_valid()]
        if all(results) and not self.items.rows():
            self.items.non_form_errors().append("連携事項を1件以上入力してください。")
        return all(results) and not self.items.has_errors()

    def save(self, version: int) -> Amendment:
        """Raises `ChangedMeanwhile` when the draft is no longer the one of this version."""
        cleaned = self.form.cleaned_data
        text = AgreementText(
            **{name: cleaned[name] for name in VALUE_FIELDS},
            items=tuple(ItemText(row.text, row.categories, row.id) for row in self.items.drafts()),
        )
        return change_amendment(
            amendment=self.amendment, text=text, reason=cleaned["reason"], version=version
        )


class StartAmendmentForm(MoveForm):
    label = "変更案を作る"
    lead = "今の文言を写した変更案を作ります。決裁して反映するまで、今の協定は変わりません。"
    done = "変更案を作りました。直すところを編集してください。"
    verb = staticmethod(start_amendment)

    on = None  # type: ignore[assignment]
    comment = ProseFormField(label="変更の理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    reverts = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def facts(self) -> dict[str, Any]:
        pk = self.cleaned_data["reverts"]
        reverts = self.agreement.amendments.filter(pk=pk).first() if pk else None  # type: ignore[attr-defined]
        return {"reason": self.cleaned_data["comment"], "reverts": reverts}


class _AmendmentStepForm(MoveForm):
    """A step of one draft; `seen` is its version when the page was shown."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, amendment: Amendment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.amendment = amendment
        self.initial.setdefault("seen", amendment.version)

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {"amendment": self.amendment, "seen": cleaned["seen"] or 0, "comment": cleaned["comment"]}


class MergeAmendmentForm(_AmendmentStepForm):
    label = "決裁して反映する"
    lead = "下の変更を、今の協定の文言に反映します。変更前の文言も残ります。"
    done = "変更を反映しました。"
    verb = staticmethod(merge_amendment)
    places = {**MoveForm.places, "document_number": "document_number", "effective_on": "effective_on"}

    on = WarekiDateField(label="決裁日")
    document_number = form_field(Amendment, "document_number", required=True)
    effective_on = WarekiDateField(label="変更の効力発生日", help_text="この日から新しい文言になります。")
    field_order = ("on", "document_number", "effective_on", "comment")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.initial.setdefault("effective_on", today)

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            **super().facts(),
            "decided_on": cleaned["on"],
            "document_number": cleaned["document_number"],
            "effective_on": cleaned["effective_on"],
        }


class _GiveUpForm(_AmendmentStepForm):
    state: AmendmentState
    is_danger = True

    on = None  # type: ignore[assignment]
    comment = ProseFormField(label="理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def make(self) -> Any:
        return give_up_amendment(
            amendment=self.amendment,
            seen=self.cleaned_data["seen"] or 0,
            state=self.state,
            by=self.user,
            comment=self.cleaned_data["comment"],
            today=self.today,
        )


class RejectAmendmentForm(_GiveUpForm):
    state = AmendmentState.REJECTED
    label = "変更を見送る"
    lead = "この変更案を反映しないことに決めます。変更案の記録は残ります。"
    done = "変更の見送りを記録しました。"


class WithdrawAmendmentForm(_GiveUpForm):
    state = AmendmentState.WITHDRAWN
    label = "変更案を取り下げる"
    lead = "この変更案を取り下げます。変更案の記録は残り、新しい変更案を作れるようになります。"
    done = "変更案を取り下げました。"
