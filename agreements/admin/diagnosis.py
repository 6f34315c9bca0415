"""診断: what was found and answered, for looking only; the settings are kept on the manager's page."""

from django.contrib import admin

from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import ReadOnlyMixin, RecordAdmin

from ..models import (
    DiagnosisMonth,
    DiagnosisResponse,
    DiagnosisResult,
    DiagnosisSettings,
    FairnessLink,
    Restart,
)
from .records import AgreementPrefectureFilter, AgreementRecordAdmin

_GRADES = [
    ("overall_grade", "overall_score"),
    ("clarity_grade", "clarity_score"),
    ("alignment_grade", "alignment_score"),
    ("vitality_grade", "vitality_score"),
]


@admin.register(DiagnosisResult)
class DiagnosisResultAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "overall_grade", "overall_score", "finding_count", "computed_at"]
    list_filter = ["overall_grade", AgreementPrefectureFilter]
    fields = ["agreement", *_GRADES, "overall_axis", "rules", "finding_count", ("on", "computed_at")]


@admin.register(DiagnosisMonth)
class DiagnosisMonthAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "month", "overall_grade", "overall_score"]
    list_filter = ["overall_grade", AgreementPrefectureFilter]
    fields = ["agreement", "month", *_GRADES]


@admin.register(DiagnosisResponse)
class DiagnosisResponseAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "rule", "given_on", "by", "withdrawn_at"]
    list_select_related = ["agreement", "by"]
    list_filter = ["rule", AgreementPrefectureFilter]
    fields = [
        "agreement",
        ("rule", "subject_kind", "subject_key"),
        "reason",
        ("given_on", "by"),
        ("withdrawn_at", "created_at", "updated_at"),
    ]


@admin.register(DiagnosisSettings)
class DiagnosisSettingsAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["municipality", "updated_at"]
    list_select_related = ["municipality"]
    list_filter = [MunicipalityPrefectureFilter]
    search_fields = ["municipality__name"]
    search_help_text = "自治体名"
    fields = ["municipality", "changes", ("created_at", "updated_at")]


@admin.register(Restart)
class RestartAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "begun_on", "meet_on", "outcome", "closed_on"]
    list_filter = ["outcome", AgreementPrefectureFilter]
    fields = [
        "agreement",
        ("begun_on", "begun_by", "grade_before"),
        "meet_on",
        "agenda",
        "decisions",
        ("outcome", "closed_on"),
        "outcome_note",
        ("withdrawn_at", "created_at", "updated_at"),
    ]


@admin.register(FairnessLink)
class FairnessLinkAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["action", "meeting", "by", "created_at", "withdrawn_at"]
    list_select_related = ["action", "meeting", "by"]
    list_filter = [("withdrawn_at", admin.EmptyFieldListFilter)]
    search_fields = ["action__title", "action__agreement__title", "action__agreement__ledger_number"]
    search_help_text = "取組・協定名称・管理番号"
    ordering = ["-pk"]
    fields = ["action", "meeting", "note", "by", ("created_at", "updated_at", "withdrawn_at")]
