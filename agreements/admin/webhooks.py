"""通知先（Webhook） and what was sent: looked at across municipalities, without any secret."""

from django.contrib import admin

from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import ReadOnlyMixin, RecordAdmin

from ..models import WebhookDelivery, WebhookEndpoint


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = [
        "name",
        "municipality",
        "url",
        "delivered_at",
        "failing_since",
        "paused_at",
        "disabled_at",
    ]
    list_filter = [
        ("disabled_at", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
        MunicipalityPrefectureFilter,
    ]
    list_select_related = ["municipality"]
    search_fields = ["name", "url", "municipality__name", "municipality__code"]
    search_help_text = "システムの名称・URL・自治体名"
    ordering = ["-pk"]
    fields = [
        "municipality",
        ("name", "url"),
        "events",
        ("created_by", "created_at", "updated_at"),
        ("delivered_at", "failing_since"),
        ("paused_at", "disabled_at", "deleted_at"),
    ]


class EndpointPrefectureFilter(MunicipalityPrefectureFilter):
    lookup = "endpoint__municipality__prefecture_code"


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyMixin, RecordAdmin):
    list_display = [
        "event",
        "endpoint",
        "created_at",
        "attempts",
        "last_status",
        "delivered_at",
        "given_up_at",
    ]
    list_filter = [
        "event",
        ("delivered_at", admin.EmptyFieldListFilter),
        ("given_up_at", admin.EmptyFieldListFilter),
        EndpointPrefectureFilter,
    ]
    list_select_related = ["endpoint"]
    search_fields = ["endpoint__name", "endpoint__municipality__name"]
    search_help_text = "システムの名称・自治体名"
    fields = [
        ("endpoint", "agreement"),
        ("event", "event_id"),
        ("created_at", "attempts", "next_at"),
        ("tried_at", "last_status", "last_error"),
        ("delivered_at", "given_up_at"),
        "payload",
    ]
