from django.urls import path

from .views.api_tokens import ApiTokenIssueView, ApiTokenListView, ApiTokenRevokeView
from .views.audit import AuditEventListView, AuditExportView
from .views.departments import DepartmentCreateView, DepartmentListView, DepartmentUpdateView
from .views.invitation import InvitationView
from .views.plans import (
    PlanCreateView,
    PlanDeleteView,
    PlanItemCreateView,
    PlanItemPlaceView,
    PlanItemRestoreView,
    PlanItemUpdateView,
    PlanListView,
    PlanPasteUndoView,
    PlanPasteView,
    PlanRestoreView,
    PlanTreeView,
    PlanUpdateView,
)
from .views.staff import (
    StaffDisableView,
    StaffEnableView,
    StaffInvitationView,
    StaffInviteView,
    StaffListView,
    StaffMfaResetView,
    StaffUnlockView,
    StaffUpdateView,
)

app_name = "municipalities"

urlpatterns = [
    path("settings/api-tokens/", ApiTokenListView.as_view(), name="api-token-list"),
    path("settings/api-tokens/new/", ApiTokenIssueView.as_view(), name="api-token-issue"),
    path("settings/api-tokens/<int:pk>/revoke/", ApiTokenRevokeView.as_view(), name="api-token-revoke"),
    path("audit/", AuditEventListView.as_view(), name="audit-event-list"),
    path("audit/export.csv", AuditExportView.as_view(), name="audit-export"),
    path("staff/", StaffListView.as_view(), name="staff-list"),
    path("staff/invite/", StaffInviteView.as_view(), name="staff-invite"),
    path("staff/<int:pk>/edit/", StaffUpdateView.as_view(), name="staff-update"),
    path("staff/<int:pk>/invitation/", StaffInvitationView.as_view(), name="staff-invitation"),
    path("staff/<int:pk>/disable/", StaffDisableView.as_view(), name="staff-disable"),
    path("staff/<int:pk>/enable/", StaffEnableView.as_view(), name="staff-enable"),
    path("staff/<int:pk>/unlock/", StaffUnlockView.as_view(), name="staff-unlock"),
    path("staff/<int:pk>/mfa-reset/", StaffMfaResetView.as_view(), name="staff-mfa-reset"),
    path("invitation/<str:token>/", InvitationView.as_view(), name="invitation"),
    path("departments/", DepartmentListView.as_view(), name="department-list"),
    path("departments/new/", DepartmentCreateView.as_view(), name="department-create"),
    path("departments/<int:pk>/edit/", DepartmentUpdateView.as_view(), name="department-update"),
    path("plans/", PlanListView.as_view(), name="plan-list"),
    path("plans/new/", PlanCreateView.as_view(), name="plan-create"),
    path("plans/<int:pk>/edit/", PlanUpdateView.as_view(), name="plan-update"),
    path("plans/<int:pk>/delete/", PlanDeleteView.as_view(), name="plan-delete"),
    path("plans/<int:pk>/restore/", PlanRestoreView.as_view(), name="plan-restore"),
    path("plans/<int:pk>/tree/", PlanTreeView.as_view(), name="plan-tree"),
    path("plans/<int:pk>/paste/", PlanPasteView.as_view(), name="plan-paste"),
    path("plans/<int:pk>/paste/<str:token>/undo/", PlanPasteUndoView.as_view(), name="plan-paste-undo"),
    path("plans/<int:pk>/items/new/", PlanItemCreateView.as_view(), name="plan-item-create"),
    path("plan-items/<int:pk>/edit/", PlanItemUpdateView.as_view(), name="plan-item-update"),
    path("plan-items/<int:pk>/restore/", PlanItemRestoreView.as_view(), name="plan-item-restore"),
    path(
        "plan-items/<int:pk>/place/<int:parent>/<int:index>/",
        PlanItemPlaceView.as_view(),
        name="plan-item-place",
    ),
]
