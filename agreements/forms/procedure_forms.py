"""提案票, 庁内意見, 締結式 and the criteria: what is written down along the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from agreements.actions.proposals import CriterionAnswer
from agreements.choices import IntakeResult, OpinionAnswer
from agreements.domain.lifecycle import Blocker
from agreements.models import (
    Agreement,
    Company,
    DepartmentOpinion,
    IntakeAnswer,
    IntakeCriterion,
    Proposal,
    SigningCeremony,
)
from municipalities.form_fields import NoticesMixin, RowsField, WarekiDateField
from municipalities.models import Department, StaffMember

from .party_lookup import bodies_called
from .rows import form_field

_DAYS_TO_ANSWER = 14
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class SeenMixin:
    """For forms of a record that somebody else may write meanwhile: remembers its time of writing.

    The form has a hidden field `seen`; `seen_at` is what it says, None for "there was none".
    """

    @property
    def seen_at(self) -> datetime | None:
        """Unreadable text is a time that nothing was ever written at."""
        text = self.cleaned_data.get("seen", "")  # type: ignore[attr-defined]
        if not text:
            return None
        try:
            return parse_datetime(text) or _NEVER
        except ValueError:
            return _NEVER

    def add_blocker(self, blocker: Blocker) -> bool:
        """Show the blocker at its field, or above all fields."""
        name = blocker.place if blocker.place in self.fields else None  # type: ignore[attr-defined]
        self.add_error(name, blocker.message)  # type: ignore[attr-defined]
        return True


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion with its two fields, for the template."""

    criterion: IntakeCriterion
    result: forms.BoundField
    note: forms.BoundField


