"""Pages for everyone, below `open/`: no login, no session. Included by `urls`, in its namespace."""

from django.urls import path

from .views.public import (
    PublicAccessibilityView,
    PublicAgreementView,
    PublicCompanyView,
    PublicFieldView,
    PublicHomeView,
    PublicMunicipalityView,
    PublicSearchView,
)
from .views.public_data import (
    PublicAgreementJsonView,
    PublicCatalogueView,
    PublicCsvView,
    PublicDataView,
    PublicDocumentView,
    PublicFeedView,
    PublicJsonView,
    PublicSitemapView,
    PublicXlsxView,
)

urlpatterns = [
    path("", PublicHomeView.as_view(), name="public-home"),
    path("search/", PublicSearchView.as_view(), name="public-search"),
    path("accessibility/", PublicAccessibilityView.as_view(), name="public-accessibility"),
    path("data/", PublicDataView.as_view(), name="public-data"),
    path("agreements.csv", PublicCsvView.as_view(), name="public-csv"),
    path("agreements.json", PublicJsonView.as_view(), name="public-json"),
    path("agreements.xlsx", PublicXlsxView.as_view(), name="public-xlsx"),
    path("catalogue.jsonld", PublicCatalogueView.as_view(), name="public-catalogue"),
    path("feed.xml", PublicFeedView.as_view(), name="public-feed"),
    path("sitemap.xml", PublicSitemapView.as_view(), name="public-sitemap"),
    path("m/<str:code>/", PublicMunicipalityView.as_view(), name="public-municipality"),
    path("m/<str:code>/agreements.csv", PublicCsvView.as_view(), name="public-municipality-csv"),
    path("m/<str:code>/agreements.json", PublicJsonView.as_view(), name="public-municipality-json"),
    path("m/<str:code>/agreements.xlsx", PublicXlsxView.as_view(), name="public-municipality-xlsx"),
    path("m/<str:code>/feed.xml", PublicFeedView.as_view(), name="public-municipality-feed"),
    path("f/<str:category>/", PublicFieldView.as_view(), name="public-field"),
    path("f/<str:category>/feed.xml", PublicFeedView.as_view(), name="public-field-feed"),
    path("c/<int:pk>/", PublicCompanyView.as_view(), name="public-company"),
    path("a/<int:pk>/", PublicAgreementView.as_view(), name="public-agreement"),
    path("a/<int:pk>/agreement.json", PublicAgreementJsonView.as_view(), name="public-agreement-json"),
    path("documents/<int:pk>/", PublicDocumentView.as_view(), name="public-document"),
]
