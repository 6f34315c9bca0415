"""Webhooks: what is told, that it arrives signed and once more rather than never, and nowhere it must not."""

import hashlib
import hmac
import io
import ipaddress
import json
import socket
import ssl
import threading
import time
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from agreements.actions import webhooks as actions
from agreements.actions.publication import publish, withdraw
from agreements.actions.transition import transition
from agreements.choices import EndedReason, WebhookEvent
from agreements.domain.webhooks import WAITS
from agreements.models import Agreement, NoticeMail, WebhookDelivery, WebhookEndpoint
from agreements.notifications import webhook_client, webhooks
from agreements.notifications.webhooks import deliver_one, deliver_webhooks
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory, WebhookDeliveryFactory, WebhookEndpointFactory

TODAY = date(2026, 10, 1)
pytestmark = pytest.mark.django_db


class Receiver(BaseHTTPRequestHandler):
    """Answers with `server.status`, and keeps what came."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        if self.server.status == "slow":
            time.sleep(1.5)
        status = 200 if self.server.status == "slow" else self.server.status
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver(settings):
    settings.RENKEI_WEBHOOK_NETWORKS = (ipaddress.ip_network("127.0.0.0/8"),)
    settings.RENKEI_WEBHOOK_HTTPS_ONLY = False
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def endpoint(fukuoka, receiver):
    url = f"http://127.0.0.1:{receiver.server_port}/hook?from=renkei"
    return WebhookEndpointFactory(municipality=fukuoka, url=url, secret="whsec_known")


@pytest.fixture
def waiting(endpoint, today):
    return WebhookDeliveryFactory(endpoint=endpoint, payload='{"event": "test", "title": "協定"}')


def sent(event=None):
    found = WebhookDelivery.objects.order_by("pk")
    return [json.loads(each.payload) for each in (found.filter(event=event) if event else found)]


# -- What is told -------------------------------------------------------------------------------------
def test_publication_is_told_with_the_public_facts_alone(fukuoka, manager, endpoint, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka, title="観光の協定", note="秘密の備考")
    edition = publish(agreement=agreement, by=manager, version=1, today=TODAY)
    (told,) = sent()
    assert told["event"] == "agreement.published"
    assert told["facts"] == edition.payload
    assert (told["agreement"]["id"], told["agreement"]["title"]) == (agreement.pk, "観光の協定")
    assert told["municipality"]["code"] == "401307"
    assert "秘密の備考" not in json.dumps(told, ensure_ascii=False)
    Agreement.objects.filter(pk=agreement.pk).update(title="観光と健康の協定")
    publish(agreement=agreement, by=manager, version=2, today=TODAY, reason="誤記")
    stored = Agreement.objects.get(pk=agreement.pk)
    withdraw(agreement=stored, by=manager, version=stored.version, today=TODAY, reason="申出")
    corrected, withdrawn = sent()[1:]
    assert corrected["changed"] == ["協定名称"]
    assert (withdrawn["event"], withdrawn["facts"]) == ("agreement.withdrawn", None)
    assert "観光" not in json.dumps(withdrawn, ensure_ascii=False)


def test_move_is_told_with_states_and_dates_and_no_comment(fukuoka, manager, endpoint, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka, title="終わる協定")
    transition(
        agreement=agreement,
        target="ended",
        on=TODAY,
        by=manager,
        version=1,
        today=TODAY,
        comment="秘密の理由",
        ended_on=TODAY,
        ended_reason=EndedReason.MUTUAL,
    )
    (told,) = sent()
    assert (told["from"], told["to"], told["on"]) == ("active", "ended", "2026-10-01")
    assert told["agreement"]["title"] == "終わる協定"
    assert "秘密の理由" not in json.dumps(told, ensure_ascii=False)


def test_what_is_undone_is_not_told_and_others_are_not_told(fukuoka, obuse, manager, endpoint, today):
    WebhookEndpointFactory(municipality=obuse)
    deaf = WebhookEndpointFactory(municipality=fukuoka, events=[WebhookEvent.DEADLINE.value])
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    with transaction.atomic():
        publish(agreement=agreement, by=manager, version=1, today=TODAY)
        transaction.set_rollback(True)
    assert sent() == []
    publish(agreement=Agreement.objects.get(pk=agreement.pk), by=manager, version=1, today=TODAY)
    assert {each.endpoint for each in WebhookDelivery.objects.all()} == {endpoint}
    assert not deaf.deliveries.exists()


def renewing(municipality):
    """An agreement whose notice deadline is 60 days away."""
    terms = {"auto_renew": True, "renewal_months": 12, "notice_months": 1}
    agreement = AgreementFactory(
        whole=True, municipality=municipality, first_expiry=date(2026, 12, 31), **terms
    )
    agreement.set_expiry(TODAY)
    agreement.save()
    return agreement


def test_deadline_is_told_once_at_each_stage(fukuoka, endpoint, today):
    agreement = renewing(fukuoka)
    assert [actions.announce_deadlines(today=TODAY) for _ in range(2)] == [1, 0]
    (told,) = sent()
    assert (told["event"], told["on"], told["days"]) == ("agreement.deadline", "2026-11-30", 60)
    assert told["agreement"]["id"] == agreement.pk
    assert actions.announce_deadlines(today=TODAY + timedelta(days=30)) == 1
    assert actions.announce_deadlines(today=TODAY + timedelta(days=31)) == 0


def test_deadlines_need_as_many_queries_for_three_as_for_one(fukuoka, endpoint, today, assert_same_queries):
    def announce():
        WebhookDelivery.objects.all().delete()
        assert actions.announce_deadlines(today=TODAY)

    assert_same_queries(lambda: renewing(fukuoka), announce)


# -- What arrives -------------------------------------------------------------------------------------
def test_message_arrives_signed_and_is_marked(waiting, endpoint, receiver):
    assert deliver_webhooks(now=timezone.now()) == (1, 0)
    ((path, headers, body),) = receiver.received
    assert path == "/hook?from=renkei"
    assert body.decode() == waiting.payload
    assert headers["Renkei-Event-Id"] == str(waiting.event_id)
    signed = headers["Renkei-Timestamp"].encode() + b"." + body
    expected = hmac.new(b"whsec_known", signed, hashlib.sha256).hexdigest()
    assert headers["Renkei-Signature"] == f"v1={expected}"
    waiting.refresh_from_db()
    endpoint.refresh_from_db()
    assert (waiting.delivered_at, waiting.last_status, waiting.attempts) == (timezone.now(), 200, 1)
    assert endpoint.delivered_at == timezone.now()
    assert deliver_webhooks(now=timezone.now() + timedelta(days=1)) == (0, 0)


def test_failed_message_is_sent_again_with_growing_waits_then_given_up(waiting, receiver):
    receiver.status = 500
    now = timezone.now()
    for wait in (*WAITS, None):
        assert deliver_webhooks(now=now) == (0, 1)
        waiting.refresh_from_db()
        if wait is None:
            break
        assert waiting.next_at == now + wait
        assert deliver_webhooks(now=now + wait - timedelta(seconds=1)) == (0, 0)
        now += wait
    assert waiting.given_up_at == now
    assert (waiting.attempts, waiting.last_error) == (len(WAITS) + 1, "500 が返りました。")
    assert len({headers["Renkei-Event-Id"] for _, headers, _ in receiver.received}) == 1
    receiver.status = 204
    assert deliver_webhooks(now=now + timedelta(days=2)) == (0, 0)


def test_run_that_is_killed_sends_the_same_message_again(waiting, receiver, monkeypatch):
    def die(*args):
        raise SystemExit

    note = webhooks._note
    monkeypatch.setattr(webhooks, "_note", die)
    now = timezone.now()
    with pytest.raises(SystemExit):
        deliver_webhooks(now=now)
    monkeypatch.setattr(webhooks, "_note", note)
    assert deliver_webhooks(now=now + timedelta(seconds=30)) == (0, 0)  # perhaps it is still at it
    assert deliver_webhooks(now=now + webhooks.LEASE) == (1, 0)
    first, second = receiver.received
    assert first[2] == second[2]
    assert first[1]["Renkei-Event-Id"] == second[1]["Renkei-Event-Id"]


def test_redirect_is_not_followed(waiting, receiver):
    receiver.status = 302
    assert deliver_webhooks(now=timezone.now()) == (0, 1)
    assert [path for path, *_ in receiver.received] == ["/hook?from=renkei"]
    waiting.refresh_from_db()
    assert "転送には従いません" in waiting.last_error


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::ffff:127.0.0.1]:{port}/"]
)
def test_inside_is_not_reached_unless_it_is_allowed(waiting, receiver, settings, url):
    settings.RENKEI_WEBHOOK_NETWORKS = ()
    WebhookEndpoint.objects.update(url=url.format(port=receiver.server_port))
    assert deliver_webhooks(now=timezone.now()) == (0, 1)
    assert receiver.received == []
    waiting.refresh_from_db()
    assert "内部のネットワーク" in waiting.last_error


def test_name_that_changes_its_mind_leads_to_the_address_that_was_looked_at(waiting, receiver, monkeypatch):
    answers = [[(2, 1, 6, "", ("127.0.0.1", receiver.server_port))]]
    connected = []
    connect = socket.create_connection

    def resolve(host, port, *args, **kwargs):
        assert host == "hook.example"
        return answers.pop()  # a second question would fail

    def note(address, *args, **kwargs):
        connected.append(address)
        monkeypatch.undo()
        return connect(address, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", note)
    outcome = webhook_client.post(f"http://hook.example:{receiver.server_port}/x", b"{}", {})
    assert outcome.status == 200
    assert connected == [("127.0.0.1", receiver.server_port)]
    assert receiver.received[0][1]["Host"] == f"hook.example:{receiver.server_port}"


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch, settings):
    found = [(2, 1, 6, "", (address, 443)) for address in ("203.0.114.9", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    assert "内部" in webhook_client.post("https://hook.example/", b"", {}).error


def test_slow_receiver_is_cut_off(waiting, receiver, monkeypatch):
    receiver.status = "slow"
    monkeypatch.setattr(webhook_client, "_WHOLE_SECONDS", 0.3)
    begun = time.monotonic()
    assert deliver_webhooks(now=timezone.now()) == (0, 1)
    assert time.monotonic() - begun < 1.2


def test_plain_http_is_refused_in_production(waiting, receiver, settings):
    settings.RENKEI_WEBHOOK_HTTPS_ONLY = True
    assert deliver_webhooks(now=timezone.now()) == (0, 1)
    assert receiver.received == []


@pytest.fixture
def certified(receiver, tmp_path):
    """The receiver with a certificate of its own for `localhost`; returns the file of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, form, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    return file


