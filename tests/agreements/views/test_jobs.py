import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.choices import JobState, RowOutcome
from agreements.models import BackgroundJob
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory, BackgroundJobFactory, JobFileFactory, JobRowFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def job(editor):
    return BackgroundJobFactory(municipality=editor.municipality, by=editor, title="協定の書き出し")


def running(job, **values):
    BackgroundJob.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, started_at=timezone.now(), leased_until=timezone.now(), **values
    )


def test_job_list_shows_own_jobs_and_managers_all(
    job, editor_client, viewer_client, manager_client, neighbour_client
):
    url = reverse("agreements:job-list")
    assert job.title in editor_client.get(url).content.decode()
    assert job.title in manager_client.get(url).content.decode()
    assert job.title not in viewer_client.get(url).content.decode()
    assert job.title not in neighbour_client.get(url).content.decode()


def test_job_list_needs_as_many_queries_for_many(editor, editor_client, assert_same_queries):
    assert_same_queries(
        lambda: BackgroundJobFactory(municipality=editor.municipality, by=editor),
        lambda: editor_client.get(reverse("agreements:job-list")),
    )


def test_job_detail_refreshes_its_progress_until_it_is_over(job, editor_client):
    running(job, done=30, total=120, step="書き出しています")
    page = editor_client.get(job.get_absolute_url()).content.decode()
    assert "30 / 120" in page
    assert 'hx-trigger="every 2s"' in page
    part = editor_client.get(job.get_absolute_url(), headers=HTMX)
    assert part.content.decode().lstrip().startswith("<section")
    assert "HX-Refresh" not in part
    BackgroundJob.objects.update(state=JobState.DONE, leased_until=None)
    part = editor_client.get(job.get_absolute_url(), headers=HTMX)
    assert part["HX-Refresh"] == "true"
    assert "hx-trigger" not in part.content.decode()


def test_job_detail_lists_each_row_with_its_reason(job, editor_client):
    agreement = AgreementFactory(municipality=job.municipality)
    JobRowFactory(job=job, label="済んだ協定", agreement=agreement)
    JobRowFactory(job=job, label="できない協定", outcome=RowOutcome.FAILED, message="公開できない状態です。")
    page = editor_client.get(job.get_absolute_url()).content.decode()
    assert agreement.get_absolute_url() in page
    assert "公開できない状態です。" in page
    failed = editor_client.get(job.get_absolute_url(), {"outcome": "failed"}).content.decode()
    assert "できない協定" in failed
    assert "済んだ協定" not in failed


def test_job_file_goes_out_with_its_name_and_is_recorded(job, editor_client):
    kept = JobFileFactory(job=job, name="協定.csv")
    response = editor_client.get(reverse("agreements:job-file", args=[kept.pk]))
    assert b"".join(response.streaming_content) == "管理番号".encode()
    assert "attachment" in response["Content-Disposition"]
    assert AuditEvent.objects.filter(kind="download", details_text__contains="協定.csv").exists()
    kept.expires_at = timezone.now()
    kept.save()
    assert editor_client.get(reverse("agreements:job-file", args=[kept.pk])).status_code == 404


def test_job_is_cancelled_by_its_page(job, editor_client):
    editor_client.post(reverse("agreements:job-cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_only_who_ordered_a_job_starts_it_again(
    job, manager_client, editor_client, django_capture_on_commit_callbacks
):
    BackgroundJob.objects.update(state=JobState.FAILED)
    url = reverse("agreements:job-restart", args=[job.pk])
    manager_client.post(url)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    with django_capture_on_commit_callbacks():
        editor_client.post(url)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
