"""The button that makes the site of the own municipality as a zip, in the background."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from agreements.actions.publication import publish
from agreements.choices import JobKind, JobState
from agreements.models import BackgroundJob
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory, DocumentFactory

pytestmark = pytest.mark.django_db
PATH = reverse("agreements:public-site")


@pytest.fixture
def published(fukuoka, manager, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka, title="観光の協定")
    DocumentFactory(agreement=agreement, is_public=True)
    publish(agreement=agreement, by=manager, version=1, today=date(2026, 10, 1))
    return agreement


def order(client, capture, base_url=""):
    with capture(execute=True):
        response = client.post(PATH, {"base_url": base_url})
    assert response.status_code == 302
    return BackgroundJob.objects.latest("pk")


def test_manager_gets_the_site_as_a_zip_and_it_is_recorded(
    manager_client, manager, published, django_capture_on_commit_callbacks
):
    job = order(manager_client, django_capture_on_commit_callbacks, "https://www.city.example.lg.jp/renkei")
    assert (job.kind, job.state, job.error) == (JobKind.SITE, JobState.DONE, "")
    page = manager_client.get(job.get_absolute_url()).content.decode()
    assert "公開サイト_401307_" in page
    answer = manager_client.get(reverse("agreements:job-file", args=[job.files.get().pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        assert "観光の協定" in archive.read("renkei-401307/index.html").decode()
    assert {"renkei-401307/sitemap.xml", f"renkei-401307/a/{published.pk}/index.html"} <= set(names)
    event = AuditEvent.objects.filter(kind="export").get()
    assert (event.actor, event.details["件数"], event.details["処理"]) == (manager, 1, job.pk)
    # The address is still there the next time, and so is what was made.
    html = manager_client.get(PATH).content.decode()
    assert 'value="https://www.city.example.lg.jp/renkei/"' in html
    assert job.get_absolute_url() in html


def test_broken_site_is_told_with_its_places_and_gives_no_file(
    manager_client, published, django_capture_on_commit_callbacks
):
    for file in Path(settings.MEDIA_ROOT).rglob("*"):
        if file.is_file():
            file.unlink()
    job = order(manager_client, django_capture_on_commit_callbacks)
    assert job.state == JobState.FAILED
    assert not job.files.exists()
    page = manager_client.get(job.get_absolute_url()).content.decode()
    assert "リンク切れなどが1か所" in page
    assert f"a/{published.pk}/index.html：「../../documents/" in page
    assert not AuditEvent.objects.filter(kind="export").exists()


def test_wrong_address_is_said_at_its_field_and_kept(manager_client, published):
    html = manager_client.post(PATH, {"base_url": "www.example.jp"}).content.decode()
    assert html.count("サイトを置くアドレスを入力してください") >= 2
    assert 'value="www.example.jp"' in html
    assert not BackgroundJob.objects.exists()


def test_second_order_leads_to_the_one_that_runs(manager_client, published):
    first = manager_client.post(PATH)  # waits: nothing is committed
    assert manager_client.post(PATH)["Location"] == first["Location"]
    assert BackgroundJob.objects.count() == 1


def test_site_page_needs_as_many_queries_for_three_orders_as_for_one(
    manager_client, manager, assert_same_queries
):
    def add():
        BackgroundJob.objects.create(
            municipality=manager.municipality, by=manager, kind=JobKind.SITE, title="書き出し"
        )

    assert_same_queries(add, lambda: manager_client.get(PATH))
