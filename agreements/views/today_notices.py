"""Of 「今日の仕事」: everything that is due to this person, whatever mails they want."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agreements.domain.notices import Due, is_urgent
from agreements.models import Agreement, Notice
from agreements.notifications import due_for
from agreements.notifications.lines import Line, describe

_SHOWN = 30
_USUAL_SNOOZE_DAYS = 7


@dataclass(frozen=True, slots=True)
class NoticeRow:
    line: Line
    key: str
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class SnoozedRow:
    line: Line
    notice: Notice


def key_of(due: Due, object_id: int) -> str:
    """Names a notice of one person in a form."""
    return f"{due.kind.value}.{object_id}.{due.due_on.isoformat()}.{due.stage}"


def notice_work(user: Any, today: date) -> dict[str, Any]:
    """The person's notices and what they put off; a fixed number of queries."""
    found = due_for(user, today)
    put_off = {
        (row.kind, row.object_id, row.due_on, row.stage): row
        for row in Notice.objects.filter(recipient=user.pk, snoozed_until__gt=today)
    }
    shown = [each for each in found if each.identity[1:] not in put_off][:_SHOWN]
    hidden = [each for each in found if each.identity[1:] in put_off][:_SHOWN]
    agreements = Agreement.objects.internal_to(user).in_bulk({each.agreement for each in shown + hidden})
    lines = describe(
        Notice(
            agreement=agreements[each.agreement],
            kind=each.due.kind.value,
            object_id=each.object_id,
            due_on=each.due.due_on,
            stage=each.due.stage,
        )
        for each in shown + hidden
    )
    rows = [
        NoticeRow(line, key_of(each.due, each.object_id), is_urgent(line.kind, line.due_on, today))
        for each, line in zip(shown, lines[: len(shown)], strict=True)
    ]
    return {
        "notices": rows,
        "notices_total": len(found) - sum(each.identity[1:] in put_off for each in found),
        "notices_snoozed": [
            SnoozedRow(line, put_off[each.identity[1:]])
            for each, line in zip(hidden, lines[len(shown) :], strict=True)
        ],
        "snooze_until": today + timedelta(days=_USUAL_SNOOZE_DAYS),
    }
