"""A changelist as a newcomer to Django would write it: what the list page is measured against."""

from types import ModuleType


def use_plain_admin() -> None:
    """Serve it under the URL namespace "plain"."""
    from django.conf import settings
    from django.contrib import admin
    from django.urls import clear_url_caches, path

    from agreements.models import Agreement
    from config import urls

    class PlainAgreementAdmin(admin.ModelAdmin):
        list_display = (
            "title",
            "partners",
            "kind",
            "state",
            "signed_on",
            "expires_on",
            "department",
            "items",
            "work",
        )
        list_filter = ("kind", "state", "fiscal_year", "publication")
        search_fields = ("title", "title_kana")
        list_per_page = 50

        def partners(self, agreement: Agreement) -> str:
            return "、".join(str(party) for party in agreement.parties.all())

        def items(self, agreement: Agreement) -> int:
            return agreement.cooperation_fields.count()

        def work(self, agreement: Agreement) -> int:
            return agreement.actions.count()

    site = admin.AdminSite(name="plain")
    site.register(Agreement, PlainAgreementAdmin)
    module = ModuleType("bench_urls")
    module.urlpatterns = [path("plain/", site.urls), *urls.urlpatterns]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = module
    clear_url_caches()
