"""Who runs a job: a worker of the queue when one lives, else a process of its own. See ADR 0019.

Handing a job over twice does no harm: `agreements.actions.jobs.run_job` claims it by a conditional update.
"""

import logging
import subprocess
import sys

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.status import Stat
from django_q.tasks import async_task

from agreements.models import BackgroundJob

logger = logging.getLogger(__name__)
ENTRY = "agreements.tasks.run_job"


def hand_over(pk: int) -> None:
    """Have the job run soon. Call it when the job is committed."""
    runner = settings.RENKEI_JOB_RUNNER
    if runner == "inline":
        import_string(ENTRY)(pk)
    elif runner == "queue" or (runner == "auto" and Stat.get_all()):
        async_task(ENTRY, pk, group="renkei-job")
    else:
        _start_process()


def _start_process() -> None:
    """`manage.py run_jobs` does one job after the other until none waits.

    With as many running as there may be, none is started: each of them looks for the next job after its own,
    and ours is committed already.
    """
    if BackgroundJob.objects.running(timezone.now()).count() >= settings.Q_CLUSTER["workers"]:
        return
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_jobs"]
    # Outlives the request and the server's reload; a fixed command without anybody's input.
    subprocess.Popen(  # noqa: S603
        command,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
