"""協定書案 and the clause library. Included by `urls`, in its namespace."""

from django.urls import path

from .views.agreement_text import (
    AgreementTextCompareView,
    AgreementTextDownloadView,
    AgreementTextPrintView,
    AgreementTextRestoreView,
    AgreementTextStartView,
    AgreementTextUpdateView,
    AgreementTextView,
)
from .views.clauses import (
    ClauseCreateView,
    ClauseListView,
    ClauseMoveView,
    ClauseRestoreView,
    ClauseRetireView,
    ClauseUpdateView,
    ClauseUsualView,
)

urlpatterns = [
    path("agreements/<int:pk>/text/", AgreementTextView.as_view(), name="agreement-text"),
    path("agreements/<int:pk>/text/start/", AgreementTextStartView.as_view(), name="agreement-text-start"),
    path("agreements/<int:pk>/text/edit/", AgreementTextUpdateView.as_view(), name="agreement-text-update"),
    path(
        "agreements/<int:pk>/text/compare/", AgreementTextCompareView.as_view(), name="agreement-text-compare"
    ),
    path("agreements/<int:pk>/text.pdf", AgreementTextPrintView.as_view(), name="agreement-text-print"),
    path("agreements/<int:pk>/text.txt", AgreementTextDownloadView.as_view(), name="agreement-text-download"),
    path(
        "text-versions/<int:pk>/restore/", AgreementTextRestoreView.as_view(), name="agreement-text-restore"
    ),
    path("settings/clauses/", ClauseListView.as_view(), name="clause-list"),
    path("settings/clauses/new/", ClauseCreateView.as_view(), name="clause-create"),
    path("settings/clauses/usual/", ClauseUsualView.as_view(), name="clause-usual"),
    path("settings/clauses/<int:pk>/", ClauseUpdateView.as_view(), name="clause-update"),
    path("settings/clauses/<int:pk>/move/", ClauseMoveView.as_view(), name="clause-move"),
    path("settings/clauses/<int:pk>/retire/", ClauseRetireView.as_view(), name="clause-retire"),
    path("settings/clauses/<int:pk>/restore/", ClauseRestoreView.as_view(), name="clause-restore"),
]
