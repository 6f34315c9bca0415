"""会議 as a table."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from agreements.choices import MeetingForm
from agreements.models import Meeting, MeetingTask
from municipalities.wareki import format_wareki

from . import relations
from .table import Column, Kind, Row, Table


def _of(name: str, kind: Kind = Kind.TEXT, width: int = 14) -> Column:
    return Column(name, str(Meeting._meta.get_field(name).verbose_name), kind, width)  # type: ignore[union-attr]


COLUMNS = (
    Column("ledger_number", "協定の管理番号"),
    Column("agreement", "協定名称", width=40),
    _of("held_on", Kind.DATE),
    _of("form", width=10),
    _of("own_attendees", Kind.LINES, 24),
    _of("partner_attendees", Kind.LINES, 24),
    _of("summary", width=60),
    _of("decisions", width=50),
    _of("next_on", Kind.DATE),
    Column("tasks", "宿題", Kind.LINES, 40),
)
_PATHS = {"ledger_number": "agreement__ledger_number", "agreement": "agreement__title"}
_form = relations.labels(MeetingForm)


def load(pks: Sequence[int], keys: Sequence[str], user: Any, today: date) -> dict[int, Row]:
    paths = {key: _PATHS.get(key, key) for key in keys if key != "tasks"}
    rows = {
        values["pk"]: {key: values[path] for key, path in paths.items()}
        for values in Meeting.objects.filter(pk__in=pks).values("pk", *paths.values())
    }
    tasks: dict[int, list[str]] = defaultdict(list)
    if "tasks" in keys:
        for task in MeetingTask.objects.filter(meeting__in=pks).order_by("meeting", "order", "pk"):
            until = f"（{format_wareki(task.due_on)}まで）" if task.due_on else ""
            tasks[task.meeting_id].append(f"{task.whose}：{task.what}{until}")
    for pk, row in rows.items():
        if "form" in row:
            row["form"] = _form(row["form"])
        if "tasks" in keys:
            row["tasks"] = relations.in_lines(tasks[pk])
    return rows


TABLE = Table("meetings", "会議", Meeting, COLUMNS, load)
