"""印刷の設定 of people."""

from django.contrib import admin

from municipalities.admin_site import GuardedAdmin, NeverDeletedMixin

from ..models import PrintChoice


@admin.register(PrintChoice)
class PrintChoiceAdmin(NeverDeletedMixin, GuardedAdmin):
    list_display = ["person", "kind", "updated_at"]
    list_filter = ["kind"]
    list_select_related = ["person"]
    search_fields = ["person__name", "person__username"]
    search_help_text = "氏名・ユーザー名"
    fields = ["person", "kind", "values", "previous", ("created_at", "updated_at")]
    autocomplete_fields = ["person"]
    readonly_fields = ["created_at", "updated_at"]
