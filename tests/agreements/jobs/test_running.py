"""Jobs are claimed once, run again when their process was killed, stopped when asked, and never half told."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from agreements import jobs, tasks
from agreements.actions import job_runner
from agreements.actions.jobs import JobRefused, cancel_job, clean_jobs, order_job, restart_job
from agreements.choices import JobKind, JobState
from agreements.models import Agreement, BackgroundJob, JobFile
from municipalities.models import Department
from tests.factories import AgreementFactory, BackgroundJobFactory, JobFileFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def does(monkeypatch):
    """`does(function)`: what jobs of the kind EXPORT do in this test."""

    def set_function(function):
        monkeypatch.setitem(jobs.FUNCTIONS, JobKind.EXPORT, function)
        return function

    return set_function


@pytest.fixture
def order(editor, django_capture_on_commit_callbacks):
    def give(**kwargs):
        with django_capture_on_commit_callbacks(execute=True):
            job = order_job(
                kind=JobKind.EXPORT, title="書き出し", by=editor, parameters={"q": "観光"}, **kwargs
            )
        job.refresh_from_db()
        return job

    return give


def begun(job: BackgroundJob, *, lease: timedelta) -> BackgroundJob:
    now = timezone.now()
    BackgroundJob.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, started_at=now, leased_until=now + lease, attempts=1
    )
    return job


def test_job_runs_after_the_commit_with_its_parameters_and_tells_its_result(order, does):
    def work(run):
        run.advance(3, 3)
        run.keep_file(name="結果.csv", content_type="text/csv", content=ContentFile(b"abc"))
        run.report = {"notes": {"条件": run.parameters["q"]}}

    does(work)
    job = order()
    assert (job.state, job.done, job.total, job.attempts) == (JobState.DONE, 3, 3, 1)
    assert job.notes() == [("条件", "観光")]
    assert [file.name for file in job.files.all()] == ["結果.csv"]
    assert job.files.get().file.read() == b"abc"


def test_job_of_a_transaction_that_fails_is_never_ordered(editor, does):
    def order_and_fail():
        with transaction.atomic():
            order_job(kind=JobKind.EXPORT, title="書き出し", by=editor, parameters={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        order_and_fail()
    assert not BackgroundJob.objects.exists()


def test_job_changes_things_in_the_name_of_who_ordered_it(order, does, editor):
    agreement = AgreementFactory(municipality=editor.municipality)

    def work(run):
        changed = Agreement.objects.get(pk=agreement.pk)
        changed.note = "一括で変更"
        changed.save()

    does(work)
    order()
    assert agreement.history.first().history_user == editor


def test_refused_job_says_why_and_a_broken_one_tells_no_internals(order, does):
    @does
    def refuse(run):
        raise JobRefused("ファイルが開けません。")

    job = order()
    assert (job.state, job.error) == (JobState.FAILED, "ファイルが開けません。")

    @does
    def crash(run):
        raise KeyError("secret_table")

    job = order()
    assert job.state == JobState.FAILED
    assert "secret" not in job.error
    assert str(job.pk) in job.error


def test_job_is_claimed_once(editor, does):
    runs = []
    does(lambda run: runs.append(run.job.pk))
    job = begun(BackgroundJobFactory(by=editor), lease=timedelta(minutes=5))
    tasks.run_job(job.pk)
    assert runs == []  # somebody is at it
    begun(job, lease=timedelta(minutes=-1))
    tasks.run_job(job.pk)
    tasks.run_job(job.pk)
    assert runs == [job.pk]  # its process was killed: run again, once
    job.refresh_from_db()
    assert job.attempts == 2


def test_job_that_is_killed_again_and_again_is_given_up(does):
    does(lambda run: None)
    job = begun(BackgroundJobFactory(), lease=timedelta(minutes=-1))
    BackgroundJob.objects.update(attempts=5)
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_run_that_was_taken_over_writes_nothing_more(does):
    @does
    def slow(run):
        BackgroundJob.objects.filter(pk=run.job.pk).update(run_token=None)  # another process has claimed it
        with transaction.atomic():
            Department.objects.create(municipality=run.job.municipality, name="二重の課")
            run.finish()

    job = BackgroundJobFactory()
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert not Department.objects.filter(name="二重の課").exists()


def test_running_job_stops_at_its_next_row_and_keeps_what_is_done(does):
    @does
    def work(run):
        for number in range(10):
            if number == 4:
                cancel_job(job=run.job, now=timezone.now())
            run.advance(number, 10, step=f"{number}行目")

    job = BackgroundJobFactory()
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.CANCELLED, 4)


def test_waiting_job_is_cancelled_at_once_and_can_be_started_again(does):
    does(lambda run: None)
    job = BackgroundJobFactory()
    cancel_job(job=job, now=timezone.now())
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.CANCELLED, 0)
    assert restart_job(job=job, now=timezone.now())
    assert tasks.run_waiting_jobs() == 1
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert not restart_job(job=job, now=timezone.now())


def test_old_files_and_jobs_are_cleaned_away():
    now = timezone.now()
    expired = JobFileFactory(expires_at=now - timedelta(minutes=1))
    kept = JobFileFactory()
    old = BackgroundJobFactory(state=JobState.DONE, finished_at=now - timedelta(days=91))
    JobFileFactory(job=old)
    assert clean_jobs(now=now) == (2, 1)
    assert list(JobFile.objects.all()) == [kept]
    assert not expired.file.storage.exists(expired.file.name)
    assert kept.file.storage.exists(kept.file.name)


class TestRunner:
    @pytest.fixture
    def started(self, monkeypatch):
        started = []
        monkeypatch.setattr(
            job_runner.subprocess, "Popen", lambda command, **kwargs: started.append("process")
        )
        monkeypatch.setattr(job_runner, "async_task", lambda entry, pk, **kwargs: started.append("queue"))
        return started

    @pytest.mark.parametrize(("clusters", "expected"), [([], "process"), (["cluster"], "queue")])
    def test_without_a_living_worker_a_process_runs_it(
        self, settings, monkeypatch, started, clusters, expected
    ):
        settings.RENKEI_JOB_RUNNER = "auto"
        monkeypatch.setattr(job_runner.Stat, "get_all", lambda: clusters)
        job_runner.hand_over(BackgroundJobFactory().pk)
        assert started == [expected]

    def test_no_more_processes_than_workers(self, settings, started):
        settings.RENKEI_JOB_RUNNER = "process"
        for _ in range(settings.Q_CLUSTER["workers"]):
            begun(BackgroundJobFactory(), lease=timedelta(minutes=5))
        job_runner.hand_over(BackgroundJobFactory().pk)
        assert started == []
