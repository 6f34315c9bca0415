"""Once a day: mails about what newly matches the views that people asked to be told of, each match once."""

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from agreements.choices import NoticeFrequency
from agreements.lists import LISTS
from agreements.models import NoticeMail, NoticePreference, SavedView, SavedViewUse
from agreements.notifications.lines import MAIL_LINES
from municipalities.models import StaffMember

logger = logging.getLogger(__name__)
_MONDAY = 0


@dataclass(frozen=True, slots=True)
class News:
    """What newly matches one view: the names of the first rows, and how many there are."""

    view: SavedView
    url: str
    names: list[str]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.names)


def post_view_mails(*, today: date) -> int:
    """Write the mails into the outbox, one a person; returns how many. `deliver` sends them."""
    wanted = SavedViewUse.objects.filter(mails=True, view__deleted_at=None, person__is_active=True)
    people: dict[int, list[int]] = defaultdict(list)
    for pk, person in wanted.exclude(person__email="").order_by("pk").values_list("pk", "person"):
        people[person].append(pk)
    chosen = dict(NoticePreference.objects.filter(person__in=people).values_list("person", "frequency"))
    posted = 0
    for person, uses in people.items():
        frequency = chosen.get(person, NoticeFrequency.DAILY)
        weekly = frequency == NoticeFrequency.WEEKLY and today.weekday() != _MONDAY
        if frequency != NoticeFrequency.NONE and not weekly:
            posted += _post(person, uses, today)
    return posted


@transaction.atomic
def _post(person: int, uses: list[int], today: date) -> bool:
    """What is told and that it is told are one transaction: a run that is killed has told nothing."""
    recipient = StaffMember.objects.select_for_update().get(pk=person)
    found = []
    for use in SavedViewUse.objects.filter(pk__in=uses).select_related("view").order_by("pk"):
        if news := _news(use, recipient, today):
            found.append(news)
    if not found:
        return False
    context = {"recipient": recipient, "found": found, "today": today, "base_url": settings.RENKEI_BASE_URL}
    NoticeMail.objects.create(
        recipient=recipient,
        address=recipient.email,
        subject=f"【Renkei】保存した一覧に新しく該当 {sum(news.count for news in found)}件",
        body=render_to_string("emails/saved_views.txt", context),
        claimed_on=today,
    )
    return True


def _news(use: SavedViewUse, person: StaffMember, today: date) -> News | None:
    view, user = use.view, person
    visible: Any = SavedView.objects.visible_to(user)
    spec = LISTS.get(view.list_key)
    if spec is None or not visible.filter(pk=view.pk).exists():
        return None  # no longer shared with this person
    filterset = spec.select(view.query, user)
    if not filterset.is_valid():
        logger.warning("saved view %d has conditions that make no sense any more", view.pk)
        return None
    known = set(use.known)
    new = [pk for pk in filterset.qs.values_list("pk", flat=True) if pk not in known]
    if not new:
        return None
    use.known = sorted(known.union(new))
    use.save(update_fields=["known", "updated_at"])
    first = new[:MAIL_LINES]
    rows = spec.table.load(first, [spec.main], user, today)
    column = spec.table.column(spec.main)
    names = [column.plain(rows[pk][spec.main]) or "（名称未登録）" for pk in first if pk in rows]
    return News(view, f"{spec.url}?{view.query}&view={view.pk}", names, len(new))
