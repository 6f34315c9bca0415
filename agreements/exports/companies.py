"""相手方 as a table: the shared register; how many agreements counts those the reader may see."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils import timezone

from agreements.models import Agreement, Company, CompanyFormerName, Party

from . import relations
from .table import Column, Kind, Row, Table


def _of(name: str, kind: Kind = Kind.TEXT, width: int = 14) -> Column:
    return Column(name, str(Company._meta.get_field(name).verbose_name), kind, width)  # type: ignore[union-attr]


COLUMNS = (
    _of("name", width=36),
    _of("name_kana", width=36),
    _of("corporate_number", width=16),
    _of("postal_code", width=10),
    _of("address", width=44),
    _of("representative_title", width=16),
    _of("representative_name", width=16),
    _of("website", width=30),
    Column("former_names", "旧名称", Kind.LINES, 30),
    Column("agreement_count", "協定の数", Kind.NUMBER, 10),
    Column("updated_on", "更新日", Kind.DATE),
)
_COMPUTED = {"former_names", "agreement_count"}


def load(pks: Sequence[int], keys: Sequence[str], user: Any, today: date) -> dict[int, Row]:
    paths = {key: {"updated_on": "updated_at"}.get(key, key) for key in keys if key not in _COMPUTED}
    rows = {
        values["pk"]: {key: values[path] for key, path in paths.items()}
        for values in Company.objects.filter(pk__in=pks).values("pk", *paths.values())
    }
    former: dict[int, list[str]] = defaultdict(list)
    if "former_names" in keys:
        names = CompanyFormerName.objects.filter(company__in=pks).order_by("company", "until", "pk")
        for pk, name in names.values_list("company_id", "name"):
            former[pk].append(name)
    counted = _agreement_counts(pks, user) if "agreement_count" in keys else {}
    for pk, row in rows.items():
        if "updated_on" in row:
            row["updated_on"] = timezone.localdate(row["updated_on"])
        if "former_names" in keys:
            row["former_names"] = relations.in_lines(former[pk])
        if "agreement_count" in keys:
            row["agreement_count"] = counted.get(pk, 0)
    return rows


def _agreement_counts(pks: Sequence[int], user: Any) -> dict[int, int]:
    visible = Party.objects.filter(company__in=pks, agreement__in=Agreement.objects.visible_to(user))
    return dict(visible.order_by().values_list("company").annotate(count=Count("agreement")))


TABLE = Table("companies", "相手方", Company, COLUMNS, load)
