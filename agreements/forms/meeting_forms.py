"""A meeting and who does what until when."""

from datetime import date
from typing import Any

from django import forms

from agreements.actions.meetings import TaskDraft
from agreements.choices import Side
from agreements.models import Agreement, AgreementDocument, Meeting, MeetingTask
from municipalities.form_fields import NoticesMixin, RowsField, WarekiDateField

from .procedure_forms import SeenMixin
from .rows import RowForm, RowFormSet, form_field

_FACTS = (
    "held_on",
    "form",
    "own_attendees",
    "partner_attendees",
    "summary",
    "decisions",
    "next_on",
    "is_policy_talk",
)
_BLANK_ROWS = 1


class TaskRowForm(NoticesMixin, RowForm):
    """One task. A blank row is none."""

    what = form_field(
        MeetingTask,
        "what",
        error_messages={"required": "何をするかを入力するか、この行を削除してください。"},
    )
    side = forms.ChoiceField(label="どちらが", choices=Side.choices, initial=Side.OWN)
    who = form_field(MeetingTask, "who")
    due_on = WarekiDateField(label="いつまでに", required=False)
    id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    bookkeeping = RowForm.bookkeeping | {"id"}

    def draft(self) -> TaskDraft:
        names = ("what", "side", "who", "due_on", "id")
        return TaskDraft(**{name: self.cleaned_data[name] for name in names})


class TaskFormSet(RowFormSet):
    form = TaskRowForm
    noun = "宿題"
    max_num = 50


class MeetingRecordForm(SeenMixin, NoticesMixin, forms.ModelForm):
    """A meeting of this agreement with its tasks (`tasks`, a formset)."""

    held_on = WarekiDateField(label="開催日")
    next_on = WarekiDateField(label="次回の予定日", required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields = (*_FACTS, "documents")
        field_classes = {"documents": RowsField}
        widgets = {
            "form": forms.RadioSelect,
            "own_attendees": forms.Textarea(attrs={"rows": 3}),
            "partner_attendees": forms.Textarea(attrs={"rows": 3}),
            "summary": forms.Textarea(attrs={"rows": 6}),
            "decisions": forms.Textarea(attrs={"rows": 4}),
            "documents": forms.CheckboxSelectMultiple,
        }

    def __init__(
        self,
        data: Any = None,
        *,
        agreement: Agreement,
        today: date,
        instance: Meeting | None = None,
        initial: dict[str, Any] | None = None,
        rows: list[dict[str, Any]] | None = None,
    ) -> None:
        meeting = instance or Meeting(agreement=agreement)
        seen = meeting.updated_at.isoformat() if meeting.pk else ""
        super().__init__(data, instance=meeting, initial={"seen": seen, **(initial or {})})
        self.today = today
        documents: Any = self.fields["documents"]
        documents.queryset = AgreementDocument.objects.alive().filter(agreement=agreement)
        if not documents.queryset.exists():
            del self.fields["documents"]
        stored = [_row_of(task) for task in meeting.tasks.all()] if meeting.pk else []
        start = rows if rows is not None else [*stored, *[{}] * _BLANK_ROWS]
        self.tasks = TaskFormSet(data, initial=None if data is not None else start, prefix="tasks")

    def clean_held_on(self) -> date:
        held_on = self.cleaned_data["held_on"]
        if held_on > self.today:
            raise forms.ValidationError(
                "開催日が今日より後です。これから開く会議は、前の会議の「次回の予定日」に入力してください。",
                code="to_come",
            )
        return held_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        held_on, next_on = cleaned.get("held_on"), cleaned.get("next_on")
        if held_on and next_on and next_on <= held_on:
            self.add_error("next_on", "次回の予定日は、開催日より後の日にしてください。")
        if not cleaned.get("summary") and not cleaned.get("decisions") and "summary" not in self.errors:
            self.add_error("summary", "要旨か決まったことのどちらかを入力してください。")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """The constraints of these fields are checked above, with the error at the field."""
        return super()._get_validation_exclusions() | {"next_on", "summary", "decisions"}  # type: ignore[misc]

    def is_valid(self) -> bool:
        return super().is_valid() & self.tasks.is_valid()

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in _FACTS}

    def parts(self) -> dict[str, Any]:
        return {
            "documents": list(self.cleaned_data.get("documents", ())),
            "tasks": [row.draft() for row in self.tasks.rows()],
        }

    def typed(self) -> dict[str, Any]:
        """What was typed, unjudged, to start a form from: `initial` and `rows`."""
        rows = [
            {name: row[name].value() for name in ("what", "side", "who", "due_on", "id")}
            for row in self.tasks.in_order()
            if not self.tasks.is_deleted(row)
        ]
        return {"initial": {name: self[name].value() for name in self.fields}, "rows": rows}

    def conflict_with(self, stored: Meeting) -> list[dict[str, Any]]:
        """Both versions of every fact (rows of the conflict table)."""
        rows = []
        for name, mine in self.values().items():
            theirs = getattr(stored, name)
            words = [self._words(name, value) for value in (theirs, mine)]
            rows.append(
                {
                    "label": self.fields[name].label,
                    "theirs": words[0],
                    "mine": words[1],
                    "changed": theirs != mine,
                }
            )
        return rows

    def _words(self, name: str, value: Any) -> str:
        if name == "form":
            return dict(self.fields[name].choices).get(value, value)  # type: ignore[attr-defined]
        return str(self.fields[name].prepare_value(value) or "")


def _row_of(task: MeetingTask) -> dict[str, Any]:
    return {
        "what": task.what,
        "side": task.side,
        "who": task.who,
        "due_on": task.due_on,
        "id": task.pk,
    }
