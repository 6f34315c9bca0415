"""Progress that another system sends: the same rules as on the pages, errors under the names of the API."""

from datetime import date
from typing import Any

from django import forms

from agreements.choices import ActionState
from agreements.models import ActionItem

from .action_item_forms import CancelForm, CompleteForm
from .progress_forms import ProgressForm

# How the pages' fields are called in the API.
_NAMES = {
    "value": "value",
    "result_value": "value",
    "text": "note",
    "result_text": "note",
    "reason": "note",
    "on": "on",
    "completed_on": "on",
}


class ApiProgress:
    """`errors` are (field, message); without any `values` has `on`, `value` and `text`."""

    def __init__(
        self, *, action: ActionItem, state: str, on: date, value: Any, note: str, today: date
    ) -> None:
        self.on, self.state = on, state
        said = {"on": on.isoformat(), "value": "" if value is None else str(value), "text": note}
        if state == ActionState.IN_PROGRESS and value is None and not note:
            self.form: forms.Form | None = None  # 実施中 alone needs no words
        elif state == ActionState.DONE:
            data = {"completed_on": said["on"], "result_value": said["value"], "result_text": note}
            self.form = CompleteForm(data, action=action, today=today)
        elif state == ActionState.CANCELLED:
            self.form = CancelForm({"reason": note}, action=action)
        else:
            prefixed = {f"action-{action.pk}-{name}": text for name, text in said.items()}
            self.form = ProgressForm(prefixed, action=action, today=today)
        self.errors = [] if self.form is None or self.form.is_valid() else self._errors(self.form)
        # A figure where nothing is counted would be dropped silently.
        unused = state == ActionState.CANCELLED or (
            state == ActionState.DONE and self.form is not None and "result_value" not in self.form.fields
        )
        if value is not None and unused:
            self.errors.append(("value", "この取組のこの状態では、値を記録できません。空にしてください。"))

    @staticmethod
    def _errors(form: forms.Form) -> list[tuple[str, str]]:
        return [
            (_NAMES.get(name, ""), str(message))
            for name, messages in form.errors.items()
            for message in messages
        ]

    def values(self) -> dict[str, Any]:
        cleaned = self.form.cleaned_data if self.form else {}
        return {
            "on": cleaned.get("completed_on") or cleaned.get("on") or self.on,
            "value": cleaned.get("result_value", cleaned.get("value")),
            "text": cleaned.get("result_text") or cleaned.get("reason") or cleaned.get("text") or "",
            "state": self.state,
        }
