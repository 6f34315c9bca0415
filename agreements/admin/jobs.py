"""What ran in the background, and the views people saved: looked at here, steered in the product."""

from django.contrib import admin

from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import ReadOnlyMixin, RecordAdmin

from ..models import BackgroundJob, JobFile, JobRow, SavedView, SavedViewUse


@admin.register(BackgroundJob)
class BackgroundJobAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["title", "kind", "state", "by", "municipality", "created_at", "finished_at"]
    list_filter = ["state", MunicipalityPrefectureFilter]
    list_select_related = ["by", "municipality"]
    search_fields = ["title", "by__name", "municipality__name"]
    search_help_text = "内容・氏名・自治体名"
    ordering = ["-pk"]
    fields = [
        ("municipality", "by"),
        ("kind", "title"),
        "parameters",
        ("state", "step"),
        ("done", "total", "attempts"),
        "report",
        "error",
        ("created_at", "started_at", "finished_at"),
        ("cancel_requested_at", "leased_until"),
    ]


@admin.register(JobFile)
class JobFileAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["name", "job", "size", "expires_at"]
    list_select_related = ["job"]
    search_fields = ["name", "job__title"]
    search_help_text = "ファイル名・処理の内容"
    ordering = ["-pk"]
    fields = ["job", ("name", "content_type", "size"), "expires_at"]


@admin.register(JobRow)
class JobRowAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["label", "job", "number", "outcome", "message"]
    list_filter = ["outcome"]
    list_select_related = ["job"]
    search_fields = ["label", "job__title"]
    search_help_text = "対象・処理の内容"
    ordering = ["-pk"]
    fields = [
        ("job", "number"),
        ("label", "agreement", "object_id"),
        ("outcome", "message"),
        "before",
        "after",
    ]


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["name", "list_key", "owner", "municipality", "is_shared", "deleted_at"]
    list_filter = ["list_key", "is_shared", MunicipalityPrefectureFilter]
    list_select_related = ["owner", "municipality"]
    search_fields = ["name", "owner__name"]
    search_help_text = "名前・氏名"
    fields = [
        ("municipality", "owner"),
        ("list_key", "name"),
        "query",
        "is_shared",
        ("created_at", "updated_at", "deleted_at"),
    ]


@admin.register(SavedViewUse)
class SavedViewUseAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = ["view", "person", "is_default", "mails"]
    list_filter = ["is_default", "mails"]
    list_select_related = ["view", "person"]
    search_fields = ["view__name", "person__name"]
    search_help_text = "一覧の名前・氏名"
    fields = [("person", "view"), ("is_default", "mails"), ("created_at", "updated_at")]
