"""What the lists of this app can be narrowed down by."""

from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from municipalities import access
from municipalities.choices import AuditKind, Role
from municipalities.form_fields import LineFormField, WarekiDateField
from municipalities.models import AuditChain, Department, StaffMember


class DayFilter(django_filters.Filter):
    field_class = WarekiDateField


class LineFilter(django_filters.CharFilter):
    field_class = LineFormField


class AuditFilterForm(forms.Form):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "終わりの日が始まりの日より前です。")
        return cleaned


def _chains(request: Any) -> QuerySet[AuditChain]:
    return AuditChain.objects.readable_by(request.user).select_related("municipality")


class AuditFilterSet(django_filters.FilterSet):
    """操作記録 by 期間, 人 and 操作; system admins also by 自治体."""

    since = DayFilter(label="この日から", method="filter_since", help_text="例：令和8年4月1日、2026/4/1")
    until = DayFilter(label="この日まで", method="filter_until", help_text="例：令和8年4月30日、2026/4/30")
    person = LineFilter(label="操作した人（氏名の一部）", method="filter_person", max_length=60)
    kind = django_filters.MultipleChoiceFilter(
        label="操作", choices=AuditKind, widget=forms.CheckboxSelectMultiple
    )
    target = LineFilter(
        field_name="object_label", lookup_expr="contains", label="対象（一部）", max_length=60
    )
    chain = django_filters.ModelChoiceFilter(label="自治体", queryset=_chains, empty_label="（すべて）")

    class Meta:
        form = AuditFilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not access.is_system_admin(self.request.user):
            del self.filters["chain"]

    def filter_since(self, events: QuerySet, name: str, day: date) -> QuerySet:
        return events.filter(at__gte=_midnight(day))

    def filter_until(self, events: QuerySet, name: str, day: date) -> QuerySet:
        return events.filter(at__lt=_midnight(date.fromordinal(day.toordinal() + 1)))

    def filter_person(self, events: QuerySet, name: str, text: str) -> QuerySet:
        return events.filter(
            Q(actor_name__contains=text)
            | Q(object_model="municipalities.staffmember", object_label__contains=text)
        )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _managed_departments(request: Any) -> QuerySet[Department]:
    return Department.objects.managed_by(request.user)


class StaffFilterSet(django_filters.FilterSet):
    """職員 by name, 課, 役割 and whether they may log in."""

    q = LineFilter(label="氏名・かな・ユーザー名", method="filter_q", max_length=60)
    department = django_filters.ModelChoiceFilter(
        label="課", queryset=_managed_departments, empty_label="（すべて）"
    )
    role = django_filters.ChoiceFilter(label="役割", choices=Role, empty_label="（すべて）")
    is_active = django_filters.ChoiceFilter(
        label="利用", choices=[("True", "利用できる"), ("False", "停止中")], empty_label="（すべて）"
    )

    class Meta:
        model = StaffMember
        fields: tuple[str, ...] = ()

    def filter_q(self, members: QuerySet, name: str, text: str) -> QuerySet:
        return members.filter(
            Q(name__icontains=text) | Q(name_kana__icontains=text) | Q(username__icontains=text)
        )
