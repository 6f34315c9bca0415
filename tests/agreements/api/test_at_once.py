"""The same request twice at the same moment, two writers of one 取組, two senders of one webhook."""

import json
import threading
import time

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.actions import progress_by_system
from agreements.models import ProgressEntry
from agreements.notifications import webhooks
from agreements.notifications.webhook_client import Outcome
from tests.factories import ActionItemFactory, ApiTokenFactory, WebhookDeliveryFactory

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "rk_0a1b2c3d_secret"


def at_once(*acts) -> list:
    """Run each act in a thread with its own connection; returns what each gave back."""
    ready, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            ready.wait()
            results[place] = act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def send(fukuoka, monkeypatch):
    """`send(key)` records 80 on one action, slowly, on the version that was read before."""
    record = progress_by_system.record_progress

    def record_slowly(**values):
        time.sleep(0.2)
        return record(**values)

    monkeypatch.setattr(progress_by_system, "record_progress", record_slowly)
    ApiTokenFactory(municipality=fukuoka, text=TEXT, writing=True)
    action = ActionItemFactory(agreement__municipality=fukuoka, agreement__whole=True)
    headers = {"Authorization": f"Bearer {TEXT}"}
    seen = Client().get(reverse("api:action", args=[action.pk]), headers=headers)

    def send_once(key):
        return Client().post(
            reverse("api:progress-create", args=[action.pk]),
            json.dumps({"on": timezone.localdate().isoformat(), "value": 80}),
            content_type="application/json",
            headers={**headers, "Idempotency-Key": key, "If-Match": seen["ETag"]},
        )

    return send_once


def test_same_request_twice_at_once_is_done_once(send):
    first, second = at_once(lambda: send("order-1"), lambda: send("order-1"))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert ProgressEntry.objects.count() == 1


def test_of_two_systems_at_once_the_second_is_told(send):
    answers = at_once(lambda: send("a"), lambda: send("b"))
    assert sorted(each.status_code for each in answers) == [201, 412]
    assert ProgressEntry.objects.count() == 1


def test_of_two_runs_at_once_one_sends(monkeypatch):
    sent = []

    def post(url, body, headers):
        sent.append(headers["Renkei-Event-Id"])
        time.sleep(0.2)
        return Outcome(200)

    monkeypatch.setattr(webhooks, "post", post)
    WebhookDeliveryFactory()
    now = timezone.now()
    outcomes = at_once(lambda: webhooks.deliver_webhooks(now=now), lambda: webhooks.deliver_webhooks(now=now))
    assert sorted(outcomes) == [(0, 0), (1, 0)]
    assert len(sent) == 1
