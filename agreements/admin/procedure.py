"""The way to the signing: looked at across agreements; only a municipality's own checklist is edited here."""

from django.contrib import admin

from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import GuardedAdmin, NeverDeletedMixin

from ..models import (
    Approval,
    DepartmentOpinion,
    IntakeAnswer,
    IntakeCriterion,
    Proposal,
    SigningCeremony,
    Transition,
)
from .records import AgreementPrefectureFilter, AgreementRecordAdmin, ReadOnlyInline


@admin.register(IntakeCriterion)
class IntakeCriterionAdmin(NeverDeletedMixin, GuardedAdmin):
    """What was asked stays; a criterion that is no longer asked gets its last day."""

    list_display = ["text", "municipality", "valid_from", "valid_to"]
    list_filter = [("valid_to", admin.EmptyFieldListFilter), MunicipalityPrefectureFilter]
    list_select_related = ["municipality"]
    search_fields = ["text", "hint", "municipality__name"]
    search_help_text = "基準・確かめ方・自治体名"
    fields = ["municipality", "text", "hint", ("valid_from", "valid_to"), ("created_at", "updated_at")]
    autocomplete_fields = ["municipality"]
    readonly_fields = ["created_at", "updated_at"]


class IntakeAnswerInline(ReadOnlyInline):
    model = IntakeAnswer
    fields = ["question", "result", "note"]


@admin.register(Proposal)
class ProposalAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "proposer", "company", "received_on", "received_by"]
    list_select_related = ["agreement", "company", "received_by"]
    search_fields = [*AgreementRecordAdmin.search_fields, "proposer"]
    search_help_text = "協定名称・管理番号・提案者"
    fields = [
        "agreement",
        ("proposer", "company"),
        "summary",
        ("received_on", "received_by"),
        ("created_at", "updated_at"),
    ]
    inlines = [IntakeAnswerInline]


@admin.register(DepartmentOpinion)
class DepartmentOpinionAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "department", "asked_on", "due_on", "answer", "answered_at"]
    list_filter = ["answer", ("withdrawn_at", admin.EmptyFieldListFilter), AgreementPrefectureFilter]
    list_select_related = ["agreement", "department"]
    search_fields = [*AgreementRecordAdmin.search_fields, "department__name"]
    search_help_text = "協定名称・管理番号・課名"
    fields = [
        ("agreement", "department"),
        "question",
        ("asked_on", "asked_by", "due_on"),
        "answer",
        "text",
        ("answered_by", "answered_at"),
        "withdrawn_at",
    ]


@admin.register(Approval)
class ApprovalAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "drafted_on", "decision", "document_number", "decider", "decided_on"]
    list_filter = ["decision", AgreementPrefectureFilter]
    search_fields = [*AgreementRecordAdmin.search_fields, "document_number", "decider_name"]
    search_help_text = "協定名称・管理番号・文書番号・決裁者の氏名"
    fields = [
        "agreement",
        ("drafter", "drafted_on"),
        ("decision", "decided_on"),
        "document_number",
        ("decider_title", "decider_name"),
        "comment",
        "decided_by",
        ("created_at", "updated_at"),
    ]

    @admin.display(description="決裁者")
    def decider(self, obj: Approval) -> str:
        return obj.decider


@admin.register(SigningCeremony)
class SigningCeremonyAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "held_on", "place", "cancelled_at"]
    list_filter = [("cancelled_at", admin.EmptyFieldListFilter), AgreementPrefectureFilter]
    search_fields = [*AgreementRecordAdmin.search_fields, "place"]
    search_help_text = "協定名称・管理番号・場所"
    fields = [
        "agreement",
        ("held_on", "place"),
        ("own_attendees", "partner_attendees"),
        "note",
        "cancelled_at",
        ("created_at", "updated_at"),
    ]


@admin.register(Transition)
class TransitionAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "verb", "from_state", "to_state", "on", "by"]
    list_filter = ["to_state", AgreementPrefectureFilter]
    list_select_related = ["agreement", "by"]
    fields = ["agreement", ("from_state", "to_state", "on"), "comment", ("by", "at"), "undoes"]

    @admin.display(description="手続き")
    def verb(self, obj: Transition) -> str:
        return obj.label
