"""書類 as a table: what is known of each paper, not the files themselves."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from agreements.choices import DocumentKind
from agreements.models import AgreementDocument

from . import relations
from .table import Column, Kind, Row, Table


def _of(name: str, kind: Kind = Kind.TEXT, width: int = 14) -> Column:
    return Column(name, str(AgreementDocument._meta.get_field(name).verbose_name), kind, width)  # type: ignore[union-attr]


COLUMNS = (
    Column("ledger_number", "協定の管理番号"),
    Column("agreement", "協定名称", width=40),
    _of("title", width=40),
    _of("kind", width=16),
    _of("version", Kind.NUMBER, 6),
    _of("is_public", Kind.FLAG, 10),
    _of("is_paper_only", Kind.FLAG, 10),
    _of("shelf_location", width=24),
    _of("original_name", width=36),
    _of("size", Kind.NUMBER, 16),
    Column("registered_on", "登録日", Kind.DATE),
)
_PATHS = {
    "ledger_number": "agreement__ledger_number",
    "agreement": "agreement__title",
    "registered_on": "created_at",
}
_kind = relations.labels(DocumentKind)


def load(pks: Sequence[int], keys: Sequence[str], user: Any, today: date) -> dict[int, Row]:
    paths = {key: _PATHS.get(key, key) for key in keys}
    rows = {
        values["pk"]: {key: values[path] for key, path in paths.items()}
        for values in AgreementDocument.objects.filter(pk__in=pks).values("pk", *paths.values())
    }
    for row in rows.values():
        if "kind" in row:
            row["kind"] = _kind(row["kind"])
        if "registered_on" in row:
            row["registered_on"] = timezone.localdate(row["registered_on"])
    return rows


TABLE = Table("documents", "書類", AgreementDocument, COLUMNS, load)
