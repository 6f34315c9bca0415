"""Link an agreement to a 施策 of its municipality, and take such a link away."""

from django.core.exceptions import ValidationError
from django.db import transaction

from agreements.models import Agreement, PlanLink
from municipalities.models import PlanItem


@transaction.atomic
def link_agreement(*, agreement: Agreement, item: PlanItem) -> PlanLink:
    """Linking twice is harmless. Raises ValidationError for a 施策 of another municipality."""
    link = PlanLink(agreement=agreement, plan_item=item)
    link.clean()
    # The lock keeps two clicks at once from breaking the constraint.
    Agreement.objects.select_for_update().get(pk=agreement.pk)
    stored = PlanLink.objects.filter(agreement=agreement, plan_item=item).first()
    if stored is not None:
        return stored
    link.save()
    return link


@transaction.atomic
def unlink_agreement(*, link: PlanLink) -> None:
    """Take the link away; `link_agreement` brings it back. The history keeps it."""
    link.delete()


@transaction.atomic
def set_links(*, agreement: Agreement, items: list[PlanItem]) -> None:
    """Make these the agreement's 施策 of plans in force; links to ended plans stay as they are."""
    if any(item.plan.municipality_id != agreement.municipality_id for item in items):
        raise ValidationError("施策は自分の自治体の総合計画から選んでください。")
    Agreement.objects.select_for_update().get(pk=agreement.pk)
    wanted = {item.pk: item for item in items}
    choosable = PlanItem.objects.choosable(agreement.municipality_id).values("pk")
    for link in PlanLink.objects.filter(agreement=agreement, plan_item__in=choosable):
        if wanted.pop(link.plan_item_id, None) is None:
            link.delete()
    stored = set(PlanLink.objects.filter(agreement=agreement).values_list("plan_item_id", flat=True))
    for key, item in wanted.items():
        if key not in stored:
            PlanLink(agreement=agreement, plan_item=item).save()
