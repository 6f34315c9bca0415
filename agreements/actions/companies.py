"""Register, change, put away and bring back a company; keep its agreements findable by its names."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from agreements.models import Agreement, Company, CompanyFormerName

from .register import ChangedMeanwhile
from .search import refresh_found


class CompanyInUse(Exception):
    """A living agreement names this company."""


@transaction.atomic
def register_company(*, values: dict[str, Any]) -> Company:
    company = Company(**values)
    company.save()
    return company


@transaction.atomic
def change_company(
    *,
    company: Company,
    seen: datetime,
    values: dict[str, Any],
    keep_former_name: bool = False,
    former_name_until: date | None = None,
) -> Company:
    """Write the changed company; every agreement with it is found by the new name.

    With `keep_former_name` the name it had becomes a former name. `seen` is the `updated_at` the form was
    opened with: raises `ChangedMeanwhile` when somebody saved after it.
    """
    company = Company.objects.select_for_update().get(pk=company.pk)
    if company.updated_at != seen:
        raise ChangedMeanwhile
    old_name, old_kana, old_spellings = company.name, company.name_kana, company.search_names
    for name, value in values.items():
        setattr(company, name, value)
    if keep_former_name and company.name != old_name:
        CompanyFormerName.objects.get_or_create(
            company=company, name=old_name, defaults={"name_kana": old_kana, "until": former_name_until}
        )
    company.save()
    if company.search_names != old_spellings:
        refresh_documents(company)
    return company


@transaction.atomic
def delete_company(*, company: Company) -> None:
    """Put the company away; `restore_company` brings it back. Raises `CompanyInUse`."""
    company = Company.objects.select_for_update().get(pk=company.pk)
    if company.is_in_use():
        raise CompanyInUse
    company.deleted_at = timezone.now()
    company.save(update_fields=["deleted_at", "updated_at"])


@transaction.atomic
def restore_company(*, company: Company) -> None:
    company.deleted_at = None
    company.save(update_fields=["deleted_at", "updated_at"])


def refresh_documents(company: Company) -> None:
    """Write the search documents of all agreements with this company anew, deleted ones too."""
    refresh_found(Agreement.objects.with_company(company))
