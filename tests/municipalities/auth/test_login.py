import pytest

from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def log_in(client, member, password=PASSWORD, **more):
    return client.post("/login/", {"login": member.username, "password": password, **more})


def test_password_logs_in(client, viewer):
    answer = log_in(client, viewer)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(viewer.pk)
