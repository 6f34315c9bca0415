"""What the queue runs (django-q2). A killed job is run again: each of these may be repeated at any time."""

from django.core.management import call_command
from django.utils import timezone

from agreements import jobs
from agreements.actions.webhooks import announce_deadlines
from agreements.models import SearchDocument
from agreements.notifications import deliver_webhooks, tell_everyone


def daily() -> None:
    """Raises `CommandError` when a step failed: the queue then shows the job as failed and repeats it."""
    call_command("daily")


def notices() -> str:
    """Between the daily runs: what came up meanwhile, and mails that could not be sent."""
    announce_deadlines(today=timezone.localdate())
    return tell_everyone(today=timezone.localdate(), now=timezone.now())


def send_webhooks() -> str:
    """Every minute, and soon after something happened."""
    sent, failed = deliver_webhooks(now=timezone.now())
    return f"送信{sent}件、失敗{failed}件"


def run_job(pk: int) -> None:
    """One 処理 that a person ordered."""
    jobs.run_one(pk)


def run_waiting_jobs() -> int:
    return jobs.run_waiting()


def refresh_search(agreement_ids: list[int]) -> int:
    """A name that many agreements carry has changed."""
    SearchDocument.objects.refresh(agreement_ids)
    return len(agreement_ids)
