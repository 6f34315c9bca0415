"""Audit events as files: CSV for people (UTF-8 with BOM, CRLF), JSON lines for machines."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from django.utils import timezone

from municipalities.models import AuditEvent
from municipalities.spreadsheet_text import neutralise

HEADINGS = (
    "自治体コード",
    "番号",
    "日時",
    "操作",
    "操作した人",
    "接続元",
    "対象の種類",
    "対象の番号",
    "対象",
    "詳細",
    "前のハッシュ",
    "ハッシュ",
)


def csv_lines(events: Iterable[AuditEvent]) -> Iterator[str]:
    """The file line by line. Cells that a spreadsheet would calculate are neutralised."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)

    def line(cells: Iterable[Any]) -> str:
        writer.writerow(cells)
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    yield "\ufeff" + line(HEADINGS)
    for event in events:
        yield line(neutralise(cell) for cell in _cells(event))


def _cells(event: AuditEvent) -> tuple[str, ...]:
    return (
        event.chain.code,
        str(event.sequence),
        f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}",
        event.get_kind_display(),
        event.actor_name,
        event.ip,
        event.object_model,
        event.object_pk,
        event.object_label,
        event.details_text,
        event.previous_hash,
        event.hash,
    )


def json_lines(events: Iterable[AuditEvent]) -> Iterator[str]:
    """One JSON object a line; `details` is the text that the hash covers."""
    for event in events:
        values = {
            "chain": event.chain.code,
            "chain_id": event.chain_id,
            "sequence": event.sequence,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": event.kind,
            "actor_id": event.actor_id,
            "actor_name": event.actor_name,
            "ip": event.ip,
            "object_model": event.object_model,
            "object_pk": event.object_pk,
            "object_label": event.object_label,
            "details": event.details_text,
            "previous_hash": event.previous_hash,
            "hash": event.hash,
        }
        yield json.dumps(values, ensure_ascii=False) + "\n"
