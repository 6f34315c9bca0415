"""計画の改定: keep what a person confirmed, and link what still runs to the new plan.

Links are never repointed: an open action gets the new node as its 主施策 and keeps the old one as a 副施策,
an agreement in force gets one link more. What is over keeps its old links alone.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from agreements.models import ActionItem, PlanChange, PlanCorrespondence, PlanLink
from agreements.models.action_item import OPEN_STATES
from agreements.models.agreement_terms import IN_FORCE
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import Plan, PlanItem, StaffMember


@transaction.atomic
def confirm(*, plan: Plan, choices: Mapping[PlanItem, PlanItem | None], by: StaffMember) -> int:
    """Keep what was confirmed about nodes of the plan before `plan`; returns how many changed."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    stored = {each.old_item_id: each for each in PlanCorrespondence.objects.filter(plan=plan)}
    changed = 0
    for old, new in choices.items():
        known = stored.get(old.pk)
        if known is not None and known.new_item_id == (new.pk if new else None):
            continue
        row = known or PlanCorrespondence(plan=plan, old_item=old)
        row.new_item, row.confirmed_by = new, by
        row.save()
        changed += 1
    return changed


@transaction.atomic
def unconfirm(*, plan: Plan, old_items: list[PlanItem]) -> None:
    """These nodes are open again."""
    for row in PlanCorrespondence.objects.filter(plan=plan, old_item__in=old_items):
        row.delete()


@transaction.atomic
def apply_change(*, plan: Plan, by: StaffMember) -> PlanChange:
    """Link open actions and agreements in force to what their 施策 became. Again: only what is new."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    became = dict(
        PlanCorrespondence.objects.filter(
            plan=plan, new_item__isnull=False, new_item__deleted_at=None
        ).values_list("old_item", "new_item")
    )
    change = PlanChange.objects.create(
        plan=plan, by=by, made={"links": _link(plan, became), "actions": _repoint(plan, became)}
    )
    record(AuditKind.BULK_CHANGE, actor=by, target=change, 協定=change.link_count, 取組=change.action_count)
    return change


def _link(plan: Plan, became: Mapping[int, int]) -> list[int]:
    links = PlanLink.objects.filter(
        plan_item__in=became,
        agreement__state__in=IN_FORCE,
        agreement__deleted_at=None,
        agreement__municipality=plan.municipality_id,
    )
    wanted = {(link.agreement_id, became[link.plan_item_id]) for link in links}
    stored = set(PlanLink.objects.filter(plan_item__plan=plan).values_list("agreement_id", "plan_item_id"))
    made = []
    for agreement, item in sorted(wanted - stored):
        link = PlanLink(agreement_id=agreement, plan_item_id=item)
        link.save()
        made.append(link.pk)
    return made


def _repoint(plan: Plan, became: Mapping[int, int]) -> list[dict[str, Any]]:
    actions = (
        ActionItem.objects.alive()
        .filter(state__in=OPEN_STATES, agreement__municipality=plan.municipality_id)
        .prefetch_related("sub_plan_items")
    )
    made = []
    for action in actions.order_by("pk").iterator(chunk_size=500):
        subs = {item.pk for item in action.sub_plan_items.all()}
        main = action.plan_item_id
        added = {became[key] for key in subs if key in became} - subs
        moved = None
        if main is not None and main in became:
            moved = [main, became[main]]
            added = (added | {main}) - subs - {became[main]}
        if moved:
            action.plan_item_id = moved[1]
            action.save()
        if added:
            action.sub_plan_items.add(*added)
        if moved or added:
            made.append({"id": action.pk, "main": moved, "subs": sorted(added)})
    return made


@transaction.atomic
def undo_change(*, change: PlanChange, by: StaffMember) -> None:
    """Take back what `apply_change` wrote, as far as nobody has changed it since. Twice is harmless."""
    stored = PlanChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if stored.undone_at is not None:
        return
    for link in PlanLink.objects.filter(pk__in=stored.made["links"]):
        link.delete()
    written = {each["id"]: each for each in stored.made["actions"]}
    for action in ActionItem.objects.filter(pk__in=written):
        main, subs = written[action.pk]["main"], written[action.pk]["subs"]
        if main and action.plan_item_id == main[1]:
            action.plan_item_id = main[0]
            action.save()
        if subs:
            action.sub_plan_items.remove(*subs)
    stored.undone_at = timezone.now()
    stored.save(update_fields=["undone_at"])
    record(AuditKind.BULK_CHANGE, actor=by, target=stored, 内容="改定の取消し")
