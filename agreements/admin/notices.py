"""Who was told what, and which mails went out. Only how often a person wants mail is edited here."""

from django.contrib import admin

from municipalities.admin_site import GuardedAdmin, NeverDeletedMixin, ReadOnlyMixin, RecordAdmin

from ..models import Notice, NoticeMail, NoticePreference
from .records import AgreementPrefectureFilter, AgreementRecordAdmin


@admin.register(Notice)
class NoticeAdmin(AgreementRecordAdmin):
    list_display = ["agreement", "kind", "recipient", "due_on", "created_on", "closed_at"]
    list_filter = ["kind", ("closed_at", admin.EmptyFieldListFilter), AgreementPrefectureFilter]
    list_select_related = ["agreement", "recipient"]
    search_fields = [*AgreementRecordAdmin.search_fields, "recipient__name"]
    search_help_text = "協定名称・管理番号・氏名"
    fields = [
        "recipient",
        ("agreement", "kind"),
        ("due_on", "created_on"),
        ("closed_at", "snoozed_until"),
        "mail",
    ]


@admin.register(NoticeMail)
class NoticeMailAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["subject", "recipient", "claimed_on", "attempts", "sent_at", "cancelled_at"]
    list_filter = [
        ("sent_at", admin.EmptyFieldListFilter),
        ("cancelled_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["recipient"]
    search_fields = ["subject", "address", "recipient__name"]
    search_help_text = "件名・宛先・氏名"
    fields = [
        "number",
        ("recipient", "address"),
        "subject",
        "body",
        ("claimed_on", "attempts", "leased_until"),
        "last_error",
        ("sent_at", "cancelled_at"),
    ]


@admin.register(NoticePreference)
class NoticePreferenceAdmin(NeverDeletedMixin, GuardedAdmin):
    list_display = ["person", "frequency", "updated_at"]
    list_filter = ["frequency"]
    list_select_related = ["person"]
    search_fields = ["person__name", "person__username"]
    search_help_text = "氏名・ユーザー名"
    fields = ["person", "frequency", ("created_at", "updated_at")]
    autocomplete_fields = ["person"]
    readonly_fields = ["created_at", "updated_at"]
