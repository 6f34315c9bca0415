"""相手方リンク and what came in with them. Written by the verbs alone; nothing secret is shown."""

from typing import Any, ClassVar

from django.contrib import admin

from municipalities.admin_site import ReadOnlyMixin, RecordAdmin

from ..models import ShareFile, ShareLink
from .records import AgreementPrefectureFilter, AgreementRecordAdmin


@admin.register(ShareLink)
class ShareLinkAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "purpose", "contact_number", "expires_at", "submitted_at", "revoked_at"]
    list_filter = ["purpose", ("revoked_at", admin.EmptyFieldListFilter), AgreementPrefectureFilter]
    fields = [
        ("agreement", "contact_number"),
        ("purpose", "code_by_phone"),
        ("expires_at", "uses", "max_uses"),
        ("sent_on", "reminded_on"),
        ("opened_at", "submitted_at"),
        ("created_by", "created_at", "updated_at"),
        ("revoked_at", "revoked_by"),
    ]

    @admin.display(description="相手窓口")
    def contact_number(self, obj: ShareLink) -> str:
        """Contacts are their municipality's; their names are not spread over further pages."""
        return f"相手窓口 {obj.contact_id}"


@admin.register(ShareFile)
class ShareFileAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["original_name", "link", "size", "at", "sent_at"]
    list_filter: ClassVar[Any] = [("sent_at", admin.EmptyFieldListFilter)]
    list_select_related = ["link"]
    search_fields = ["original_name", "link__agreement__title"]
    search_help_text = "ファイル名・協定名称"
    ordering = ["-pk"]
    fields = ["link", "original_name", ("size", "content_type"), ("at", "sent_at")]
