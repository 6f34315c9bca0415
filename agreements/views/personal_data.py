"""個人情報: how many persons are registered, what is held of one, export and erasure. For managers."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import FormView, TemplateView, View

from agreements.actions.personal_data import erase_contact
from agreements.forms.personal_data import EraseForm, PersonSearchForm
from agreements.models import CompanyContact
from agreements.personal_data import (
    FILE_REGISTER_THRESHOLD,
    Dossier,
    contact_dossier,
    mentions,
    staff_dossier,
)
from municipalities import access, audit
from municipalities.choices import AuditKind
from municipalities.models import StaffMember
from municipalities.views.managers import ManagerMixin

_SHOWN = 50


def managed_contacts(user: Any) -> QuerySet[CompanyContact]:
    return CompanyContact.objects.managed_by(user).select_related("company", "municipality", "verified_by")


def managed_staff(user: Any) -> QuerySet[StaffMember]:
    staff = StaffMember.objects.filter(access.managed_municipality(user))
    return staff.select_related("municipality", "department")


class PersonalDataView(ManagerMixin, TemplateView):
    template_name = "agreements/personal_data.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, timezone.localdate()
        contacts = CompanyContact.objects.managed_by(user)
        total = contacts.count()
        form = PersonSearchForm(self.request.GET)
        text = form.cleaned_data["q"] if form.is_valid() else ""
        return super().get_context_data(
            **kwargs,
            page_title="個人情報",
            form=form,
            text=text,
            total=total,
            current=contacts.current(today).count(),
            ended=total - contacts.current(today).count(),
            threshold=FILE_REGISTER_THRESHOLD,
            is_over=total >= FILE_REGISTER_THRESHOLD,
            contacts=self._found(managed_contacts(user), text, ("name", "email", "phone")),
            staff=self._found(managed_staff(user), text, ("name", "name_kana", "email", "username")),
            most=_SHOWN,
        )

    def _found(self, rows: QuerySet, text: str, names: tuple[str, ...]) -> list[Any]:
        if not text:
            return []
        found = Q()
        for name in names:
            found |= Q(**{f"{name}__icontains": text})
        return list(rows.filter(found)[:_SHOWN])


class DossierView(ManagerMixin, TemplateView):
    """What is held of one person."""

    template_name = "agreements/personal_data_dossier.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        dossier = self.dossier()
        return super().get_context_data(**kwargs, page_title=f"{dossier.name}の個人情報", dossier=dossier)

    def dossier(self) -> Dossier:
        raise NotImplementedError


class ContactDossierView(DossierView):
    def dossier(self) -> Dossier:
        self.contact = get_object_or_404(managed_contacts(self.request.user), pk=self.kwargs["pk"])
        audit.record(AuditKind.VIEW_INTERNAL, request=self.request, target=self.contact, 内容="個人情報")
        return contact_dossier(self.contact, timezone.localdate())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "contact": self.contact,
            "mentions": mentions(self.contact.name, self.contact.municipality),
            "export_url_name": "agreements:contact-data-export",
        }


class StaffDossierView(DossierView):
    def dossier(self) -> Dossier:
        member = get_object_or_404(managed_staff(self.request.user), pk=self.kwargs["pk"])
        audit.record(AuditKind.VIEW_INTERNAL, request=self.request, target=member, 内容="個人情報")
        return staff_dossier(member, timezone.localdate())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "export_url_name": "agreements:staff-data-export"}


class DossierExportView(ManagerMixin, View):
    """The dossier as a file: JSON for machines, HTML for the person."""

    def get(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        target, dossier = self.find(pk)
        if form == "json":
            content = json.dumps(dossier.as_json(), ensure_ascii=False, indent=2)
            content_type = "application/json"
        else:
            content = render_to_string("agreements/personal_data_export.html", {"dossier": dossier})
            content_type = "text/html; charset=utf-8"
        audit.record(AuditKind.EXPORT, request=request, target=target, 内容="個人情報", 書式=form)
        name = f"個人情報_{dossier.kind}_{dossier.number}.{form}"
        return HttpResponse(
            content,
            content_type=content_type,
            headers={
                "Content-Disposition": content_disposition_header(True, name),
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def find(self, pk: int) -> tuple[Any, Dossier]:
        raise NotImplementedError


class ContactDataExportView(DossierExportView):
    def find(self, pk: int) -> tuple[Any, Dossier]:
        contact = get_object_or_404(managed_contacts(self.request.user), pk=pk)
        return contact, contact_dossier(contact, timezone.localdate())


class StaffDataExportView(DossierExportView):
    def find(self, pk: int) -> tuple[Any, Dossier]:
        member = get_object_or_404(managed_staff(self.request.user), pk=pk)
        return member, staff_dossier(member, timezone.localdate())


class ContactEraseView(ManagerMixin, FormView):
    """Shows what will go and what stays; erases on a second, deliberate step."""

    template_name = "agreements/contact_erase.html"
    form_class = EraseForm
    extra_context = {"page_title": "個人情報の消去"}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.test_func():
            self.contact = get_object_or_404(managed_contacts(request.user), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs,
            contact=self.contact,
            records=self.contact.history.count(),  # type: ignore[attr-defined]
            mentions=mentions(self.contact.name, self.contact.municipality),
        )

    def form_valid(self, form: EraseForm) -> HttpResponse:
        by: Any = self.request.user
        erase_contact(
            contact=self.contact, by=by, today=timezone.localdate(), reason=form.cleaned_data["reason"]
        )
        messages.success(self.request, "個人情報を消去しました。消去したことは操作記録に残ります。")
        return redirect("agreements:personal-data")
