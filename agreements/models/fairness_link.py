from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import ProseField

from .action_item import ActionItem
from .company import Company
from .meeting import Meeting
from .party import Party


class FairnessLinkQuerySet(models.QuerySet["FairnessLink"]):
    def alive(self) -> "FairnessLinkQuerySet":
        """Links that hold, of a 取組 and a 会議 that are both still there."""
        return self.filter(
            withdrawn_at=None,
            action__deleted_at=None,
            meeting__deleted_at=None,
            action__agreement__deleted_at=None,
            meeting__agreement__deleted_at=None,
        )

    def internal_to(self, user: Any) -> "FairnessLinkQuerySet":
        mine = self.filter(access.internal_agreements(user, "action__agreement__"))
        return mine.filter(action__deleted_at=None, action__agreement__deleted_at=None)


class FairnessLink(Recorded):
    """公平性の記録: a talk while the policy was being made, and the procurement that came of it.

    The two may belong to different agreements with the same company. A link that is taken back stays, so that
    it can be brought back; linking the same pair again is bringing it back.
    """

    action = models.ForeignKey(
        ActionItem, models.CASCADE, related_name="fairness_links", verbose_name="調達になった取組"
    )
    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="fairness_links", verbose_name="政策形成段階の話し合い"
    )
    note = ProseField(
        "経緯の説明",
        max_length=1000,
        blank=True,
        help_text="例：意見交換の内容は仕様書案とともに公表し、ほかの事業者からも意見を聞いた。",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="結び付けた人",
    )
    withdrawn_at = models.DateTimeField("取消日時", null=True, blank=True, editable=False)

    history = history()
    objects = FairnessLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "公平性の記録"
        verbose_name_plural = "公平性の記録"
        ordering = ["action", "meeting", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "meeting"],
                name="fairness_link_once",
                violation_error_message="この話し合いは、すでに結び付いています。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting} → {self.action}"

    def clean(self) -> None:
        super().clean()
        if self.meeting_id not in {each.pk for each in talks_before(self.action)}:
            raise ValidationError(
                {"meeting": "同じ相手方との、契約より前の政策形成段階の話し合いを選んでください。"}
            )

    @property
    def agreement(self) -> Any:
        return self.action.agreement


def procurement_day(action: ActionItem) -> date:
    """From when on it counts as a procurement: its begin, else its end, else the day it was written down."""
    return action.starts_on or action.due_on or timezone.localtime(action.created_at).date()


def talks_before(action: ActionItem) -> list[Meeting]:
    """Policy-stage talks with any 相手方 of this 取組 up to its procurement, the newest first; two queries.

    None for a 取組 without a 契約方式: it is no procurement.
    """
    if not action.contract_method:
        return []
    companies = list(_companies().filter(agreement=action.agreement_id).values_list("company", flat=True))
    talks = Meeting.objects.alive().filter(
        is_policy_talk=True,
        held_on__lte=procurement_day(action),
        agreement__municipality=action.agreement.municipality_id,
        agreement__in=_companies().filter(company__in=companies).values("agreement"),
    )
    return list(talks.select_related("agreement").order_by("-held_on", "-pk"))


@dataclass(slots=True)
class Procurement:
    """A 取組 with a contract: the talks before it, each with its link (None: nobody has linked them)."""

    action: ActionItem
    day: date
    talks: list[tuple[Meeting, FairnessLink | None]] = field(default_factory=list)

    @property
    def unlinked(self) -> list[Meeting]:
        return [talk for talk, link in self.talks if link is None]


@dataclass(slots=True)
class CompanyRecord:
    """One company: its policy-stage talks and its procurements, the newest first."""

    company: Company
    talks: list[Meeting]
    procurements: list[Procurement]

    @property
    def unlinked_count(self) -> int:
        return sum(len(each.unlinked) for each in self.procurements)


def fairness_record(user: Any) -> list[CompanyRecord]:
    """Of the own municipality: companies with a talk or a procurement; a fixed number of queries.

    Companies with unlinked pairs come first.
    """
    own = access.own_municipality(user, "agreement__")
    talks = Meeting.objects.internal_to(user).filter(own, is_policy_talk=True).select_related("agreement")
    actions = ActionItem.objects.internal_to(user).filter(own).exclude(contract_method="")
    talks_of, actions_of = _by_agreement(talks), _by_agreement(actions.select_related("agreement"))
    links = {
        (link.action_id, link.meeting_id): link
        for link in FairnessLink.objects.alive().filter(action__in=actions.order_by()).select_related("by")
    }
    parties = _companies().filter(agreement__in={*talks_of, *actions_of}).select_related("company")
    companies: dict[int, Company] = {}
    agreements_of: dict[int, set[int]] = defaultdict(set)
    for party in parties:
        if party.company is not None:
            companies[party.company.pk] = party.company
            agreements_of[party.company.pk].add(party.agreement_id)
    found = [
        _record(company, agreements_of[pk], talks_of, actions_of, links) for pk, company in companies.items()
    ]
    return sorted(found, key=lambda each: (-each.unlinked_count, each.company.kana_key, each.company.pk))


def _companies() -> models.QuerySet[Party]:
    return Party.objects.exclude(company=None)


def _by_agreement(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.agreement_id].append(row)
    return found


def _record(
    company: Company,
    agreements: set[int],
    talks_of: dict[int, list[Meeting]],
    actions_of: dict[int, list[ActionItem]],
    links: dict[tuple[int, int], FairnessLink],
) -> CompanyRecord:
    talks = [talk for pk in agreements for talk in talks_of.get(pk, ())]
    talks.sort(key=lambda talk: (talk.held_on, talk.pk), reverse=True)
    procurements = [
        Procurement(action, procurement_day(action)) for pk in agreements for action in actions_of.get(pk, ())
    ]
    procurements.sort(key=lambda each: (each.day, each.action.pk), reverse=True)
    for each in procurements:
        each.talks = [
            (talk, links.get((each.action.pk, talk.pk))) for talk in talks if talk.held_on <= each.day
        ]
    return CompanyRecord(company, talks, procurements)
