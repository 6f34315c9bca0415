"""診断: answers to findings, settings, what has changed. Included by `urls`, in its namespace."""

from django.urls import path

from .views.agreement_form import DiagnosisHintsView
from .views.diagnosis import ResponseCreateView, ResponseRestoreView, ResponseWithdrawView, ReviewView
from .views.diagnosis_settings import DiagnosisChangesView, DiagnosisSettingsUndoView, DiagnosisSettingsView
from .views.handover import HandoverView
from .views.overview import OverviewView
from .views.restarts import (
    RestartBeginView,
    RestartPackView,
    RestartResumeView,
    RestartView,
    RestartWithdrawView,
)

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
    path("handover/", HandoverView.as_view(), name="handover"),
    path("overview/", OverviewView.as_view(), name="overview"),
    path("diagnosis/hints/", DiagnosisHintsView.as_view(), name="diagnosis-hints"),
    path("diagnosis/changes/", DiagnosisChangesView.as_view(), name="diagnosis-changes"),
    path("settings/diagnosis/", DiagnosisSettingsView.as_view(), name="diagnosis-settings"),
    path(
        "settings/diagnosis/undo/<int:pk>/",
        DiagnosisSettingsUndoView.as_view(),
        name="diagnosis-settings-undo",
    ),
]
