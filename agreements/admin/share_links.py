"""相手方リンク. Written by the verbs alone; nothing secret is shown."""

from django.contrib import admin

from ..models import ShareLink
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
