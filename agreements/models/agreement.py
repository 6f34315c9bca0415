from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.urls import reverse

from agreements.choices import (
    AgreementKind,
    AgreementState,
    ApprovalDecision,
    EndedReason,
    Publication,
    Retention,
)
from agreements.domain import kana, lifecycle, procedure, renewal, retention
from municipalities import access
from municipalities.models import Department, Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField
from municipalities.validators import validate_kana

from .agreement_search import SearchQuerySet
from .agreement_terms import IN_FORCE, TERM_FIELDS


class AgreementQuerySet(SearchQuerySet):
    def alive(self) -> "AgreementQuerySet":
        return self.filter(deleted_at=None)

    def visible_to(self, user) -> "AgreementQuerySet":
        return self.alive().filter(access.visible_agreements(user))

    def internal_to(self, user) -> "AgreementQuerySet":
        """Agreements whose internal fields this person may read."""
        return self.alive().filter(access.internal_agreements(user))

    def api_readable_by(self, principal) -> "AgreementQuerySet":
        """Agreements that a token of the API may read, drafts too."""
        return self.alive().filter(access.api_readable(principal))

    def editable_by(self, user) -> "AgreementQuerySet":
        return self.alive().filter(access.editable_agreements(user))

    def restorable_by(self, user) -> "AgreementQuerySet":
        """Deleted agreements this person may bring back."""
        return self.exclude(deleted_at=None).filter(access.editable_agreements(user))

    def with_company(self, company) -> "AgreementQuerySet":
        """Agreements to which this company is a party (at most once: `party_company_once`)."""
        return self.filter(parties__company=company)

    def in_category(self, category: str) -> "AgreementQuerySet":
        """Agreements with an item of this 分野."""
        from .cooperation_field import CooperationFieldCategory

        items = CooperationFieldCategory.objects.filter(category=category)
        return self.filter(pk__in=items.values("cooperation_field__agreement"))

    def with_overdue_actions(self, today: date) -> "AgreementQuerySet":
        return self.filter(models.Exists(self._live_actions().overdue(today)))

    def due_for_disposal(self, today: date) -> "AgreementQuerySet":
        """Ended agreements whose 保存年限 is over, deleted ones too; not those another agreement hangs on.

        The same rule as `disposal_due`, for a database.
        """
        due = Q(pk__in=())
        for years in Retention.values:
            if years < retention.PERMANENT:
                due |= Q(retention=years, ended_on__lte=retention.last_end_due(years, today))
        ended = self.filter(due, state=AgreementState.ENDED)
        needed = Agreement.objects.filter(parent=models.OuterRef("pk")).exclude(
            due, state=AgreementState.ENDED
        )
        return ended.exclude(models.Exists(needed))

    def without_actions(self) -> "AgreementQuerySet":
        """Agreements in force that nobody has broken down to a single action."""
        return self.active().filter(~models.Exists(self._live_actions()))

    def without_meeting_since(self, day: date) -> "AgreementQuerySet":
        """Agreements in force signed before `day` whose last meeting, if any, was before it too."""
        from .meeting import Meeting

        recent = Meeting.objects.alive().filter(agreement=models.OuterRef("pk"), held_on__gte=day)
        return self.active().exclude(signed_on__gte=day).filter(~models.Exists(recent))

    def without_signed_paper(self) -> "AgreementQuerySet":
        """Agreements in force of which neither a signed file nor the place of the paper is known."""
        from .document import AgreementDocument

        signed = AgreementDocument.objects.signed().filter(agreement=models.OuterRef("pk"))
        return self.active().filter(~models.Exists(signed), paper_original_only=False)

    def with_items_without_category(self) -> "AgreementQuerySet":
        """Agreements with an item that nobody has put into a 分野."""
        from .cooperation_field import CooperationField

        items = CooperationField.objects.filter(agreement=models.OuterRef("pk"), categories=None)
        return self.filter(models.Exists(items))

    def _live_actions(self):
        from .action_item import ActionItem

        return ActionItem.objects.alive().filter(agreement=models.OuterRef("pk"))


