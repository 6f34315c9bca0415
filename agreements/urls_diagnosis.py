"""診断: answers to findings, settings, what has changed. Included by `urls`, in its namespace."""

from django.urls import path

from .views.agreement_form import DiagnosisHintsView
from .views.diagnosis import ResponseCreateView, ResponseRestoreView, ResponseWithdrawView, ReviewView
from .views.diagnosis_settings import DiagnosisChangesView, DiagnosisSettingsUndoView, DiagnosisSettingsView
from .views.fairness import (
    FairnessExportView,
    FairnessLinkCreateView,
    FairnessLinkRestoreView,
    FairnessLinkWithdrawView,
    FairnessView,
)
from .views.handover import HandoverView
from .views.nation import NationView
from .views.overview import OverviewView
from .views.restarts import (
    RestartBeginView,
    RestartPackView,
    RestartResumeView,
    RestartView,
    RestartWithdrawView,
)
from .views.worksheet_hints import AnswerHintsView

urlpatterns = [
    path("agreements/<int:pk>/diagnosis/respond/", ResponseCreateView.as_view(), name="diagnosis-respond"),
    path("agreements/<int:pk>/diagnosis/review/", ReviewView.as_view(), name="diagnosis-review"),
    path(
        "diagnosis/responses/<int:pk>/withdraw/",
        ResponseWithdrawView.as_view(),
        name="diagnosis-response-withdraw",
    ),
    path(
        "diagnosis/responses/<int:pk>/restore/",
        ResponseRestoreView.as_view(),
        name="diagnosis-response-restore",
    ),
    path("agreements/<int:pk>/restart/", RestartBeginView.as_view(), name="restart-begin"),
    path("restarts/<int:pk>/", RestartView.as_view(), name="restart"),
    path("restarts/<int:pk>/pack.pdf", RestartPackView.as_view(), name="restart-pack"),
    path("restarts/<int:pk>/withdraw/", RestartWithdrawView.as_view(), name="restart-withdraw"),
    path("restarts/<int:pk>/resume/", RestartResumeView.as_view(), name="restart-resume"),
    path("fairness/", FairnessView.as_view(), name="fairness"),
    path("fairness/export.csv", FairnessExportView.as_view(), name="fairness-export"),
    path("actions/<int:pk>/fairness/", FairnessLinkCreateView.as_view(), name="fairness-link-create"),
    path(
        "fairness-links/<int:pk>/withdraw/", FairnessLinkWithdrawView.as_view(), name="fairness-link-withdraw"
    ),
    path("fairness-links/<int:pk>/restore/", FairnessLinkRestoreView.as_view(), name="fairness-link-restore"),
    path("handover/", HandoverView.as_view(), name="handover"),
    path("nation/", NationView.as_view(), name="nation"),
    path("overview/", OverviewView.as_view(), name="overview"),
    path("diagnosis/answer-hints/", AnswerHintsView.as_view(), name="answer-hints"),
    path("diagnosis/hints/", DiagnosisHintsView.as_view(), name="diagnosis-hints"),
    path("diagnosis/changes/", DiagnosisChangesView.as_view(), name="diagnosis-changes"),
    path("settings/diagnosis/", DiagnosisSettingsView.as_view(), name="diagnosis-settings"),
    path(
        "settings/diagnosis/undo/<int:pk>/",
        DiagnosisSettingsUndoView.as_view(),
        name="diagnosis-settings-undo",
    ),
]
