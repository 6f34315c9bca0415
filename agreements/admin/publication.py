"""What went out: looked at across municipalities, written in the product."""

from django.contrib import admin

from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import ReadOnlyMixin, RecordAdmin

from ..models import PublicEdition, PublicProfile
from .records import AgreementPrefectureFilter, AgreementRecordAdmin


@admin.register(PublicProfile)
class PublicProfileAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["municipality", "display_name", "licence", "updated_at"]
    list_filter = ["licence", MunicipalityPrefectureFilter]
    list_select_related = ["municipality"]
    search_fields = ["municipality__name", "display_name"]
    search_help_text = "自治体名・ページの名称"
    ordering = ["municipality"]
    fields = [
        "municipality",
        "fields",
        "display_name",
        "contact",
        "website",
        "licence",
        ("logo", "host_name"),
        ("created_at", "updated_at"),
    ]


@admin.register(PublicEdition)
class PublicEditionAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "number", "kind", "on", "is_current"]
    list_filter = ["kind", "is_current", AgreementPrefectureFilter]
    fields = [
        ("agreement", "municipality"),
        ("number", "kind", "is_current"),
        ("on", "by", "at"),
        "reason",
        "changed",
        "payload",
    ]
