"""Two versions of one agreement side by side: what somebody typed, and what somebody else saved meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from agreements.actions.drafts import ActionDraft, AgreementDraft, ItemDraft, PartyDraft
from agreements.choices import ActionState, FieldCategory, PartyRole
from agreements.models import Agreement
from municipalities.wareki import format_wareki

from .agreement_form import AgreementForm
from .registration import ACTIONS, ITEMS, PARTIES, RegistrationForm


@dataclass(frozen=True)
class Difference:
    """One field or part that is not the same. `take`: the stored value is the better guess, since the typed
    one is only what stood there when the form was opened."""

    key: str
    label: str
    mine: str
    theirs: str
    take: bool = False
    changed: bool = True


@dataclass(frozen=True)
class Conflict:
    """Everything that differs, and who saved the stored version when."""

    rows: list[Difference]
    saved_by: str


def conflict_of(mine: RegistrationForm, opened_version: int) -> Conflict:
    """Compare valid input, bound to the agreement as stored now, with that agreement."""
    agreement = mine.instance
    theirs = RegistrationForm(agreement=_fresh(agreement), user=mine.user, today=mine.today)
    rows = [*_field_differences(mine, theirs, opened_version), *_part_differences(mine)]
    return Conflict(rows, _last_saved(agreement))


def _fresh(agreement: Agreement) -> Agreement:
    """The stored row: validation has put typed values into the instance of the bound form."""
    return Agreement.objects.get(pk=agreement.pk)


def _last_saved(agreement: Agreement) -> str:
    record = agreement.history.select_related("history_user").first()
    if record is None:
        return ""
    moment = timezone.localtime(record.history_date)
    return f"{record.history_user or 'システム'}（{format_wareki(moment.date())} {moment:%H:%M}）"


def _field_differences(
    mine: RegistrationForm, theirs: RegistrationForm, opened_version: int
) -> Iterator[Difference]:
    touched = _touched_fields(mine, opened_version)
    for name in mine.form.changed_data:
        bound = mine.form[name]
        yield Difference(
            key=name,
            label=str(bound.label),
            mine=_spoken(bound),
            theirs=_spoken(theirs.form[name]),
            take=touched is not None and name not in touched,
        )


def _touched_fields(mine: RegistrationForm, opened_version: int) -> set[str] | None:
    """Names of the fields that differ from the version the form was opened with; None if that is unknown."""
    opened = mine.instance.history.filter(version=opened_version).first()
    if opened is None:
        return None
    form = AgreementForm(mine.data, instance=opened.instance, user=mine.user, today=mine.today)
    # The history of a row does not bring back its 関係課 of that time.
    return {*form.changed_data, "related_departments"}


def _spoken(bound: forms.BoundField) -> str:
    """A value in words: the label of a choice, はい/いいえ, else as typed."""
    value: Any = bound.value()
    if isinstance(bound.field, forms.BooleanField):
        return "はい" if value else "いいえ"
    choices = getattr(bound.field, "choices", None)
    if choices is not None:
        chosen = {str(each) for each in (value if isinstance(value, list | tuple) else [value])}
        return "、".join(str(label) for key, label in choices if str(key) and str(key) in chosen)
    return "" if value is None else str(value)


def _part_differences(mine: RegistrationForm) -> Iterator[Difference]:
    typed, stored = mine.to_draft(), mine.stored
    if _party_lines(typed) != _party_lines(stored):
        yield _part(PARTIES, "当事者", _party_lines(typed), _party_lines(stored))
    if _item_lines(typed) != _item_lines(stored):
        # Actions name items by number: one without the other would make them serve the wrong items.
        ours, others = ([*_item_lines(draft), *_action_lines(draft)] for draft in (typed, stored))
        yield _part(ITEMS, "連携事項と取組", ours, others)
    elif _action_lines(typed) != _action_lines(stored):
        yield _part(ACTIONS, "取組", _action_lines(typed), _action_lines(stored))


def _part(key: str, label: str, ours: list[str], others: list[str]) -> Difference:
    return Difference(key, label, mine=_marked(ours, others), theirs=_marked(others, ours))


def _marked(lines: list[str], others: list[str]) -> SafeString:
    """The lines as HTML, with those marked that the other version has not."""
    return format_html_join(
        "\n", "{}", ((line if line in others else format_html("<mark>{}</mark>", line),) for line in lines)
    )


def _party_lines(draft: AgreementDraft) -> list[str]:
    return [_party_line(party) for party in draft.parties]


def _party_line(party: PartyDraft) -> str:
    name = party.name_as_signed or party.target.name
    words = (
        party.label,
        f"{name}（{PartyRole(party.role).label}）",
        party.signatory_title,
        party.signatory_name,
    )
    return " ".join(filter(None, words))


def _item_lines(draft: AgreementDraft) -> list[str]:
    return [_item_line(number, item) for number, item in enumerate(draft.items, start=1)]


def _item_line(number: int, item: ItemDraft) -> str:
    categories = "、".join(FieldCategory(code).label for code in sorted(item.categories))
    return f"({number}) {item.text}" + (f"［{categories}］" if categories else "")


def _action_lines(draft: AgreementDraft) -> list[str]:
    return [_action_line(action) for action in draft.actions]


def _action_line(action: ActionDraft) -> str:
    dates = [format_wareki(day) if day else "" for day in (action.starts_on, action.due_on)]
    words = (
        action.title,
        "".join(f"({number})" for number in action.items),
        str(action.department or ""),
        str(action.person_in_charge or ""),
        action.partner_in_charge,
        "～".join(dates) if any(dates) else "",
        ActionState(action.state).label,
    )
    return " ／ ".join(filter(None, words))
