"""総合計画 beside the agreements, and 年度実績報告."""

from django.urls import path

from .views.annual_reports import (
    ReportAcceptView,
    ReportBeginView,
    ReportCorrectView,
    ReportDeadlineView,
    ReportDetailView,
    ReportDiscardView,
    ReportExportView,
    ReportPrintView,
    ReportReturnView,
    ReportSubmitView,
    ReportSummaryExportView,
    ReportSummaryView,
    ReportTakeBackView,
    ReportUpdateView,
)
from .views.plans import (
    PlanChangeUndoView,
    PlanChangeView,
    PlanDetailView,
    PlanItemDetailView,
    PlanItemSuggestView,
    PlanLinkCreateView,
    PlanLinkDeleteView,
    PlanLinkRestoreView,
)
from .views.print_pages import ReportPrintPageView
from .views.record_lists import PlanItemListView

urlpatterns = [
    path("plan-items/", PlanItemListView.as_view(), name="plan-item-list"),
    path("plans/<int:pk>/", PlanDetailView.as_view(), name="plan-detail"),
    path("plans/<int:pk>/change/", PlanChangeView.as_view(), name="plan-change"),
    path("plan-changes/<int:pk>/undo/", PlanChangeUndoView.as_view(), name="plan-change-undo"),
    path("plan-items/suggest/", PlanItemSuggestView.as_view(), name="plan-item-suggest"),
    path("plan-items/<int:pk>/", PlanItemDetailView.as_view(), name="plan-item-detail"),
    path("agreements/<int:pk>/plan-links/new/", PlanLinkCreateView.as_view(), name="plan-link-create"),
    path(
        "agreements/<int:pk>/plan-links/<int:item>/restore/",
        PlanLinkRestoreView.as_view(),
        name="plan-link-restore",
    ),
    path("plan-links/<int:pk>/delete/", PlanLinkDeleteView.as_view(), name="plan-link-delete"),
    path("agreements/<int:pk>/reports/<int:year>/", ReportBeginView.as_view(), name="report-begin"),
    path("reports/", ReportSummaryView.as_view(), name="report-summary"),
    path("reports/summary.xlsx", ReportSummaryExportView.as_view(), name="report-summary-export"),
    path("reports/deadline/", ReportDeadlineView.as_view(), name="report-deadline"),
    path("reports/<int:pk>/", ReportDetailView.as_view(), name="report-detail"),
    path("reports/<int:pk>/edit/", ReportUpdateView.as_view(), name="report-update"),
    path("reports/<int:pk>/submit/", ReportSubmitView.as_view(), name="report-submit"),
    path("reports/<int:pk>/accept/", ReportAcceptView.as_view(), name="report-accept"),
    path("reports/<int:pk>/return/", ReportReturnView.as_view(), name="report-return"),
    path("reports/<int:pk>/take-back/", ReportTakeBackView.as_view(), name="report-take-back"),
    path("reports/<int:pk>/correct/", ReportCorrectView.as_view(), name="report-correct"),
    path("reports/<int:pk>/discard/", ReportDiscardView.as_view(), name="report-discard"),
    path("reports/<int:pk>/print/", ReportPrintPageView.as_view(), name="report-print-page"),
    path("reports/<int:pk>/report.pdf", ReportPrintView.as_view(), name="report-print"),
    path("reports/<int:pk>/report.xlsx", ReportExportView.as_view(), name="report-export"),
]
