"""What the queue runs (django-q2). A killed job is run again: each of these may be repeated at any time."""

from django.core.management import call_command
from django.utils import timezone

from agreements import jobs
from agreements.actions.jobs import next_waiting
from agreements.actions.jobs import run_job as run_one
from agreements.notifications import tell_everyone


def daily() -> None:
    """Raises `CommandError` when a step failed: the queue then shows the job as failed and repeats it."""
    call_command("daily")


def notices() -> str:
    """Between the daily runs: what came up meanwhile, and mails that could not be sent."""
    return tell_everyone(today=timezone.localdate(), now=timezone.now())


def run_job(pk: int) -> None:
    """One 処理 that a person ordered."""
    run_one(pk, jobs.FUNCTIONS)


def run_waiting_jobs() -> int:
    """Every 処理 that waits or whose process was killed, one after the other; returns how many."""
    done = 0
    while (pk := next_waiting(timezone.now())) is not None:
        run_job(pk)
        done += 1
    return done
