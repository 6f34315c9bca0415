"""すり合わせ: looked at across agreements, written in the product. What a company sent stays unread here."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from municipalities.admin_site import ReadOnlyMixin, RecordAdmin

from ..models import (
    CompanyMerge,
    CompanySubmission,
    ExpectationAnswer,
    ExpectationConfirmation,
    ExpectationRound,
    ExpectationRow,
)
from .records import AgreementPrefectureFilter, AgreementRecordAdmin, PrefectureFilter, ReadOnlyInline


class RowInline(ReadOnlyInline):
    model = ExpectationRow
    fields = ["item_number", "item_text", "agreed_wording", "agreed_on"]


@admin.register(ExpectationRound)
class ExpectationRoundAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "number", "occasion", "state", "opened_at", "confirmed_at"]
    list_filter = ["state", "occasion", AgreementPrefectureFilter]
    search_fields = [*AgreementRecordAdmin.search_fields, "sheet_id"]
    search_help_text = "協定名称・管理番号・シート番号"
    fields = [
        ("agreement", "number", "occasion"),
        ("state", "sheet_id", "version"),
        ("own_submitted_at", "own_submitted_by"),
        ("opened_at", "opened_by"),
        "confirmed_at",
        ("cancelled_at", "cancelled_by"),
        "cancelled_reason",
        ("created_by", "created_at", "updated_at"),
    ]
    inlines = [RowInline]


class RowPrefectureFilter(PrefectureFilter):
    """都道府県 of the agreement of a row."""

    lookup = "round__agreement__municipality__prefecture_code"


class AnswerInline(ReadOnlyInline):
    """The company's answers are rows only once they are opened and accepted."""

    model = ExpectationAnswer
    fields = ["side", "expects", "kinds_in_words", "offers", "cost", "cost_cap", "cost_note"]
    readonly_fields = ["kinds_in_words"]

    @admin.display(description="期待の種類")
    def kinds_in_words(self, obj: ExpectationAnswer) -> str:
        return obj.kinds_words


class ConfirmationInline(ReadOnlyInline):
    model = ExpectationConfirmation
    fields = ["side", "title", "name", "confirmed_on", "evidence", "recorded_at", "withdrawn_at"]
    readonly_fields = ["recorded_at"]


@admin.register(ExpectationRow)
class ExpectationRowAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["item_text", "item_number", "round", "agreed_cost", "agreed_on"]
    list_filter: ClassVar = [RowPrefectureFilter]
    list_select_related = ["round"]
    search_fields = ["item_text", "round__agreement__title", "round__sheet_id"]
    search_help_text = "項目・協定名称・シート番号"
    ordering = ["-pk"]
    fields = [
        ("round", "item_number"),
        "item_text",
        "agreed_wording",
        "roles",
        ("agreed_cost", "agreed_cost_cap"),
        ("procurement", "procurement_method"),
        "not_to_do",
        "measure",
        ("first_action", "first_action_due"),
        "stop_conditions",
        ("agreed_on", "created_at", "updated_at"),
    ]
    inlines = [AnswerInline, ConfirmationInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("round__agreement")


@admin.register(CompanySubmission)
class CompanySubmissionAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "kind", "source", "state", "received_at", "decided_by"]
    list_filter = ["state", "kind", "source", AgreementPrefectureFilter]
    list_select_related = ["agreement", "decided_by"]
    fields = [
        ("agreement", "round"),
        ("kind", "source"),
        ("received_at", "received_by"),
        "file_name",
        ("state", "decided_at", "decided_by"),
        "note",
    ]


@admin.register(CompanyMerge)
class CompanyMergeAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["source_name", "target", "by", "at", "undone_at"]
    list_filter: ClassVar = [("undone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["target", "by"]
    search_fields = ["source_name", "target__name"]
    search_help_text = "統合前の名称・統合先"
    ordering = ["-pk"]
    fields = [("source", "source_name", "target"), ("by", "at"), "undone_at"]