def test_certificate_must_be_known_and_of_the_name(certified, receiver, monkeypatch):
    url = f"https://localhost:{receiver.server_port}/hook"
    assert "証明書" in webhook_client.post(url, b"{}", {}).error
    monkeypatch.setenv("SSL_CERT_FILE", str(certified))
    assert webhook_client.post(url, b"{}", {}).status == 200
    # The address is right, the name is not the one of the certificate.
    assert "証明書" in webhook_client.post(url.replace("localhost", "127.0.0.1"), b"{}", {}).error
    assert len(receiver.received) == 1


def test_endpoint_that_fails_is_left_alone_for_the_run_and_others_are_served(
    fukuoka, endpoint, receiver, today
):
    dead = WebhookEndpointFactory(municipality=fukuoka)
    for _ in range(3):
        WebhookDeliveryFactory(endpoint=dead)
    WebhookDeliveryFactory(endpoint=endpoint)
    now = timezone.now()
    assert deliver_webhooks(now=now) == (1, 1)
    assert sum(dead.deliveries.values_list("attempts", flat=True)) == 1
    assert set(dead.deliveries.values_list("next_at", flat=True)) == {now + WAITS[0]}
    assert deliver_webhooks(now=now + timedelta(seconds=30)) == (0, 0)


def test_dead_endpoint_is_stopped_after_days_and_managers_are_told(
    waiting, endpoint, receiver, manager, manager_client, editor_client
):
    manager.email = "manager@example.jp"
    manager.save()
    AgreementFactory(whole=True, municipality=endpoint.municipality)
    receiver.status = 503
    now = timezone.now()
    deliver_webhooks(now=now)
    WebhookDeliveryFactory(endpoint=endpoint)
    assert deliver_webhooks(now=now + timedelta(days=5)) == (0, 1)
    endpoint.refresh_from_db()
    assert endpoint.disabled_at == now + timedelta(days=5)
    mail = NoticeMail.objects.get()
    assert (mail.address, endpoint.name in mail.subject) == ("manager@example.jp", True)
    assert endpoint.url in mail.body
    link = f'href="{endpoint.get_absolute_url()}"'
    assert link in manager_client.get(reverse("agreements:today")).content.decode()
    assert link not in editor_client.get(reverse("agreements:today")).content.decode()
    later = now + timedelta(days=6)
    assert deliver_webhooks(now=later) == (0, 0)
    receiver.status = 200
    actions.resume_endpoint(endpoint=endpoint, by=manager, now=later)
    assert deliver_webhooks(now=later) == (2, 0)
    endpoint.refresh_from_db()
    assert (endpoint.disabled_at, endpoint.failing_since) == (None, None)


