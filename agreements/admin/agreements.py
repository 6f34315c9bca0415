from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
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

from ..actions.register import delete_agreement, restore_agreement
from ..choices import FieldCategory
from ..models import (
    ActionItem,
    Agreement,
    CooperationField,
    CooperationFieldCategory,
    Party,
    SearchDocument,
)


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
        # Publication writes an edition: by its own page alone.
        "publication",
        "published_on",
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
