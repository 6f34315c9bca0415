from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import CompactInline, GuardedAdmin, NeverDeletedMixin

from ..actions.companies import refresh_documents
from ..models import Company, CompanyContact, CompanyFormerName


class CompanyFormerNameInline(CompactInline):
    model = CompanyFormerName


class CompanyContactInline(CompactInline):
    model = CompanyContact
    fields = ["municipality", "section", "title", "name", "email", "phone", "verified_on", "ended_on"]
    autocomplete_fields = ["municipality"]


@admin.register(Company)
class CompanyAdmin(NeverDeletedMixin, GuardedAdmin):
    list_display = ["name", "name_kana", "corporate_number", "address", "updated_at"]
    list_filter = [
        ("corporate_number", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["search_names"]
    search_help_text = "名称・旧名称・かな・法人番号"
    fields = [
        "corporate_number",
        ("name", "name_kana"),
        ("postal_code", "address"),
        ("representative_title", "representative_name"),
        "website",
        ("created_at", "updated_at", "deleted_at"),
    ]
    readonly_fields = ["created_at", "updated_at", "deleted_at"]
    inlines = [CompanyFormerNameInline, CompanyContactInline]

    def label(self, obj: Company) -> str:
        return f"{obj.name}（{obj.corporate_number}）" if obj.corporate_number else obj.name

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return queryset.matching(search_term), False  # type: ignore[attr-defined]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        company = form.instance
        # Former names came after the company itself; the keys are derived, so no history is due.
        company.refresh_keys(list(company.former_names.values_list("name", "name_kana")))
        Company.objects.filter(pk=company.pk).update(
            kana_key=company.kana_key, search_names=company.search_names
        )
        refresh_documents(company)


@admin.register(CompanyContact)
class CompanyContactAdmin(GuardedAdmin):
    list_display = ["name", "section", "company", "municipality", "verified_on", "ended_on"]
    list_filter = [("ended_on", admin.EmptyFieldListFilter), MunicipalityPrefectureFilter]
    list_select_related = ["company", "municipality"]
    search_fields = ["name", "section", "company__name", "municipality__name"]
    search_help_text = "氏名・部署・相手方・自治体名"
    fields = [
        "company",
        "municipality",
        ("section", "title", "name"),
        ("email", "phone"),
        ("verified_on", "verified_by"),
        "ended_on",
        ("created_at", "updated_at"),
    ]
    autocomplete_fields = ["company", "municipality", "verified_by"]
    readonly_fields = ["created_at", "updated_at"]
