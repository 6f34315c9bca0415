"""協定書: the clause libraries, and the versions of texts (written in the product alone)."""

from django.contrib import admin

from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import GuardedAdmin, NeverDeletedMixin

from ..models import Clause, TextVersion
from .records import AgreementRecordAdmin


@admin.register(Clause)
class ClauseAdmin(NeverDeletedMixin, GuardedAdmin):
    list_display = ["heading", "kind", "use", "municipality", "retired_at"]
    list_filter = ["kind", "use", ("retired_at", admin.EmptyFieldListFilter), MunicipalityPrefectureFilter]
    list_select_related = ["municipality"]
    search_fields = ["heading", "text", "municipality__name"]
    search_help_text = "見出し・本文・自治体名"
    fields = ["municipality", ("kind", "use"), "heading", "text", "retired_at", ("created_at", "updated_at")]
    autocomplete_fields = ["municipality"]
    readonly_fields = ["retired_at", "created_at", "updated_at"]


@admin.register(TextVersion)
class TextVersionAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "number", "origin", "note", "created_by", "created_at"]
    list_filter = ["origin", *AgreementRecordAdmin.list_filter]
    list_select_related = ["agreement", "created_by"]
    fields = [
        ("agreement", "number"),
        ("origin", "restored_from"),
        "note",
        ("created_by", "created_at"),
    ]
