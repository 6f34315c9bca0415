"""Pages for everyone, below `open/`: no login, no session. Included by `urls`, in its namespace."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from .views.public import (
    PublicAccessibilityView,
    PublicAgreementView,
    PublicCompanyView,
    PublicFieldView,
    PublicHomeView,
    PublicMunicipalityView,
    PublicSearchView,
)
from .views.public_changes import PublicActionsCsvView, PublicChangesCsvView, PublicChangesJsonView
from .views.public_data import (
    PublicAgreementJsonView,
    PublicCatalogueView,
    PublicCsvView,
    PublicDataView,
    PublicDocumentView,
    PublicFeedView,
    PublicJsonView,
    PublicLogoView,
    PublicReportView,
    PublicSitemapView,
    PublicXlsxView,
)


class RowKeyConverter(IntConverter):
    """A number that every database can hold: strangers type others too."""

    regex = "[0-9]{1,18}"


class DigitsConverter(StringConverter):
    """団体コード, 分野: kept as text, for their zeros."""

    regex = "[0-9]{2,6}"


register_converter(RowKeyConverter, "row_key")
register_converter(DigitsConverter, "digits")

urlpatterns = [
    path("", PublicHomeView.as_view(), name="public-home"),
    path("search/", PublicSearchView.as_view(), name="public-search"),
    path("accessibility/", PublicAccessibilityView.as_view(), name="public-accessibility"),
    path("data/", PublicDataView.as_view(), name="public-data"),
    path("agreements.csv", PublicCsvView.as_view(), name="public-csv"),
    path("agreements.json", PublicJsonView.as_view(), name="public-json"),
    path("agreements.xlsx", PublicXlsxView.as_view(), name="public-xlsx"),
    path("actions.csv", PublicActionsCsvView.as_view(), name="public-actions-csv"),
    path("changes.csv", PublicChangesCsvView.as_view(), name="public-changes-csv"),
    path("changes.json", PublicChangesJsonView.as_view(), name="public-changes-json"),
    path("catalogue.jsonld", PublicCatalogueView.as_view(), name="public-catalogue"),
    path("feed.xml", PublicFeedView.as_view(), name="public-feed"),
    path("sitemap.xml", PublicSitemapView.as_view(), name="public-sitemap"),
    path("m/<digits:code>/", PublicMunicipalityView.as_view(), name="public-municipality"),
    path("m/<digits:code>/agreements.csv", PublicCsvView.as_view(), name="public-municipality-csv"),
    path("m/<digits:code>/agreements.json", PublicJsonView.as_view(), name="public-municipality-json"),
    path("m/<digits:code>/agreements.xlsx", PublicXlsxView.as_view(), name="public-municipality-xlsx"),
    path(
        "m/<digits:code>/actions.csv", PublicActionsCsvView.as_view(), name="public-municipality-actions-csv"
    ),
    path(
        "m/<digits:code>/changes.csv", PublicChangesCsvView.as_view(), name="public-municipality-changes-csv"
    ),
    path(
        "m/<digits:code>/changes.json",
        PublicChangesJsonView.as_view(),
        name="public-municipality-changes-json",
    ),
    path("m/<digits:code>/feed.xml", PublicFeedView.as_view(), name="public-municipality-feed"),
    path("m/<digits:code>/logo.png", PublicLogoView.as_view(), name="public-municipality-logo"),
    path("f/<digits:category>/", PublicFieldView.as_view(), name="public-field"),
    path("f/<digits:category>/feed.xml", PublicFeedView.as_view(), name="public-field-feed"),
    path("c/<row_key:pk>/", PublicCompanyView.as_view(), name="public-company"),
    path("a/<row_key:pk>/", PublicAgreementView.as_view(), name="public-agreement"),
    path("a/<row_key:pk>/agreement.json", PublicAgreementJsonView.as_view(), name="public-agreement-json"),
    path("a/<row_key:pk>/report-<row_key:report>.pdf", PublicReportView.as_view(), name="public-report"),
    path("documents/<row_key:pk>/", PublicDocumentView.as_view(), name="public-document"),
]
