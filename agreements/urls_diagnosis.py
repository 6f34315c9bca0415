"""診断: answers to findings, settings, what has changed. Included by `urls`, in its namespace."""

from django.urls import path

from .views.agreement_form import DiagnosisHintsView
from .views.diagnosis import ResponseCreateView, ResponseRestoreView, ResponseWithdrawView, ReviewView
from .views.diagnosis_settings import DiagnosisChangesView, DiagnosisSettingsUndoView, DiagnosisSettingsView
from .views.overview import OverviewView

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
