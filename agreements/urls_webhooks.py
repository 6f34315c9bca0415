"""通知先（Webhook）. Included by `urls`, in its namespace."""

from django.urls import path

from .views.webhooks import (
    WebhookCreateView,
    WebhookDeleteView,
    WebhookDetailView,
    WebhookListView,
    WebhookPauseView,
    WebhookResendView,
    WebhookRestoreView,
    WebhookResumeView,
    WebhookSecretView,
    WebhookTestView,
    WebhookUpdateView,
)

urlpatterns = [
    path("", WebhookListView.as_view(), name="webhook-list"),
    path("new/", WebhookCreateView.as_view(), name="webhook-create"),
    path("<int:pk>/", WebhookDetailView.as_view(), name="webhook-detail"),
    path("<int:pk>/edit/", WebhookUpdateView.as_view(), name="webhook-update"),
    path("<int:pk>/secret/", WebhookSecretView.as_view(), name="webhook-secret"),
    path("<int:pk>/pause/", WebhookPauseView.as_view(), name="webhook-pause"),
    path("<int:pk>/resume/", WebhookResumeView.as_view(), name="webhook-resume"),
    path("<int:pk>/test/", WebhookTestView.as_view(), name="webhook-test"),
    path("<int:pk>/delete/", WebhookDeleteView.as_view(), name="webhook-delete"),
    path("<int:pk>/restore/", WebhookRestoreView.as_view(), name="webhook-restore"),
    path("deliveries/<int:pk>/resend/", WebhookResendView.as_view(), name="webhook-resend"),
]
