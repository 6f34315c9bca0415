"""What the lists of this app can be narrowed down by."""

from datetime import date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from municipalities import access
from municipalities.choices import AuditKind
from municipalities.form_fields import LineFormField, WarekiDateField
from municipalities.models import AuditChain


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
    until = DayFilter(label="この日まで", method="filter_until", help_text="")
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
