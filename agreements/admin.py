from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from municipalities import fiscal_year
from municipalities.admin import MunicipalityPrefectureFilter
from municipalities.admin_site import (
    CompactInline,
    GuardedAdmin,
    NeverDeletedMixin,
    ReadOnlyMixin,
    RecordAdmin,
)

from .actions.companies import refresh_documents
from .actions.register import delete_agreement, restore_agreement
from .choices import FieldCategory
from .models import (
    ActionItem,
    Agreement,
    Company,
    CompanyContact,
    CompanyFormerName,
    CooperationField,
    CooperationFieldCategory,
    Party,
    SearchDocument,
)


# -- Companies ----------------------------------------------------------------------------------------
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


# -- Agreements and their parts -----------------------------------------------------------------------
class PartyForm(forms.ModelForm):
    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        target = self.cleaned_data.get("company") or self.cleaned_data.get("municipality")
        # Bodies rename; what was signed stays.
        if target and not self.cleaned_data.get("name_as_signed"):
            self.cleaned_data["name_as_signed"] = target.name
        return data


class PartyInline(CompactInline):
    model = Party
    form = PartyForm
    fields = [
        "order",
        "label",
        "role",
        "municipality",
        "company",
        "name_as_signed",
        "signatory_title",
        "signatory_name",
    ]
    autocomplete_fields = ["municipality", "company"]


class CooperationFieldForm(forms.ModelForm):
    categories = forms.MultipleChoiceField(
        label="分野", choices=FieldCategory, required=False, widget=forms.SelectMultiple({"size": 5})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["categories"] = [row.category for row in self.instance.categories.all()]

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        wanted = self.cleaned_data["categories"]
        self.instance.categories.exclude(category__in=wanted).delete()
        CooperationFieldCategory.objects.bulk_create(
            [
                CooperationFieldCategory(cooperation_field=self.instance, category=category)
                for category in wanted
            ],
            ignore_conflicts=True,
        )


class CooperationFieldInline(CompactInline):
    model = CooperationField
    form = CooperationFieldForm
    fields = ["number", "text", "categories"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("categories")


class ActionItemInline(CompactInline):
    """The actions at a glance; the rest of each is on its own page, and so is its deletion."""

    model = ActionItem
    fields = ["title", "department", "starts_on", "due_on", "state"]
    autocomplete_fields = ["department"]
    show_change_link = True
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(deleted_at=None)


@admin.register(Agreement)
class AgreementAdmin(NeverDeletedMixin, GuardedAdmin):
    list_display = [
        "ledger_number",
        "title_or_substitute",
        "municipality",
        "kind",
        "state",
        "publication",
        "signed_on",
        "expires_on",
    ]
    list_display_links = ["ledger_number", "title_or_substitute"]
    list_filter = [
        "state",
        "kind",
        "publication",
        ("deleted_at", admin.EmptyFieldListFilter),
        MunicipalityPrefectureFilter,
    ]
    list_select_related = ["municipality"]
    date_hierarchy = "signed_on"
    search_fields = ["title"]
    search_help_text = "名称・当事者・連携事項・取組・管理番号・文書番号（空白で区切ると、すべてを含むもの）"
    autocomplete_fields = ["municipality", "department", "person_in_charge", "related_departments", "parent"]
    readonly_fields = [
        "signed_in",
        "expires_on",
        "notice_on",
        "registered_by",
        "created_at",
        "updated_at",
        "version",
        "deleted_at",
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "municipality",
                    "ledger_number",
                    ("title", "title_kana"),
                    "kind",
                    "state",
                    "backfilled",
                    "purpose",
                    "parent",
                ]
            },
        ),
        (
            "期間と更新",
            {
                "fields": [
                    ("signed_on", "effective_on", "signed_in"),
                    "first_expiry",
                    ("auto_renew", "renewal_months"),
                    ("notice_months", "notice_days"),
                    "renewal_text",
                    ("expires_on", "notice_on"),
                    ("ended_on", "ended_reason"),
                ]
            },
        ),
        (
            "担当と文書",
            {
                "fields": [
                    "department",
                    "person_in_charge",
                    "related_departments",
                    ("document_number", "approved_on", "council_resolution_on"),
                    ("paper_original_only", "retention"),
                    "note",
                ]
            },
        ),
        ("公開", {"fields": [("publication", "published_on")]}),
        ("記録", {"fields": [("registered_by", "created_at", "updated_at"), ("version", "deleted_at")]}),
    ]
    inlines = [PartyInline, CooperationFieldInline, ActionItemInline]
    actions = ["put_away", "bring_back", "rebuild_search"]

    def label(self, obj: Agreement) -> str:
        return f"{obj.municipality} {obj.ledger_number} {obj}"

    @admin.display(description="協定名称", ordering="kana_key")
    def title_or_substitute(self, obj: Agreement) -> str:
        return str(obj)

    @admin.display(description="締結年度")
    def signed_in(self, obj: Agreement) -> str:
        return fiscal_year.label(obj.fiscal_year) if obj.fiscal_year else "-"

    @admin.display(description="登録者")
    def registered_by(self, obj: Agreement) -> str:
        return str(obj.created_by or "-")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("municipality")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return queryset.matching(search_term, request.user), False  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Agreement | None = None) -> list[str]:
        # An agreement never moves to another ledger: its 課, number and rights belong to this one.
        return [*self.readonly_fields, "municipality"] if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Agreement, form: Any, change: bool) -> None:
        if change:
            obj.version += 1  # a clerk who has the form open is told
        else:
            obj.created_by = request.user  # type: ignore[assignment]
        obj.set_expiry(timezone.localdate())
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        SearchDocument.objects.refresh([form.instance.pk])

    @admin.action(description="選択した協定を削除する（元に戻せます）")
    def put_away(self, request: HttpRequest, queryset: QuerySet) -> None:
        chosen = list(queryset.filter(deleted_at=None))
        for agreement in chosen:
            delete_agreement(agreement=agreement)
        self.message_user(request, f"{len(chosen)}件の協定を削除しました。", messages.SUCCESS)

    @admin.action(description="削除した協定を元に戻す")
    def bring_back(self, request: HttpRequest, queryset: QuerySet) -> None:
        chosen = list(queryset.exclude(deleted_at=None))
        for agreement in chosen:
            restore_agreement(agreement=agreement)
        self.message_user(request, f"{len(chosen)}件の協定を元に戻しました。", messages.SUCCESS)

    @admin.action(description="検索用の文を作り直す")
    def rebuild_search(self, request: HttpRequest, queryset: QuerySet) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        SearchDocument.objects.refresh(keys)
        self.message_user(request, f"{len(keys)}件の検索用の文を作り直しました。", messages.SUCCESS)


