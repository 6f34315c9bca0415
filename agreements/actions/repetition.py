"""毎年度の取組: make the action of the next 年度 from the one of this year, once."""

from datetime import date

from django.db import transaction

from agreements.choices import ActionState, AgreementState, BudgetStatus, Funding
from agreements.domain import progress
from agreements.models import ActionItem
from municipalities.fiscal_year import fiscal_year_of
from municipalities.models import StaffMember

from .action_items import claim, restore_action, touch

# What the next year begins with. Amounts, results and what it waits for are its own.
_CARRIED = (
    "title",
    "description",
    "department",
    "person_in_charge",
    "partner_in_charge",
    "partner_contact",
    "target_value",
    "target_unit",
    "baseline_value",
    "funding",
    "budget_account",
    "budget_project",
    "budget_line",
    "contract_method",
    "contract_reason",
    "fairness",
    "fairness_note",
    "plan_item",
    "is_repeated",
)
_WITH_STATUS = frozenset({Funding.MUNICIPAL_BUDGET, Funding.SHARED, Funding.GRANT})


@transaction.atomic
def repeat_action(*, action: ActionItem, today: date, by: StaffMember | None) -> tuple[ActionItem, bool]:
    """The action of the next year, and whether it is new. Doing it twice gives the same one; one that was
    put away comes back, if a person asks. Raises `ChangedMeanwhile` when the action is gone."""
    current = claim(action)
    known = ActionItem.objects.filter(repeats=current).select_related("agreement").first()
    if known is not None:
        if known.deleted_at and by is not None:
            restore_action(action=known, by=by)
        return known, False
    following = ActionItem(agreement=current.agreement, repeats=current)
    for name in _CARRIED:
        setattr(following, name, getattr(current, name))
    if current.funding in _WITH_STATUS:
        following.budget_status = BudgetStatus.NOT_REQUESTED
    starts_on, due_on, _year = progress.next_dates(current.starts_on, current.due_on, fiscal_year_of(today))
    following.starts_on, following.due_on = starts_on, due_on
    following.save()
    following.cooperation_fields.set(current.cooperation_fields.all())
    following.sub_plan_items.set(current.sub_plan_items.all())
    touch(following)
    return following, True


def repeat_for_new_year(*, today: date) -> int:
    """Make this year's actions of those that repeat every 年度 and whose year is over; returns how many."""
    waiting = ActionItem.objects.alive().filter(
        is_repeated=True,
        repetition=None,
        fiscal_year__lt=fiscal_year_of(today),
        agreement__state=AgreementState.ACTIVE,
    )
    made = 0
    for action in waiting.exclude(state=ActionState.CANCELLED).order_by("pk").iterator():
        made += repeat_action(action=action, today=today, by=None)[1]
    return made
