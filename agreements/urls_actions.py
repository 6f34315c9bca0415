"""取組: their own pages, the list a 課 works in, and the views of a whole 年度."""

from django.urls import path

from .views.action_items import (
    ActionCancelView,
    ActionCompleteView,
    ActionCreateView,
    ActionDeleteView,
    ActionDetailView,
    ActionHintsView,
    ActionReopenView,
    ActionRepeatView,
    ActionRestoreView,
    ActionStartView,
    ActionUpdateView,
)
from .views.action_plan import (
    ActionBarsView,
    ActionBoardView,
    ActionCoverageView,
    ActionTablePrintView,
    ActionTotalsView,
)
from .views.print_pages import ActionTablePrintPageView
from .views.progress import OwnActionsView, ProgressCreateView, ProgressDeleteView, ProgressRestoreView

urlpatterns = [
    path("own-actions/", OwnActionsView.as_view(), name="own-actions"),
    path("action-plan/", ActionBarsView.as_view(), name="action-bars"),
    path("action-plan/board/", ActionBoardView.as_view(), name="action-board"),
    path("action-plan/coverage/", ActionCoverageView.as_view(), name="action-coverage"),
    path("action-plan/totals/", ActionTotalsView.as_view(), name="action-totals"),
    path("action-plan/table/print/", ActionTablePrintPageView.as_view(), name="action-table-print-page"),
    path("action-plan/table.pdf", ActionTablePrintView.as_view(), name="action-table"),
    path("agreements/<int:pk>/actions/new/", ActionCreateView.as_view(), name="action-create"),
    path("diagnosis/action-hints/", ActionHintsView.as_view(), name="action-hints"),
    path("actions/<int:pk>/", ActionDetailView.as_view(), name="action-detail"),
    path("actions/<int:pk>/edit/", ActionUpdateView.as_view(), name="action-update"),
    path("actions/<int:pk>/complete/", ActionCompleteView.as_view(), name="action-complete"),
    path("actions/<int:pk>/cancel/", ActionCancelView.as_view(), name="action-cancel"),
    path("actions/<int:pk>/start/", ActionStartView.as_view(), name="action-start"),
    path("actions/<int:pk>/reopen/", ActionReopenView.as_view(), name="action-reopen"),
    path("actions/<int:pk>/repeat/", ActionRepeatView.as_view(), name="action-repeat"),
    path("actions/<int:pk>/delete/", ActionDeleteView.as_view(), name="action-delete"),
    path("actions/<int:pk>/restore/", ActionRestoreView.as_view(), name="action-restore"),
    path("actions/<int:pk>/progress/", ProgressCreateView.as_view(), name="progress-create"),
    path("progress/<int:pk>/delete/", ProgressDeleteView.as_view(), name="progress-delete"),
    path("progress/<int:pk>/restore/", ProgressRestoreView.as_view(), name="progress-restore"),
]
