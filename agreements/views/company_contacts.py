"""相手窓口 of a company, as the own municipality knows them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import CreateView, UpdateView, View

from agreements.actions.company_contacts import end_contact, reopen_contact, verify_contact
from agreements.forms.company import CompanyContactForm
from agreements.models import Company, CompanyContact
from municipalities import access

from .undo import offer_undo


def _save(request: HttpRequest, form: Any) -> HttpResponse:
    """Write the contact of a valid form; note who made sure of it, if someone did."""
    contact = form.save(commit=False)
    if form.cleaned_data["is_verified"]:
        contact.verified_on, contact.verified_by = timezone.localdate(), request.user
    contact.save()
    for notice in form.notices():
        messages.warning(request, notice)
    messages.success(request, f"相手窓口「{contact}」を保存しました。")
    return redirect(contact.company)


class CompanyContactCreateView(CreateView):
    form_class = CompanyContactForm
    template_name = "agreements/company_contact_form.html"
    extra_context = {"page_title": "相手窓口の登録"}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not access.may_register(request.user):
            raise PermissionDenied
        self.company = get_object_or_404(Company.objects.alive(), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        keeper: Any = self.request.user
        contact = CompanyContact(company=self.company, municipality=keeper.municipality)
        return {**super().get_form_kwargs(), "instance": contact, "initial": {"is_verified": True}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, company=self.company)

    def form_valid(self, form: Any) -> HttpResponse:
        return _save(self.request, form)


class CompanyContactUpdateView(UpdateView):
    form_class = CompanyContactForm
    template_name = "agreements/company_contact_form.html"
    extra_context = {"page_title": "相手窓口の編集"}

    def get_queryset(self) -> QuerySet[CompanyContact]:
        return CompanyContact.objects.editable_by(self.request.user).select_related("company")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, company=self.object.company)

    def form_valid(self, form: Any) -> HttpResponse:
        return _save(self.request, form)


class ContactStepView(View):
    """One step with a contact, by POST, back to the company's page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        editable = CompanyContact.objects.editable_by(request.user).select_related("company")
        contact = get_object_or_404(editable, pk=pk)
        self.step(contact)
        return redirect(f"{contact.company.get_absolute_url()}#contacts")

    def step(self, contact: CompanyContact) -> None:
        raise NotImplementedError


class CompanyContactVerifyView(ContactStepView):
    def step(self, contact: CompanyContact) -> None:
        verifier: Any = self.request.user
        verify_contact(contact=contact, by=verifier, today=timezone.localdate())
        messages.success(self.request, f"相手窓口「{contact}」を確認済みにしました。")


class CompanyContactEndView(ContactStepView):
    def step(self, contact: CompanyContact) -> None:
        end_contact(contact=contact, today=timezone.localdate())
        url = reverse("agreements:company-contact-reopen", args=[contact.pk])
        offer_undo(self.request, f"相手窓口「{contact}」を終了にしました。", url)


class CompanyContactReopenView(ContactStepView):
    def step(self, contact: CompanyContact) -> None:
        reopen_contact(contact=contact)
        messages.success(self.request, f"相手窓口「{contact}」を元に戻しました。")
