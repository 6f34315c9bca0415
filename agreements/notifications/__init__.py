"""お知らせ: what is due to whom (`due`), and the mails that say so (`outbox`)."""

from .due import DueNotice, collect_due, due_for
from .outbox import NotSent, deliver, post_notices, refresh_notices, tell_everyone

__all__ = [
    "DueNotice",
    "NotSent",
    "collect_due",
    "deliver",
    "due_for",
    "post_notices",
    "refresh_notices",
    "tell_everyone",
]
