"""Which files there are. The files themselves go out through the product's pages alone, which check them."""

from django.contrib import admin
from django.template.defaultfilters import filesizeformat

from ..models import AgreementDocument, StagedUpload
from .records import AgreementPrefectureFilter, AgreementRecordAdmin


@admin.register(AgreementDocument)
class AgreementDocumentAdmin(AgreementRecordAdmin):
    list_display = ["title", "agreement", "kind", "version", "is_public", "is_paper_only", "deleted_at"]
    list_filter = [
        "kind",
        "is_public",
        "is_paper_only",
        ("deleted_at", admin.EmptyFieldListFilter),
        AgreementPrefectureFilter,
    ]
    search_fields = [*AgreementRecordAdmin.search_fields, "title", "original_name"]
    search_help_text = "協定名称・管理番号・書類の名称・ファイル名"
    fields = [
        "agreement",
        ("title", "kind", "version"),
        ("is_public", "is_paper_only", "shelf_location"),
        ("original_name", "content_type", "readable_size"),
        ("registered_by", "created_at", "updated_at", "deleted_at"),
    ]

    @admin.display(description="大きさ")
    def readable_size(self, obj: AgreementDocument) -> str:
        return "-" if obj.size is None else filesizeformat(obj.size)

    @admin.display(description="登録者")
    def registered_by(self, obj: AgreementDocument) -> str:
        return str(obj.uploaded_by or "-")


@admin.register(StagedUpload)
class StagedUploadAdmin(AgreementRecordAdmin):
    list_display = ["original_name", "agreement", "by", "at", "readable_size"]
    list_select_related = ["agreement", "by"]
    search_fields = [*AgreementRecordAdmin.search_fields, "original_name"]
    search_help_text = "協定名称・管理番号・ファイル名"
    fields = ["agreement", ("original_name", "content_type", "readable_size"), ("by", "at")]

    @admin.display(description="大きさ", ordering="size")
    def readable_size(self, obj: StagedUpload) -> str:
        return filesizeformat(obj.size)
