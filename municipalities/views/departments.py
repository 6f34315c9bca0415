"""課: a manager keeps the 課 of the own municipality. Merging and abolishing move agreements along, so
they live beside the agreements (`agreements.views.reorganisation`)."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import CreateView, ListView, UpdateView

from municipalities import access
from municipalities.forms import DepartmentForm
from municipalities.models import Department

from .managers import ManagerMixin


class DepartmentListView(ManagerMixin, ListView):
    template_name = "municipalities/department_list.html"
    extra_context = {"page_title": "課"}

    def get_queryset(self) -> QuerySet[Department]:
        departments = Department.objects.managed_by(self.request.user).select_related(
            "municipality", "successor"
        )
        members = Count("staff", filter=Q(staff__is_active=True), distinct=True)
        return departments.annotate(member_count=members)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        context = super().get_context_data(**kwargs)
        departments = context["object_list"]
        abolished = [each for each in departments if each.valid_to is not None and each.valid_to < today]
        return {
            **context,
            "present": [each for each in departments if each not in abolished],
            "abolished": abolished,
            "may_create": access.is_staff_of_a_municipality(self.request.user),
        }


class DepartmentSavedMixin:
    form_class = DepartmentForm
    template_name = "municipalities/department_form.html"

    def get_success_url(self) -> str:
        return reverse("municipalities:department-list")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)  # type: ignore[misc]
        for notice in form.notices():
            messages.warning(self.request, notice)  # type: ignore[attr-defined]
        messages.success(self.request, f"「{form.instance}」を保存しました。")  # type: ignore[attr-defined]
        return response


class DepartmentCreateView(ManagerMixin, DepartmentSavedMixin, CreateView):  # type: ignore[misc]
    extra_context = {"page_title": "課の登録"}

    def test_func(self) -> bool:
        return super().test_func() and access.is_staff_of_a_municipality(self.request.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        manager: Any = self.request.user
        return {**super().get_form_kwargs(), "instance": Department(municipality=manager.municipality)}


class DepartmentUpdateView(ManagerMixin, DepartmentSavedMixin, UpdateView):  # type: ignore[misc]
    extra_context = {"page_title": "課の変更"}

    def get_queryset(self) -> QuerySet[Department]:
        return Department.objects.managed_by(self.request.user)