class Agreement(Recorded):
    """協定: what was promised, by whom, from when to when. Other models hang on it."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="agreements", verbose_name="自治体"
    )
    ledger_number = LineField("管理番号", max_length=30)
    # A title can be unknown for agreements taken over from old ledgers: then it stays empty.
    title = LineField("協定名称", max_length=200, blank=True)
    title_kana = LineField("かな", max_length=300, blank=True, validators=[validate_kana])
    kind = models.CharField("種別", max_length=20, choices=AgreementKind, default=AgreementKind.COMPREHENSIVE)
    state = models.CharField("状態", max_length=12, choices=AgreementState, default=AgreementState.PROPOSED)
    backfilled = models.BooleanField("過去の協定の登録", default=False)
    # A taken-over agreement is 未整備, without a grade, until somebody has looked through it.
    reviewed_on = models.DateField("整備を確認した日", null=True, blank=True, editable=False)
    purpose = ProseField("目的", max_length=4000, blank=True)

    signed_on = models.DateField("締結日", null=True, blank=True)
    effective_on = models.DateField("効力発生日", null=True, blank=True)
    first_expiry = models.DateField("当初の満了日", null=True, blank=True)
    auto_renew = models.BooleanField("自動更新", default=False)
    renewal_months = models.PositiveSmallIntegerField("更新期間（月）", null=True, blank=True)
    notice_months = models.PositiveSmallIntegerField("通知期限（満了の何か月前）", null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField("通知期限（満了の何日前）", null=True, blank=True)
    renewal_text = ProseField("更新条件の原文", max_length=2000, blank=True)
    # Kept by save() and rolled nightly: what the terms above mean as of the day of writing.
    expires_on = models.DateField("現在の満了日", null=True, blank=True, editable=False)
    notice_on = models.DateField("現在の通知期限", null=True, blank=True, editable=False)
    # What the 更新判断 (`RenewalDecision`) settled: kept by `actions.renew`.
    extended_to = models.DateField("更新で延ばした満了日", null=True, blank=True, editable=False)
    terminates_on = models.DateField("終了と決めた満了日", null=True, blank=True, editable=False)

    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name="主担当課",
    )
    person_in_charge = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements_in_charge",
        verbose_name="担当者",
    )
    related_departments = models.ManyToManyField(
        Department, blank=True, related_name="related_agreements", verbose_name="関係課"
    )
    document_number = LineField("文書番号", max_length=60, blank=True)
    approved_on = models.DateField("決裁日", null=True, blank=True)
    council_resolution_on = models.DateField("議会議決日", null=True, blank=True)
    paper_original_only = models.BooleanField("紙原本のみ", default=False)
    retention = models.PositiveSmallIntegerField("保存年限", choices=Retention, null=True, blank=True)
    note = ProseField("備考（内部用）", max_length=4000, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="親協定"
    )
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="predecessors",
        verbose_name="移行先の協定",
    )
    ended_on = models.DateField("終了日", null=True, blank=True)
    ended_reason = models.CharField("終了理由", max_length=20, choices=EndedReason, blank=True)

    publication = models.CharField(
        "公開区分", max_length=10, choices=Publication, default=Publication.PRIVATE
    )
    published_on = models.DateField("公開日", null=True, blank=True)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    version = models.PositiveIntegerField("版", default=1, editable=False)
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)
    fiscal_year = models.GeneratedField(
        expression=models.Case(
            models.When(signed_on__month__lt=4, then=ExtractYear("signed_on") - 1),
            default=ExtractYear("signed_on"),
        ),
        output_field=models.SmallIntegerField("締結年度", null=True),
        db_persist=True,
    )
    kana_key = models.CharField(max_length=700, editable=False, default="")

    history = history(
        m2m_fields=[related_departments],
        excluded_fields=["fiscal_year", "kana_key", "expires_on", "notice_on"],
        history_change_reason_field=models.TextField("理由", null=True),
    )
    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = "協定"
        verbose_name_plural = "協定"
        ordering = [F("signed_on").desc(nulls_last=True), "-pk"]
        indexes = [
            models.Index(F("signed_on").desc(), F("id").desc(), name="agreement_signed"),
            models.Index("municipality", F("signed_on").desc(), F("id").desc(), name="agreement_own_signed"),
            models.Index("kana_key", "id", name="agreement_kana"),
            models.Index("municipality", "kana_key", "id", name="agreement_own_kana"),
            models.Index("fiscal_year", F("signed_on").desc(), F("id").desc(), name="agreement_year"),
            models.Index(
                "municipality",
                "expires_on",
                "id",
                condition=Q(state__in=IN_FORCE, deleted_at=None),
                name="agreement_own_expires",
            ),
            models.Index("expires_on", "id", name="agreement_expires"),
            models.Index("notice_on", "id", name="agreement_notice"),
            models.Index("updated_at", "id", name="agreement_updated"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "ledger_number"],
                name="agreement_ledger_number_once",
                violation_error_message="この管理番号はすでに使われています。",
            ),
            models.CheckConstraint(
                condition=Q(effective_on=None)
                | Q(first_expiry=None)
                | Q(effective_on__lte=F("first_expiry")),
                name="agreement_effective_before_expiry",
                violation_error_message="満了日は効力発生日以後の日にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(auto_renew=False) | Q(renewal_months__gt=0),
                name="agreement_renewal_has_a_length",
                violation_error_message="自動更新のときは、更新期間（月）を入力してください。",
            ),
            models.CheckConstraint(
                condition=Q(notice_months=None) | Q(notice_days=None),
                name="agreement_one_notice_period",
                violation_error_message="通知期限は「か月前」か「日前」のどちらか一方にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(signed_on=None) | Q(ended_on__gte=F("signed_on")),
                name="agreement_ends_after_signing",
                violation_error_message="終了日は締結日以後の日にしてください。",
            ),
            models.CheckConstraint(
                condition=~Q(state=AgreementState.ENDED) | ~Q(ended_reason="") | Q(backfilled=True),
                name="agreement_end_has_a_reason",
                violation_error_message="終了した協定には終了理由が必要です。",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"（名称未登録）{self.ledger_number}"

    def save(self, *args, **kwargs) -> None:
        self.kana_key = kana.sort_key(self.title_kana)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement-detail", args=[self.pk])

    def clean(self) -> None:
        super().clean()
        if self.department and self.department.municipality_id != self.municipality_id:
            raise ValidationError({"department": "主担当課は自分の自治体の課から選んでください。"})
        if self.parent_id and self.parent_id == self.pk:
            raise ValidationError({"parent": "自分自身を親協定にはできません。"})

    @property
    def terms(self) -> renewal.Terms:
        """The renewal terms as plain values for `domain.renewal`."""
        return renewal.Terms(*(getattr(self, name) for name in TERM_FIELDS))

    def set_expiry(self, today: date) -> None:
        """Compute `expires_on` and `notice_on` as of today (not saved)."""
        self.expires_on = renewal.current_expiry(self.terms, today)
        self.notice_on = renewal.notice_deadline(self.terms, today)

    def decided_for(self) -> date | None:
        """The expiry that the newest standing 更新判断 is about."""
        decisions = self.renewal_decisions.standing()  # type: ignore[attr-defined]
        return decisions.aggregate(term=models.Max("term"))["term"]

    @property
    def disposal_due(self) -> date | None:
        """The first day on which the records may be disposed of."""
        return retention.disposal_due(self.ended_on, self.retention)

    @property
    def text_lock(self) -> procedure.TextLock:
        """Whether the text (`procedure.TEXT_FIELDS`, parties, items) may be written now."""
        return procedure.text_lock(lifecycle.State(self.state), backfilled=self.backfilled)

    @property
    def is_text_decided(self) -> bool:
        """Whether the 決裁 about the text is over: what is printed then is no draft any more."""
        if self.state == AgreementState.APPROVING:
            return self.approvals.filter(decision=ApprovalDecision.APPROVED).exists()
        return self.is_signed

    @property
    def is_signed(self) -> bool:
        return self.state in (*IN_FORCE, AgreementState.ENDED)

    @property
    def is_unprepared(self) -> bool:
        """未整備: taken over from an old ledger, and nobody has looked through it yet."""
        return self.backfilled and self.reviewed_on is None

    def has_signed_file(self) -> bool:
        """Whether the signed paper is among the documents."""
        documents = getattr(self, "documents", None)
        return documents is not None and documents.signed().exists()

    def last_meeting_on(self) -> date | None:
        """The day of the last meeting, None without one."""
        meetings = self.meetings.filter(deleted_at=None)  # type: ignore[attr-defined]
        return meetings.aggregate(last=models.Max("held_on"))["last"]

    def has_e03(self) -> bool:
        """Whether the two sides still differ on who pays, or on an order the company hopes for."""
        from .expectation_sheet import blocks_approval

        return blocks_approval(self)

    def facts(self, **planned: Any) -> lifecycle.AgreementFacts:
        """What guards and badges need to know, read from the database; `planned` values take precedence."""
        values = {
            "state": lifecycle.State(self.state),
            "party_count": self.parties.count(),
            "item_count": self.cooperation_fields.count(),
            "has_department": self.department_id is not None,
            "has_e03": self.has_e03(),
            "is_approved": self.approvals.filter(decision=ApprovalDecision.APPROVED).exists(),
            "signed_on": self.signed_on,
            "has_signed_file": self.has_signed_file(),
            "paper_original_only": self.paper_original_only,
            "ended_reason": self.ended_reason,
            "ended_on": self.ended_on,
            "terms": self.terms,
            "decided_for": self.decided_for(),
            "last_activity_on": self.last_meeting_on(),
            "unprepared": self.is_unprepared,
        }
        return lifecycle.AgreementFacts(**{**values, **planned})
