"""Renkei's admin site, and the base of every model's page in it.

For system admins (superusers) only; everyone else works in the pages of the product.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from . import change_log
from .form_fields import WarekiDateField

_HISTORY_PER_PAGE = 50


class RenkeiAutocompleteView(AutocompleteJsonView):
    """Offers rows by the words of their own page: namesakes (企画課, 府中市) can be told apart."""

    model_admin: "RecordAdmin"

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        return {"id": str(getattr(obj, to_field_name)), "text": self.model_admin.label(obj)}


class RenkeiAdminSite(admin.AdminSite):
    site_header = "Renkei 管理"
    site_title = "Renkei 管理"
    index_title = "管理メニュー"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login of the product, with its second factor; this site has no form of its own."""
        return _enter(request)

    login.login_required = False  # type: ignore[attr-defined]

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return logout(request)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return RenkeiAutocompleteView.as_view(admin_site=self)(request)  # type: ignore[return-value]


@secure_admin_login
def _enter(request: HttpRequest) -> HttpResponse:
    """For someone who is logged in: on to the page they asked for, or no further."""
    if not admin.site.has_permission(request):
        raise PermissionDenied
    target = request.GET.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("admin:index")
    return redirect(target)


class RecordFormAdmin(BaseModelAdmin):
    """Fields as people write them: dates in 和暦 too, chosen rows named as in the search."""

    formfield_overrides = {
        models.DateField: {"form_class": WarekiDateField},
        models.URLField: {"assume_scheme": "https"},
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.autocomplete_fields:
            chosen_admin: Any = self.admin_site.get_model_admin(db_field.related_model)
            field.queryset = chosen_admin.get_queryset(request)
            field.label_from_instance = chosen_admin.label
        return field


class RecordAdmin(RecordFormAdmin, admin.ModelAdmin):
    """A model's page: fast with many rows, and with the field-level history of each."""

    show_full_result_count = False
    list_per_page = 50
    object_history_template = "admin/record_history.html"

    def label(self, obj: Any) -> str:
        """How the row is called where it is chosen."""
        return str(obj)

    @property
    def has_history(self) -> bool:
        """Rows that are written once have no history of changes."""
        return hasattr(self.model, "history")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["has_history"] = self.has_history
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id)) if self.has_history else None
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        records = obj.history.select_related("history_user")
        page = Paginator(records, _HISTORY_PER_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"変更履歴: {obj}",
            "module_name": str(self.opts.verbose_name_plural),
            "object": obj,
            "opts": self.opts,
            "page": page,
            "entries": change_log.entries(records, page.start_index(), page.end_index()),
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, self.object_history_template, context)


class GuardedForm(forms.ModelForm):
    """Knows what it showed when it was opened: who saves second is told, not allowed to overwrite."""

    opened_at = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["opened_at"].initial = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any] | None:
        if self.instance.pk:
            # The admin saves in one transaction, so the row stays locked until it is written.
            stored = type(self.instance)._base_manager.select_for_update().get(pk=self.instance.pk)
            if self.cleaned_data.get("opened_at") != stored.updated_at.isoformat():
                raise ValidationError(
                    "開いている間に、ほかの人が保存しました。"
                    "入力した内容を控えてから、ページを開き直してください。"
                )
        return super().clean()


class GuardedAdmin(RecordAdmin):
    """A page of a `Recorded` model on which two people cannot overwrite each other."""

    form = GuardedForm

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        first, *others = super().get_fieldsets(request, obj)
        title, options = first
        return [(title, {**options, "fields": [*options["fields"], "opened_at"]}), *others]


class ReadOnlyMixin:
    """For rows that are written elsewhere and only looked at here."""

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False


class NeverDeletedMixin:
    """For rows that others hang on: they are closed, put away or switched off instead."""

    def has_delete_permission(self, *args: Any) -> bool:
        return False


class CompactInline(RecordFormAdmin, admin.TabularInline):
    """Rows that belong to the page's own row."""

    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 3
        return field
