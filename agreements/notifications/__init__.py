"""お知らせ: what is due to whom (`due`), the mails that say so (`outbox`), and messages to other systems
(`webhooks`)."""

from .due import DueNotice, collect_due, due_for
from .outbox import NotSent, deliver, post_notices, refresh_notices, tell_everyone
from .webhooks import deliver_webhooks

__all__ = [
    "DueNotice",
    "NotSent",
    "collect_due",
    "deliver",
    "deliver_webhooks",
    "due_for",
    "post_notices",
    "refresh_notices",
    "tell_everyone",
]