@admin.register(Party)
class PartyAdmin(ReadOnlyMixin, RecordAdmin):
    """For looking across agreements and for the history; written on the agreement's page."""

    list_display = ["agreement", "order", "label", "role", "name", "signatory_title", "signatory_name"]
    list_filter = ["role"]
    list_select_related = ["agreement", "municipality", "company"]
    search_fields = ["name_as_signed", "signatory_name", "company__search_names"]
    search_help_text = "名称・締結者の氏名"

    @admin.display(description="名称", ordering="name_as_signed")
    def name(self, obj: Party) -> str:
        return obj.name


@admin.register(CooperationField)
class CooperationFieldAdmin(ReadOnlyMixin, RecordAdmin):
    """For looking across agreements and for the history; written on the agreement's page."""

    list_display = ["agreement", "number", "text", "category_names"]
    list_filter = ["categories__category"]
    list_select_related = ["agreement"]
    search_fields = ["text"]
    search_help_text = "連携事項の文"
    fields = ["agreement", "number", "text", "category_names"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("categories")

    @admin.display(description="分野")
    def category_names(self, obj: CooperationField) -> str:
        return "、".join(row.get_category_display() for row in obj.categories.all())


@admin.register(ActionItem)
class ActionItemAdmin(NeverDeletedMixin, GuardedAdmin):
    list_display = ["title", "agreement", "department", "person_in_charge", "due_on", "state"]
    list_filter = ["state", ("deleted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["agreement", "department", "person_in_charge"]
    date_hierarchy = "due_on"
    search_fields = ["title", "description", "agreement__title"]
    search_help_text = "取組・内容・協定名称"
    fields = [
        "agreement",
        "title",
        "description",
        "cooperation_fields",
        ("department", "person_in_charge"),
        "partner_in_charge",
        ("starts_on", "due_on"),
        "state",
        ("created_at", "updated_at", "deleted_at"),
    ]
    autocomplete_fields = ["agreement", "department", "person_in_charge"]
    readonly_fields = ["created_at", "updated_at", "deleted_at"]
    actions = ["put_away", "bring_back"]

    def get_fields(self, request: HttpRequest, obj: ActionItem | None = None) -> list[Any]:
        # Which items there are is known once the agreement is.
        return self.fields if obj else [name for name in self.fields if name != "cooperation_fields"]

    def get_readonly_fields(self, request: HttpRequest, obj: ActionItem | None = None) -> list[str]:
        return [*self.readonly_fields, "agreement"] if obj else self.readonly_fields

    def get_form(
        self, request: HttpRequest, obj: ActionItem | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        if obj and "cooperation_fields" in form.base_fields:
            items = form.base_fields["cooperation_fields"]
            items.queryset = obj.agreement.cooperation_fields.all()  # type: ignore[attr-defined]
            items.help_text = ""
        return form

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._tell_agreements([form.instance.agreement_id])

    @admin.action(description="選択した取組を削除する（元に戻せます）")
    def put_away(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._set_deleted(request, queryset.filter(deleted_at=None), deleted=True)

    @admin.action(description="削除した取組を元に戻す")
    def bring_back(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._set_deleted(request, queryset.exclude(deleted_at=None), deleted=False)

    def _set_deleted(self, request: HttpRequest, queryset: QuerySet, *, deleted: bool) -> None:
        chosen = list(queryset)
        for action in chosen:
            action.deleted_at = timezone.now() if deleted else None
            action.save(update_fields=["deleted_at", "updated_at"])
        self._tell_agreements({action.agreement_id for action in chosen})
        done = "削除しました" if deleted else "元に戻しました"
        self.message_user(request, f"{len(chosen)}件の取組を{done}。", messages.SUCCESS)

    def _tell_agreements(self, keys: Collection[int]) -> None:
        """Words and version of an agreement follow its actions."""
        SearchDocument.objects.refresh(keys)
        Agreement.objects.filter(pk__in=keys).update(version=F("version") + 1)
