"""台帳の取込み: looked at here, done in the product."""

from django.contrib import admin

from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import ReadOnlyMixin, RecordAdmin

from ..models import ImportMapping, ImportRow, LedgerImport


@admin.register(LedgerImport)
class LedgerImportAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["original_name", "kind", "state", "by", "municipality", "created_at", "done_at"]
    list_filter = ["state", "kind", MunicipalityPrefectureFilter]
    list_select_related = ["by", "municipality"]
    search_fields = ["original_name", "by__name", "municipality__name"]
    search_help_text = "ファイル名・氏名・自治体名"
    fields = [
        ("municipality", "by"),
        ("kind", "state", "only_good"),
        ("original_name", "size"),
        ("sheet", "header_row"),
        "mapping",
        "counts",
        "dropped",
        ("created_at", "done_at", "undone_at"),
    ]


@admin.register(ImportRow)
class ImportRowAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["number", "label", "outcome", "ledger_import"]
    list_filter = ["outcome"]
    list_select_related = ["ledger_import"]
    search_fields = ["label", "ledger_import__original_name"]
    search_help_text = "内容・ファイル名"
    fields = [("ledger_import", "number"), "label", "outcome", "errors", "warnings", "changes"]


@admin.register(ImportMapping)
class ImportMappingAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["municipality", "kind", "by", "updated_at"]
    list_filter = ["kind", MunicipalityPrefectureFilter]
    list_select_related = ["municipality"]
    search_fields = ["municipality__name", "by"]
    search_help_text = "自治体名・氏名"
    fields = [("municipality", "kind"), "mapping", "options", ("by", "updated_at")]
