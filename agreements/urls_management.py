"""Publication, personal data, retention and disposal. Included by `urls`, in its namespace."""

from django.urls import path, re_path

from .views.disposal import (
    DisposalApproveView,
    DisposalItemRemoveView,
    DisposalListView,
    DisposalPrintView,
    DisposalView,
    DisposalWithdrawView,
)
from .views.personal_data import (
    ContactDataExportView,
    ContactDossierView,
    ContactEraseView,
    PersonalDataView,
    StaffDataExportView,
    StaffDossierView,
)
from .views.public_profile import PublicProfileUndoView, PublicProfileView
from .views.public_site import PublicSiteView
from .views.publication import PublicationView, ReportPublicationView

urlpatterns = [
    path("agreements/<int:pk>/publication/", PublicationView.as_view(), name="publication"),
    path("reports/<int:pk>/published.pdf", ReportPublicationView.as_view(), name="report-publication"),
    path("settings/public-page/", PublicProfileView.as_view(), name="public-profile"),
    path("settings/public-page/undo/<int:pk>/", PublicProfileUndoView.as_view(), name="public-profile-undo"),
    path("settings/public-page/site/", PublicSiteView.as_view(), name="public-site"),
    path("personal-data/", PersonalDataView.as_view(), name="personal-data"),
    path("personal-data/contacts/<int:pk>/", ContactDossierView.as_view(), name="contact-data"),
    re_path(
        r"^personal-data/contacts/(?P<pk>\d+)/export\.(?P<form>json|html)$",
        ContactDataExportView.as_view(),
        name="contact-data-export",
    ),
    path("personal-data/contacts/<int:pk>/erase/", ContactEraseView.as_view(), name="contact-erase"),
    path("personal-data/staff/<int:pk>/", StaffDossierView.as_view(), name="staff-data"),
    re_path(
        r"^personal-data/staff/(?P<pk>\d+)/export\.(?P<form>json|html)$",
        StaffDataExportView.as_view(),
        name="staff-data-export",
    ),
    path("disposal/", DisposalView.as_view(), name="disposal"),
    path("disposal/<int:pk>/", DisposalListView.as_view(), name="disposal-list"),
    path("disposal/<int:pk>/approve/", DisposalApproveView.as_view(), name="disposal-approve"),
    path("disposal/<int:pk>/withdraw/", DisposalWithdrawView.as_view(), name="disposal-withdraw"),
    path("disposal/<int:pk>/list.pdf", DisposalPrintView.as_view(), name="disposal-print"),
    path("disposal/items/<int:pk>/remove/", DisposalItemRemoveView.as_view(), name="disposal-item-remove"),
]
