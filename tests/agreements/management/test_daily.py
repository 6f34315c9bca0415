import io

import pytest
from django.core.management import CommandError, call_command
from django_q.models import Schedule

from agreements import tasks
from agreements.management.commands import daily

pytestmark = pytest.mark.django_db


def run():
    output = io.StringIO()
    call_command("daily", stdout=output, stderr=output)
    return output.getvalue()


def test_daily_does_every_step_and_may_be_repeated():
    for _ in range(2):
        output = run()
        assert all(label in output for label, _ in daily.STEPS)


def test_daily_goes_on_after_a_failed_step_and_fails_at_the_end(monkeypatch):
    def fail(today, now):
        raise RuntimeError("broken")

    done = []
    steps = (("壊れた処理", fail), ("次の処理", lambda today, now: done.append(today) or "済"))
    monkeypatch.setattr(daily, "STEPS", steps)
    with pytest.raises(CommandError, match="壊れた処理"):
        run()
    assert len(done) == 1
    with pytest.raises(CommandError):
        tasks.daily()


def test_schedule_jobs_may_be_repeated_and_repairs_what_was_changed():
    for _ in range(2):
        call_command("schedule_jobs", stdout=io.StringIO())
    assert dict(Schedule.objects.values_list("name", "func")) == {
        "renkei-daily": "agreements.tasks.daily",
        "renkei-notices": "agreements.tasks.notices",
        "renkei-waiting-jobs": "agreements.tasks.run_waiting_jobs",
        "renkei-webhooks": "agreements.tasks.send_webhooks",
    }
    planned = Schedule.objects.get(name="renkei-daily")
    Schedule.objects.filter(pk=planned.pk).update(cron="0 0 1 1 *")
    Schedule.objects.create(name="renkei-daily", func="agreements.tasks.daily")
    call_command("schedule_jobs", stdout=io.StringIO())
    assert Schedule.objects.get(name="renkei-daily").cron == planned.cron


def test_jobs_of_the_queue_run():
    tasks.daily()
    assert "送信0通" in tasks.notices()
    assert "送信0件" in tasks.send_webhooks()


def test_retry_is_longer_than_timeout(settings):
    assert settings.Q_CLUSTER["retry"] > settings.Q_CLUSTER["timeout"]
