from django.urls import path

from .views.audit import AuditEventListView, AuditExportView
from .views.departments import DepartmentCreateView, DepartmentListView, DepartmentUpdateView
from .views.invitation import InvitationView
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
]
