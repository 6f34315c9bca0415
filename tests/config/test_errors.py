"""Error pages: ours, without internals, with an id that the log has too."""

import logging
import re

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django.asserts import assertContains

from config import errors

ID = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")


def fail(exception: Exception):
    def view(request):
        raise exception

    view.login_required = False
    return view


def fine(request):
    return HttpResponse("fine")


fine.login_required = False

urlpatterns = [
    path("bad/", fail(BadRequest("secret detail"))),
    path("large/", fail(RequestDataTooBig("secret detail"))),
    path("closed/", fail(PermissionDenied("secret detail"))),
    path("absent/", fail(Http404("secret detail"))),
    path("broken/", fail(RuntimeError("secret detail"))),
    path("fine/", fine),
]
handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def simple_pages(monkeypatch):
    """The pages as they are, without the site's navigation, whose URLs these test URLs do not have."""
    body = "<h1>{}</h1>{{{{ error_id }}}}"
    pages = {f"{status}.html": body.format(status) for status in (400, 403, 404, 413, 500)}
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", pages)]},
    }


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/bad/", 400),
        ("/large/", 413),
        ("/closed/", 403),
        ("/absent/", 404),
        ("/nowhere/", 404),
        ("/broken/", 500),
    ],
)
@pytest.mark.urls(__name__)
def test_error_page_shows_an_id_that_is_in_the_log_and_nothing_else(
    settings, simple_pages, caplog, url, status
):
    settings.TEMPLATES = [simple_pages]
    with caplog.at_level(logging.INFO, logger="renkei.errors"):
        response = Client(raise_request_exception=False).get(url, {"password": "geheim"})
    text = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{status}</h1>" in text
    assert "secret detail" not in text
    (record,) = (record for record in caplog.records if record.name == "renkei.errors")
    assert ID.search(text)[0] == record.error_id
    assert record.error_id in record.getMessage()
    assert url in record.getMessage()
    assert "geheim" not in record.getMessage()
    assert bool(record.exc_info) is (status == 500)


@pytest.mark.urls(__name__)
def test_server_error_answers_even_when_its_template_is_broken(settings, simple_pages, caplog):
    simple_pages["OPTIONS"]["loaders"][0][1]["500.html"] = "{% broken %}"
    settings.TEMPLATES = [simple_pages]
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assertContains(response, "システムエラー", status_code=500)
    assert ID.search(response.content.decode())


def test_404_and_403_pages_are_in_the_look_of_the_site(client, viewer_client):
    response = client.get("/ありません/")
    assertContains(response, "ページが見つかりません", status_code=404)
    assert ID.search(response.content.decode())
    assertContains(viewer_client.get("/companies/new/"), "この操作はできません", status_code=403)


def test_a_missing_csrf_token_gets_our_page_too(viewer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    response = client.post("/companies/new/", {"name": "x"})
    assertContains(response, "この操作はできません", status_code=403)
    assert ID.search(response.content.decode())


def test_500_page_renders_without_the_database(django_db_blocker, rf, caplog):
    with django_db_blocker.block():
        response = errors.server_error(rf.get("/"))
    assertContains(response, "システムエラーが発生しました", status_code=500)
    assert ID.search(response.content.decode())


def test_a_path_cannot_write_lines_of_its_own_into_the_log(rf, caplog):
    with caplog.at_level(logging.INFO, logger="renkei.errors"):
        errors.error_page(rf.get("/x\nERROR forged"), 404)
    assert "\n" not in caplog.records[-1].getMessage()


def test_an_unknown_status_gets_the_page_of_400(rf):
    response = errors.error_page(rf.get("/"), 418)
    assertContains(response, "リクエストを処理できませんでした", status_code=418)


def test_error_ids_are_easy_to_read_out_and_differ():
    ids = {errors.new_error_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(ID.fullmatch(error_id) for error_id in ids)
