from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django_q.models import Schedule

JOBS = {
    # name: (function, cron in Japanese time)
    "renkei-daily": ("agreements.tasks.daily", "30 5 * * *"),
    "renkei-notices": ("agreements.tasks.notices", "5 8-18 * * *"),
    "renkei-webhooks": ("agreements.tasks.send_webhooks", "* * * * *"),
    "renkei-waiting-jobs": ("agreements.tasks.run_waiting_jobs", "*/5 * * * *"),
}


class Command(BaseCommand):
    help = "定期処理の予定を登録します（何度実行しても結果は同じです）。実行には qcluster が必要です。"

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for name, (function, cron) in JOBS.items():
            planned = {"func": function, "schedule_type": Schedule.CRON, "cron": cron, "repeats": -1}
            found = list(Schedule.objects.select_for_update().filter(name=name).order_by("pk"))
            schedule = found[0] if found else Schedule(name=name)
            if any(getattr(schedule, field) != value for field, value in planned.items()):
                for field, value in planned.items():
                    setattr(schedule, field, value)
                schedule.next_run = schedule.calculate_next_run()
                schedule.save()
            Schedule.objects.filter(pk__in=[extra.pk for extra in found[1:]]).delete()
            self.stdout.write(f"{name}：{cron}")
