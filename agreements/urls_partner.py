"""Pages of a company's contact, behind a 相手方リンク. Included by `urls`, in its namespace."""

from django.urls import path

from .views.partner import PartnerHomeView, PartnerLeaveView
from .views.partner_entry import PartnerCodeView, PartnerEntryView

urlpatterns = [
    path("link/<str:token>/", PartnerEntryView.as_view(), name="partner-entry"),
    path("<int:pk>/code/", PartnerCodeView.as_view(), name="partner-code"),
    path("<int:pk>/leave/", PartnerLeaveView.as_view(), name="partner-leave"),
    path("<int:pk>/", PartnerHomeView.as_view(), name="partner-home"),
]
