"""The whole registration form: one agreement with its parties, items and actions, checked in one go."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import QueryDict

from agreements.actions.drafts import AgreementDraft
from agreements.actions.text_lock import refusal, text_changes
from agreements.domain import procedure
from agreements.domain.category_hints import suggested_categories
from agreements.domain.items import split_numbered
from agreements.domain.lifecycle import State
from agreements.domain.procedure import TextLock
from agreements.models import Agreement
from agreements.models.party import USUAL_LABELS
from municipalities.models import Department, Municipality, StaffMember

from . import stored
from .action_forms import ActionFormSet
from .agreement_form import AgreementForm
from .change_reason import ChangeReasonForm
from .item_forms import ItemFormSet
from .party_forms import PartyFormSet
from .party_lookup import key_of
from .posted_rows import as_posted, replace_rows, row_count, typed

PASTED = "items_pasted"
AGREEMENT, PARTIES, ITEMS, ACTIONS = "agreement", "parties", "items", "actions"
REASON = "reason"
PARTS = (PARTIES, ITEMS, ACTIONS)


class RegistrationForm:
    """Holds the form of the ledger fields and the formsets of the parts.

    Unbound it starts from a stored agreement or from what a new one usually needs; bound to posted `data`
    it is checked as one. `shown_again` gives what was typed so far without judging it.
    """

    def __init__(
        self,
        *,
        agreement: Agreement,
        user: Any,
        today: date,
        data: QueryDict | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        """`agreement`: the stored one, or a new one of a municipality; `initial`: values by part."""
        self.instance = agreement
        self.stored_title = str(agreement)  # checking puts what is typed into the instance
        self.user = user
        self.today = today
        self.is_new = agreement.pk is None
        self.is_bound = data is not None
        self.own: Municipality = agreement.municipality
        self.stored = AgreementDraft(values={}) if self.is_new else stored.stored_draft(agreement)
        if initial is None and not self.is_bound:
            initial = self._first_values() if self.is_new else self._stored_values()
        # Posted rows are measured against blank ones, never against what was stored at their place.
        initial = initial or {}
        self.data = with_pasted_items(data) if data is not None else None
        self.form = AgreementForm(
            self.data, instance=agreement, user=user, today=today, initial=initial.get(AGREEMENT)
        )
        self.reason = ChangeReasonForm(self.data, initial=initial.get(REASON))
        self.parties = PartyFormSet(
            self.data,
            prefix=PARTIES,
            initial=initial.get(PARTIES),
            own=self.own,
            signed_names={key_of(party.target): party.name_as_signed for party in self.stored.parties},
        )
        self.items = ItemFormSet(self.data, prefix=ITEMS, initial=initial.get(ITEMS))
        self.actions = ActionFormSet(
            self.data, prefix=ACTIONS, initial=initial.get(ACTIONS), form_kwargs=self._who_may_act()
        )
        self._checked = False
        self.lock = TextLock.OPEN if self.is_new else agreement.text_lock
        self.lock_reason = ""
        if self.lock is TextLock.LOCKED:
            self.lock_reason = procedure.lock_reason(State(agreement.state))
            self.form.freeze_text()
            self.parties.freeze()
            self.items.freeze()

    @property
    def formsets(self) -> dict[str, Any]:
        return {PARTIES: self.parties, ITEMS: self.items, ACTIONS: self.actions}

    # -- Starting values ----------------------------------------------------------------------------
    def _first_values(self) -> dict[str, Any]:
        """A new agreement: the own municipality as 甲, one counterpart as 乙, the own 課."""
        own = {"name": self.own.name, "target": key_of(self.own), "label": USUAL_LABELS[0], "ORDER": 1}
        return {
            AGREEMENT: {"department": self.user.department_id},
            PARTIES: [own, {"label": USUAL_LABELS[1], "ORDER": 2}],
            ITEMS: [{"ORDER": 1}],
            ACTIONS: [],
        }

    def _stored_values(self) -> dict[str, Any]:
        return {
            PARTIES: stored.party_rows(self.stored),
            ITEMS: stored.item_rows(self.stored),
            ACTIONS: stored.action_rows(self.stored),
        }

    def _who_may_act(self) -> dict[str, Any]:
        """課 and staff who can be named for an action, with two queries for all rows."""
        departments = Department.objects.filter(municipality=self.own)
        valid = departments.valid(self.today).values("pk")
        staff = StaffMember.objects.filter(municipality=self.own)
        kept_departments = {action.department.pk for action in self.stored.actions if action.department}
        kept_staff = {each.person_in_charge.pk for each in self.stored.actions if each.person_in_charge}
        return {
            "departments": list(departments.filter(Q(pk__in=valid) | Q(pk__in=kept_departments))),
            "staff": list(staff.filter(Q(is_active=True) | Q(pk__in=kept_staff))),
        }

    # -- Again, without judging ---------------------------------------------------------------------
    def shown_again(self, *, add_row: str = "") -> "RegistrationForm":
        """The same form with everything typed so far, unvalidated, and with one more row of a part."""
        initial: dict[str, Any] = {AGREEMENT: typed(self.form), REASON: typed(self.reason)}
        for name, formset in self.formsets.items():
            initial[name] = [typed(row) for row in formset.forms]
            if name == add_row and len(initial[name]) < formset.max_num:
                initial[name].append(self._new_row(name, initial[name]))
            if formset.can_order:
                _give_places(initial[name])
        return RegistrationForm(agreement=self.instance, user=self.user, today=self.today, initial=initial)

    @staticmethod
    def _new_row(part: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """A new row; a party gets the next of the usual labels, if those before follow the usual order."""
        if part != PARTIES:
            return {}
        labels = "".join(row.get("label") or "?" for row in rows)
        follows = USUAL_LABELS.startswith(labels) and labels != USUAL_LABELS
        return {"label": USUAL_LABELS[len(labels)]} if follows else {}

    # -- Checks -------------------------------------------------------------------------------------
    def is_valid(self) -> bool:
        """Check every part and what they owe each other, so that all errors are told at once."""
        if not self.is_bound:
            return False
        if not self._checked:
            self._checked = True
            for part in (self.form, self.reason, *self.formsets.values()):
                part.is_valid()
            self._check_together()
        return not self.errors

    def _check_together(self) -> None:
        self.actions.check_item_numbers(self.items.numbering())
        self.actions.check_states({each.id: each.state for each in self.stored.actions if each.id})
        self._check_counterparts()
        if self.lock is not TextLock.OPEN and not self.errors:
            self._check_text()

    def _check_text(self) -> None:
        """Refuse what the lock on the text refuses, where it was typed."""
        stored = Agreement.objects.get(pk=self.instance.pk)  # the instance holds what was typed
        changes = text_changes(stored, self.to_draft())
        why = refusal(stored, changes, self.reason.cleaned_data["change_reason"])
        if why and self.lock is TextLock.CORRECTABLE:
            self.reason.add_error("change_reason", why)
        elif why:
            for change in changes:
                if change.name in self.formsets:
                    self.formsets[change.name].non_form_errors().append(why)
                else:
                    self.form.refuse_text(change.name, why)

    def _check_counterparts(self) -> None:
        if self.parties.counterparts():
            return
        if not self.form.is_backfilled:
            self.parties.non_form_errors().append("相手方を1者以上入力してください。")
        elif not self.form.cleaned_data.get("title") and "title" not in self.form.errors:
            self.form.add_error("title", "協定名称が分からないときは、相手方を入力してください。")

    @property
    def errors(self) -> bool:
        """Whether anything is wrong; the page title says so."""
        if not self.is_bound:
            return False
        formsets = self.formsets.values()
        own = self.form.errors or self.reason.errors
        return bool(own) or any(formset.has_errors() for formset in formsets)

    def notices(self) -> list[str]:
        """What the user should know although everything was accepted."""
        return [*self.form.notices(), *self.actions.notices()]

    def to_draft(self) -> AgreementDraft:
        """The valid input as plain values for the verbs."""
        return AgreementDraft(
            values=self.form.values(),
            parties=self.parties.drafts(),
            items=self.items.drafts(),
            actions=self.actions.drafts(self.items.numbering()),
            related_departments=tuple(self.form.cleaned_data["related_departments"]),
        )


def _give_places(rows: list[dict[str, Any]]) -> None:
    """Rows that have no place yet come after the others."""
    texts = [str(row.get("ORDER") or "") for row in rows]
    last = max((int(text) for text in texts if text.isdecimal()), default=0)
    for row in rows:
        if not row.get("ORDER"):
            last += 1
            row["ORDER"] = last


def with_pasted_items(data: QueryDict, *, suggest: bool = False) -> QueryDict:
    """The posted data with a pasted list split into rows of items: blank rows first, then new ones.

    `suggest` also ticks the 分野 that the words suggest; only for rows that somebody will look at.
    """
    data = data.copy()
    texts = split_numbered(data.get(PASTED, ""))
    data[PASTED] = ""
    count = row_count(data, ITEMS)
    blank = [index for index in range(count) if _is_blank_item(data, index)]
    places = [*blank, *range(count, count + len(texts))][: len(texts)]
    data[f"{ITEMS}-{TOTAL_FORM_COUNT}"] = str(max([count, *(place + 1 for place in places)]))
    for index, text in zip(places, texts, strict=True):
        data[f"{ITEMS}-{index}-text"] = text
        if suggest:
            categories = suggested_categories(text)
            data.setlist(f"{ITEMS}-{index}-categories", list(categories))
            data[f"{ITEMS}-{index}-suggested"] = ",".join(categories)
    return data


def _is_blank_item(data: QueryDict, index: int) -> bool:
    names = ("text", "categories", "id", "DELETE")
    return not any(data.get(f"{ITEMS}-{index}-{name}", "").strip() for name in names)


def with_stored_values(data: QueryDict, start: RegistrationForm, names: Iterable[str]) -> QueryDict:
    """The posted data with some fields and parts replaced by those of an unbound form."""
    data = data.copy()
    wanted = set(names)
    if ITEMS in wanted:
        wanted.add(ACTIONS)
    for name in wanted & set(PARTS):
        replace_rows(data, name, [as_posted(row) for row in start.formsets[name].forms])
    for name, values in as_posted(start.form).items():
        if name in wanted:
            data.setlist(name, values)
    return data