class ProposalForm(SeenMixin, NoticesMixin, forms.ModelForm):
    """The 提案票 of an agreement with the checklist of its municipality."""

    received_on = WarekiDateField(label="受付日")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Proposal
        fields = ("proposer", "received_on", "received_by", "summary")
        widgets = {"summary": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, agreement: Agreement, user: Any, today: date, **kwargs: Any) -> None:
        proposal = Proposal.objects.filter(agreement=agreement).first()
        kwargs["instance"] = proposal or Proposal(agreement=agreement)
        super().__init__(*args, **kwargs)
        self.today = today
        if proposal is None:
            self.initial.update(
                proposer=_counterpart(agreement), received_on=today, received_by=user.pk, seen=""
            )
        else:
            self.initial["seen"] = proposal.updated_at.isoformat()
        received_by: Any = self.fields["received_by"]
        received_by.queryset = StaffMember.objects.filter(
            Q(municipality=agreement.municipality_id, is_active=True)
            | Q(pk=proposal.received_by_id if proposal else user.pk)
        )
        received_by.empty_label = "（記録なし）"
        self._add_criteria(agreement, proposal)

    def _add_criteria(self, agreement: Agreement, proposal: Proposal | None) -> None:
        answers = {each.criterion_id: each for each in proposal.answers.all()} if proposal else {}
        valid = IntakeCriterion.objects.valid(self.today)
        everyone = IntakeCriterion.objects.filter(municipality=agreement.municipality_id)
        self.criteria = list(everyone.filter(Q(pk__in=valid.values("pk")) | Q(pk__in=answers)))
        for criterion in self.criteria:
            answer = answers.get(criterion.pk)
            result, note = self._names(criterion)
            self.fields[result] = forms.ChoiceField(
                label=criterion.text,
                help_text=criterion.hint,
                required=False,
                choices=[*IntakeResult.choices, ("", "未確認")],
                widget=forms.RadioSelect,
                initial=answer.result if answer else "",
            )
            self.fields[note] = form_field(
                IntakeAnswer, "note", initial=answer.note if answer else "", label="確認の記録"
            )

    @staticmethod
    def _names(criterion: IntakeCriterion) -> tuple[str, str]:
        return f"result-{criterion.pk}", f"note-{criterion.pk}"

    def rows(self) -> Iterator[CriterionRow]:
        for criterion in self.criteria:
            result, note = self._names(criterion)
            yield CriterionRow(criterion, self[result], self[note])

    def clean_received_on(self) -> date:
        received_on = self.cleaned_data["received_on"]
        if received_on > self.today:
            raise forms.ValidationError("受付日が今日より後です。日付を確かめてください。", code="to_come")
        return received_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for criterion in self.criteria:
            result, note = self._names(criterion)
            if cleaned.get(note) and not cleaned.get(result):
                self.add_error(result, "確認の記録があるときは、結果も選んでください。")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Field values of `Proposal`; a proposer who is a known company is linked to it."""
        values = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        named = [body for body in bodies_called(values["proposer"]) if isinstance(body, Company)]
        return {**values, "company": named[0] if len(named) == 1 else None}

    def answers(self) -> list[CriterionAnswer]:
        found = []
        for criterion in self.criteria:
            result, note = (self.cleaned_data[name] for name in self._names(criterion))
            if result:
                found.append(CriterionAnswer(criterion=criterion, result=result, note=note))
        return found


def _counterpart(agreement: Agreement) -> str:
    """The first company among the parties: usually the one who proposes."""
    party = agreement.parties.filter(company__isnull=False).first()
    return party.name if party else ""


class AskOpinionsForm(NoticesMixin, forms.Form):
    """Which 課 are asked what, until when."""

    departments = RowsField(
        label="照会先の課",
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "照会先の課を選んでください。"},
    )
    question = form_field(DepartmentOpinion, "question", widget=forms.Textarea(attrs={"rows": 4}))
    due_on = WarekiDateField(label="回答期限")

    def __init__(self, *args: Any, agreement: Agreement, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        waiting = agreement.opinions.unanswered().values("department")
        departments: Any = self.fields["departments"]
        departments.queryset = (
            Department.objects.filter(municipality=agreement.municipality_id)
            .valid(today)
            .exclude(pk__in=waiting)
            .exclude(pk=agreement.department_id or 0)
        )
        related = agreement.related_departments.exclude(pk__in=agreement.opinions.values("department"))
        self.initial = {
            "departments": list(related.values_list("pk", flat=True)),
            "question": f"「{agreement}」について、貴課の業務との関係や支障の有無など、ご意見を伺います。",
            "due_on": today + timedelta(days=_DAYS_TO_ANSWER),
            **self.initial,
        }

    def clean_due_on(self) -> date:
        due_on = self.cleaned_data["due_on"]
        if due_on < self.today:
            raise forms.ValidationError("回答期限が過ぎています。今日以後の日にしてください。", code="past")
        return due_on

    def add_blocker(self, blocker: Blocker) -> bool:
        self.add_error(blocker.place if blocker.place in self.fields else None, blocker.message)
        return True


class AnswerOpinionForm(SeenMixin, forms.Form):
    """可 / 条件付 / 不可 with the reason."""

    answer = forms.ChoiceField(label="回答", choices=OpinionAnswer.choices, widget=forms.RadioSelect)
    text = form_field(
        DepartmentOpinion,
        "text",
        help_text="「条件付」「不可」のときは、条件や理由を必ず入力してください。",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, opinion: DepartmentOpinion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = opinion.answered_at
        self.initial = {
            "answer": opinion.answer,
            "text": opinion.text,
            "seen": seen.isoformat() if seen else "",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        doubts = cleaned.get("answer") in {OpinionAnswer.CONDITIONAL, OpinionAnswer.OPPOSED}
        if doubts and not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", "「条件付」「不可」のときは、条件や理由を入力してください。")
        return cleaned


class CeremonyForm(SeenMixin, NoticesMixin, forms.ModelForm):
    held_on = WarekiDateField(label="日付")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = SigningCeremony
        fields = ("held_on", "place", "own_attendees", "partner_attendees", "note")
        widgets = dict.fromkeys(
            ("own_attendees", "partner_attendees", "note"), forms.Textarea(attrs={"rows": 3})
        )

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        stored = SigningCeremony.objects.filter(agreement=agreement).first()
        kwargs["instance"] = stored or SigningCeremony(agreement=agreement)
        super().__init__(*args, **kwargs)
        if stored is None:
            self.initial["held_on"] = agreement.signed_on
        self.initial["seen"] = stored.updated_at.isoformat() if stored else ""

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class IntakeCriterionForm(NoticesMixin, forms.ModelForm):
    """One criterion, and from when to when it is asked."""

    valid_from = WarekiDateField(label="使い始める日", required=False, help_text="空欄なら、すぐに使います。")
    valid_to = WarekiDateField(
        label="使い終わる日（この日まで）", required=False, help_text="空欄なら、ずっと使います。"
    )

    class Meta:
        model = IntakeCriterion
        fields = ("text", "hint", "valid_from", "valid_to")
        widgets = {"text": forms.TextInput(attrs={"class": "is-full"})}

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}
