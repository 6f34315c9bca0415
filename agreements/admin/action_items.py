from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from municipalities.admin_site import GuardedAdmin, NeverDeletedMixin

from ..models import ActionItem, Agreement, SearchDocument


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
        ("partner_in_charge", "partner_contact"),
        ("starts_on", "due_on"),
        "state",
        ("target_value", "target_unit", "baseline_value"),
        ("funding", "budget_account", "budget_project", "budget_line"),
        ("budget_round", "budget_thousands", "budget_status"),
        ("contract_method", "contract_reason"),
        ("fairness", "fairness_note"),
        ("plan_item", "sub_plan_items"),
        ("is_repeated", "depends_on", "repeats"),
        ("effect_yen", "effect_method"),
        ("result_value", "result_text", "completed_on"),
        "cancelled_reason",
        ("created_at", "updated_at", "deleted_at"),
    ]
    autocomplete_fields = [
        "agreement",
        "department",
        "person_in_charge",
        "partner_contact",
        "plan_item",
        "sub_plan_items",
    ]
    # The verbs know which dependencies make no circle, and what the next year's action is made from.
    readonly_fields = ["depends_on", "repeats", "created_at", "updated_at", "deleted_at"]
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
        if db_field.name == "cooperation_fields":
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
