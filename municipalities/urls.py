from django.urls import path

from .views.audit import AuditEventListView, AuditExportView

app_name = "municipalities"

urlpatterns = [
    path("audit/", AuditEventListView.as_view(), name="audit-event-list"),
    path("audit/export.csv", AuditExportView.as_view(), name="audit-export"),
]
