"""What happens to agreements after they are signed: looked at across agreements, written in the product."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from municipalities.admin import MunicipalityPrefectureFilter, PrefectureFilter
from municipalities.admin_site import CompactInline, ReadOnlyMixin, RecordAdmin

from ..models import (
    Amendment,
    AmendmentItem,
    DisposalItem,
    DisposalList,
    Meeting,
    MeetingTask,
    OwnerChange,
    PlanLink,
    ProgressEntry,
    RenewalDecision,
)


class AgreementPrefectureFilter(PrefectureFilter):
    """都道府県 of the agreement that a row belongs to."""

    lookup = "agreement__municipality__prefecture_code"


class AgreementRecordAdmin(ReadOnlyMixin, RecordAdmin):
    """The base of pages of what belongs to an agreement. Its verbs (`actions`) write it, and they alone:

    a state, a term or a search text behind it would no longer fit what is changed here.
    """

    list_filter: ClassVar[Any] = [AgreementPrefectureFilter]
    list_select_related: ClassVar[Any] = ["agreement"]
    search_fields = ["agreement__title", "agreement__ledger_number"]
    search_help_text = "協定名称・管理番号"
    ordering = ["-pk"]


class ReadOnlyInline(ReadOnlyMixin, CompactInline):
    """The parts of a row that is only looked at."""


class AmendmentItemInline(ReadOnlyInline):
    model = AmendmentItem
    fields = ["number", "text"]


@admin.register(Amendment)
class AmendmentAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "number", "state", "document_number", "decided_on", "effective_on"]
    list_filter = ["state", AgreementPrefectureFilter]
    search_fields = [*AgreementRecordAdmin.search_fields, "document_number"]
    search_help_text = "協定名称・管理番号・文書番号"
    fields = [
        ("agreement", "number"),
        ("state", "version"),
        "reason",
        "reverts",
        ("title", "title_kana"),
        "purpose",
        "first_expiry",
        ("auto_renew", "renewal_months"),
        ("notice_months", "notice_days"),
        "renewal_text",
        ("document_number", "decided_on", "effective_on"),
        "decided_by",
        "comment",
        ("created_by", "created_at", "updated_at"),
    ]
    inlines = [AmendmentItemInline]


class MeetingTaskInline(ReadOnlyInline):
    model = MeetingTask
    fields = ["order", "side", "who", "what", "due_on", "action_item"]
    readonly_fields = ["action_item"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("action_item")


@admin.register(Meeting)
class MeetingAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "held_on", "form", "next_on", "deleted_at"]
    list_filter = ["form", ("deleted_at", admin.EmptyFieldListFilter), AgreementPrefectureFilter]
    search_fields = [*AgreementRecordAdmin.search_fields, "summary", "decisions"]
    search_help_text = "協定名称・管理番号・要旨・決まったこと"
    fields = [
        "agreement",
        ("held_on", "form"),
        ("own_attendees", "partner_attendees"),
        "summary",
        "decisions",
        "next_on",
        "documents",
        ("registered_by", "created_at", "updated_at", "deleted_at"),
    ]
    inlines = [MeetingTaskInline]

    @admin.display(description="登録者")
    def registered_by(self, obj: Meeting) -> str:
        return str(obj.created_by or "-")


@admin.register(ProgressEntry)
class ProgressEntryAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["action", "on", "value", "by", "deleted_at"]
    list_filter = [("deleted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["action", "by"]
    search_fields = ["action__title", "text"]
    search_help_text = "取組・できごと"
    ordering = ["-pk"]
    fields = [
        "action",
        ("on", "value"),
        "text",
        "documents",
        ("by", "created_at", "updated_at", "deleted_at"),
    ]


@admin.register(RenewalDecision)
class RenewalDecisionAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "term", "decision", "decided_on", "extended_to", "by", "withdrawn_at"]
    list_filter = ["decision", ("withdrawn_at", admin.EmptyFieldListFilter), AgreementPrefectureFilter]
    list_select_related = ["agreement", "by"]
    fields = [
        "agreement",
        "term",
        ("decision", "decided_on", "extended_to"),
        "reason",
        ("by", "created_at"),
        ("withdrawn_at", "withdrawn_by"),
        "withdrawn_reason",
    ]


@admin.register(OwnerChange)
class OwnerChangeAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["summary", "municipality", "by", "at", "undone_at"]
    list_filter = [("undone_at", admin.EmptyFieldListFilter), MunicipalityPrefectureFilter]
    list_select_related = ["municipality", "by"]
    search_fields = ["summary", "municipality__name"]
    search_help_text = "内容・自治体名"
    fields = ["municipality", "summary", "abolished", "number_of_values", ("by", "at"), "undone_at"]

    @admin.display(description="変更した値の数")
    def number_of_values(self, obj: OwnerChange) -> int:
        return len(obj.moves)


@admin.register(DisposalList)
class DisposalListAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["title", "municipality", "state", "created_by", "approved_by", "approved_on"]
    list_filter = ["state", MunicipalityPrefectureFilter]
    list_select_related = ["municipality", "created_by", "approved_by"]
    search_fields = ["title", "municipality__name"]
    search_help_text = "件名・自治体名"
    fields = [
        "municipality",
        "title",
        "state",
        ("created_by", "created_at"),
        ("approved_by", "approved_on"),
    ]


@admin.register(DisposalItem)
class DisposalItemAdmin(ReadOnlyMixin, RecordAdmin):
    """On its own page: a list may be as long as a ledger."""

    list_display = ["ledger_number", "title", "disposal_list", "ended_on", "due_on", "disposed_on"]
    list_display_links = ["ledger_number", "title"]
    list_filter = [("disposed_on", admin.EmptyFieldListFilter)]
    list_select_related = ["disposal_list"]
    search_fields = ["title", "ledger_number", "counterparts", "disposal_list__title"]
    search_help_text = "協定名称・管理番号・相手方・目録の件名"
    ordering = ["-pk"]
    fields = [
        "disposal_list",
        ("agreement", "agreement_number"),
        ("ledger_number", "title"),
        ("kind", "counterparts"),
        ("signed_on", "ended_on", "ended_reason"),
        ("retention", "due_on", "disposed_on"),
    ]


@admin.register(PlanLink)
class PlanLinkAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "plan_item", "created_at"]
    list_select_related = ["agreement", "plan_item"]
    search_fields = [*AgreementRecordAdmin.search_fields, "plan_item__name", "plan_item__code"]
    search_help_text = "協定名称・管理番号・施策の名称・コード"
    fields = ["agreement", "plan_item", ("created_at", "updated_at")]