def test_paused_endpoint_is_told_later_but_not_for_ever(waiting, endpoint, receiver, manager):
    now = timezone.now()
    actions.pause_endpoint(endpoint=endpoint, by=manager, now=now)
    assert deliver_webhooks(now=now) == (0, 0)
    assert deliver_one(waiting.pk, now=now) is None
    deliver_webhooks(now=now + timedelta(days=31))
    waiting.refresh_from_db()
    assert waiting.given_up_at is not None


def test_secret_survives_a_rotation_of_the_key_and_its_loss_is_told(waiting, endpoint, receiver, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "x" * 50
    assert endpoint.secret == "whsec_known"
    call_command("reencrypt_webhooks", stdout=io.StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert WebhookEndpoint.objects.get().secret == "whsec_known"
    settings.SECRET_KEY = "y" * 50
    assert deliver_webhooks(now=timezone.now()) == (0, 1)
    waiting.refresh_from_db()
    assert "作り直して" in waiting.last_error


# -- Pages --------------------------------------------------------------------------------------------
def url(name, *args):
    return reverse(f"agreements:{name}", args=args)


def test_manager_registers_an_endpoint_and_sees_the_secret_once(manager_client, fukuoka):
    data = {"name": "庁内ポータル", "url": "https://portal.example/hook", "chosen": ["agreement.published"]}
    response = manager_client.post(url("webhook-create"), data)
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secret in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
    for name in ("webhook-detail", "webhook-update"):
        page = manager_client.get(url(name, endpoint.pk)).content.decode()
        assert endpoint.secret not in page
        assert endpoint.secret_box not in page
    assert endpoint.secret not in endpoint.secret_box
    assert endpoint.events == ["agreement.published"]
    assert AuditEvent.objects.filter(object_model="agreements.webhookendpoint").exists()
    wrong = manager_client.post(url("webhook-create"), {**data, "url": "http://portal/", "chosen": []})
    text = wrong.content.decode()
    assert "https:// で始まるもの" in text
    assert "1つ以上選んでください" in text


def test_endpoint_changed_meanwhile_is_not_overwritten(manager_client, endpoint):
    path = url("webhook-update", endpoint.pk)
    seen = manager_client.get(path).context["form"].initial["seen"]
    endpoint.name = "ほかの人が変えた名称"
    endpoint.save()
    data = {"name": "私の名称", "url": endpoint.url, "chosen": ["agreement.deadline"], "seen": seen}
    response = manager_client.post(path, data)
    assert response.status_code == 409
    text = response.content.decode()
    assert "ほかの人が変えた名称" in text
    assert 'value="私の名称"' in text
    again = manager_client.post(path, {**data, "seen": response.context["form"]["seen"].value()})
    assert again.status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.events) == ("私の名称", ["agreement.deadline"])


def test_test_and_resend_tell_what_came_of_it(manager_client, endpoint, receiver):
    page = manager_client.post(url("webhook-test", endpoint.pk), follow=True).content.decode()
    assert "テストの通知が届きました（応答 200）" in page
    receiver.status = 404
    delivery = endpoint.deliveries.get()
    page = manager_client.post(url("webhook-resend", delivery.pk), follow=True).content.decode()
    assert "404 が返りました" in page
    assert [headers["Renkei-Event-Id"] for _, headers, _ in receiver.received] == [str(delivery.event_id)] * 2


def test_deleted_endpoint_comes_back_by_undo(manager_client, endpoint):
    page = manager_client.post(url("webhook-delete", endpoint.pk), follow=True).content.decode()
    assert url("webhook-restore", endpoint.pk) in page
    assert manager_client.get(url("webhook-detail", endpoint.pk)).status_code == 404
    manager_client.post(url("webhook-restore", endpoint.pk))
    assert manager_client.get(url("webhook-detail", endpoint.pk)).status_code == 200


def test_pages_need_as_many_queries_for_three_as_for_one(manager_client, fukuoka, assert_same_queries):
    endpoint = WebhookEndpointFactory(municipality=fukuoka)

    def add():
        WebhookEndpointFactory(municipality=fukuoka)
        WebhookDeliveryFactory(endpoint=endpoint, agreement=AgreementFactory(municipality=fukuoka))

    paths = [url("webhook-list"), url("webhook-detail", endpoint.pk)]
    assert_same_queries(add, lambda: [manager_client.get(path) for path in paths])


def test_command_sends_and_old_records_are_forgotten(waiting, receiver, capsys):
    call_command("send_webhooks")
    assert "送信1件、失敗0件" in capsys.readouterr().out
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        assert actions.clean_deliveries(before=timezone.now() - timedelta(days=90)) == 1
