"""The API for a municipality's own systems: what a token opens, what it may write, and how that is told."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from agreements.choices import ActionState
from agreements.models import ActionItem, ProgressEntry
from municipalities.choices import AuditKind
from municipalities.models import ApiReply, AuditEvent
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    ApiTokenFactory,
    PlanItemFactory,
    ProgressEntryFactory,
)

pytestmark = pytest.mark.django_db
TEXT = "rk_0a1b2c3d_secret"


def url(name, *args):
    return reverse(f"api:{name}", args=args)


def bearer(text=TEXT, **headers):
    return {"Authorization": f"Bearer {text}", **headers}


@pytest.fixture
def token(fukuoka, today):
    return ApiTokenFactory(municipality=fukuoka, text=TEXT, writing=True, name="庁内ポータル")


@pytest.fixture
def action(fukuoka, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka, title="内部の協定")
    return ActionItemFactory(
        agreement=agreement, title="健康教室", target_value=120, target_unit="人", state=ActionState.PLANNED
    )


def read(client, action):
    return client.get(url("action", action.pk), headers=bearer())


def send(client, action, body, **headers):
    path = url("progress-create", action.pk)
    return client.post(path, json.dumps(body), content_type="application/json", headers=bearer(**headers))


# -- Who comes in -------------------------------------------------------------------------------------
def test_token_tells_whose_it_is_and_notes_its_use(client, token):
    data = client.get(url("token"), headers=bearer()).json()
    assert data["municipality"]["code"] == "401307"
    assert data["scopes"] == ["read", "progress:write"]
    token.refresh_from_db()
    assert token.last_used_at == timezone.now()
    assert token.last_used_address == "127.0.0.1"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", f"Bearer {TEXT}x", "Bearer " + "x" * 9_000]
)
def test_without_a_token_nothing_opens(client, token, header):
    response = client.get(url("own-agreement-list"), headers={"Authorization": header} if header else {})
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["errors"] == []


@pytest.mark.parametrize("change", [{"expires_on": -1}, {"revoked_at": 0}])
def test_token_that_is_over_opens_nothing(client, token, today, change):
    for name, days in change.items():
        value = today + timedelta(days=days) if name == "expires_on" else timezone.now()
        type(token).objects.filter(pk=token.pk).update(**{name: value})
    assert client.get(url("token"), headers=bearer()).status_code == 401


def test_reading_token_does_not_write(client, fukuoka, action):
    ApiTokenFactory(municipality=fukuoka, text="rk_1_reader")
    path = url("progress-create", action.pk)
    body = json.dumps({"on": "2026-10-01", "value": 1, "version": "x"})
    response = client.post(path, body, content_type="application/json", headers=bearer("rk_1_reader"))
    assert response.status_code == 403
    assert "進捗の記録" in response.json()["detail"]
    assert not ProgressEntry.objects.exists()


def test_writing_is_limited_by_token_and_guessing_by_address(client, token, settings):
    cache.clear()  # the clock stands still for the tests before as well
    settings.RENKEI_API_TOKEN_RATE, settings.RENKEI_API_FAILURES_PER_MINUTE = 2, 3
    answers = [client.get(url("token"), headers=bearer()) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert "Retry-After" in answers[2]
    settings.RENKEI_API_TOKEN_RATE = 100
    address = {"REMOTE_ADDR": "192.0.2.77"}
    guesses = [client.get(url("token"), headers=bearer(f"rk_{n}"), **address).status_code for n in range(4)]
    assert guesses == [401, 401, 401, 429]
    assert client.get(url("token"), headers=bearer(), **address).status_code == 429  # not even the right one


# -- What it reads ------------------------------------------------------------------------------------
def test_token_reads_drafts_of_its_own_municipality_and_nothing_of_others(client, token, action, obuse):
    other = AgreementFactory(whole=True, municipality=obuse, published=True, title="よその協定")
    foreign = ActionItemFactory(agreement=other, title="よその取組")
    PlanItemFactory(plan__municipality=obuse, name="よその施策")
    lists = ["own-agreement-list", "action-list", "plan-item-list"]
    paths = [url(name) for name in lists]
    paths += [f"{url('deadline-list')}?kind={kind}" for kind in ("notice", "expiry", "action")]
    found = "".join(client.get(path, headers=bearer()).content.decode() for path in paths)
    assert "内部の協定" in found
    assert "健康教室" in found
    assert "よその" not in found
    for name, key in (
        ("own-agreement", other.pk),
        ("own-item-list", other.pk),
        ("action", foreign.pk),
        ("progress-list", foreign.pk),
    ):
        assert client.get(url(name, key), headers=bearer()).status_code == 404, name
    assert send(client, foreign, {"on": "2026-10-01", "value": 1, "version": "x"}).status_code == 404


def test_agreement_comes_with_its_items_and_without_people(client, token, action, manager):
    agreement = action.agreement
    agreement.note, agreement.person_in_charge = "秘密の備考", manager
    agreement.save()
    response = client.get(url("own-agreement", agreement.pk), headers=bearer())
    data = response.json()
    assert data["items"] == client.get(url("own-item-list", agreement.pk), headers=bearer()).json()["results"]
    assert data["parties"][0]["municipality_code"] == "401307"
    assert "秘密の備考" not in response.content.decode()
    assert manager.name not in response.content.decode()
    again = client.get(
        url("own-agreement", agreement.pk), headers=bearer(**{"If-None-Match": response["ETag"]})
    )
    assert again.status_code == 304
    assert response["Cache-Control"] == "private, no-cache"


def test_what_is_handed_out_is_recorded_and_what_is_known_already_is_not(client, token, action):
    first = read(client, action)
    client.get(url("action", action.pk), headers=bearer(**{"If-None-Match": first["ETag"]}))
    client.get(url("action-list"), {"state": "planned"}, headers=bearer())
    client.get(url("action", 999_999), headers=bearer())
    events = AuditEvent.objects.filter(chain__municipality=token.municipality, actor_name__startswith="API")
    view, export = events.order_by("sequence")
    assert (view.kind, view.object_pk) == (AuditKind.VIEW_INTERNAL, str(action.agreement_id))
    assert view.actor_name == f"API：庁内ポータル（{token.prefix}…）"
    assert (export.kind, export.details["件数"]) == (
        AuditKind.EXPORT,
        ActionItem.objects.filter(state="planned").count(),
    )
    assert export.details["条件"] == {"state": "planned"}


def test_own_lists_need_as_many_queries_for_three_as_for_one(client, token, fukuoka, assert_same_queries):
    def add():
        agreement = AgreementFactory(whole=True, municipality=fukuoka)
        ProgressEntryFactory(action=ActionItemFactory(agreement=agreement))
        PlanItemFactory(plan__municipality=fukuoka)

    names = ["own-agreement-list", "action-list", "plan-item-list"]
    paths = [url(name) for name in names] + [f"{url('deadline-list')}?kind=action"]
    assert_same_queries(add, lambda: [client.get(path, headers=bearer()) for path in paths])


def test_lists_are_narrowed_and_walked(client, token, action):
    action_keys = sorted(ActionItem.objects.values_list("pk", flat=True))
    seen, cursor = [], ""
    while cursor is not None:
        query = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        data = client.get(url("action-list"), query, headers=bearer()).json()
        seen += [each["id"] for each in data["results"]]
        cursor = data["next"]
    assert seen == action_keys
    for query, hits in (({"agreement": action.agreement_id}, len(action_keys)), ({"state": "done"}, 0)):
        data = client.get(url("action-list"), query, headers=bearer()).json()
        assert len(data["results"]) == hits
    assert client.get(url("deadline-list"), headers=bearer()).json()["errors"] == [
        {"field": "kind", "message": "必須の項目です。"}
    ]


# -- What it writes -----------------------------------------------------------------------------------
def test_progress_is_recorded_with_the_name_of_the_system(client, token, action, manager_client):
    seen = read(client, action)
    response = send(
        client, action, {"on": "2026-09-30", "value": 100, "note": "3回目"}, **{"If-Match": seen["ETag"]}
    )
    assert response.status_code == 201
    data = response.json()
    assert (data["current_value"], data["told_on"], data["state"]) == (100, "2026-09-30", "in_progress")
    assert data["version"] != seen.json()["version"]
    entry = ProgressEntry.objects.get(action=action)
    assert (entry.value, entry.text, entry.by, entry.by_system) == (100, "3回目", None, "庁内ポータル")
    assert entry.history.get().history_change_reason == f"API：{token}"
    assert "庁内ポータル（API）" in manager_client.get(action.get_absolute_url()).content.decode()
    page = manager_client.get(action.agreement.get_absolute_url(), {"tab": "history"})
    assert page.status_code == 200
    event = AuditEvent.objects.filter(kind=AuditKind.IMPORT).get()
    assert event.actor_name == f"API：{token}"
    (row,) = client.get(url("progress-list", action.pk), headers=bearer()).json()["results"]
    assert (row["recorded_by"], row["system"], row["value"]) == ("system", "庁内ポータル", 100)


def test_what_was_changed_meanwhile_is_not_overwritten(client, token, action):
    seen = read(client, action)
    ProgressEntryFactory(action=action)  # somebody else told something
    body = {"on": "2026-10-01", "value": 90}
    refused = send(client, action, body, **{"If-Match": seen["ETag"]})
    assert refused.status_code == 412
    assert "読み取った後に変更されました" in refused.json()["detail"]
    assert send(client, action, {**body, "version": seen.json()["version"]}).status_code == 409
    assert send(client, action, body).status_code == 428
    assert ProgressEntry.objects.filter(action=action).count() == 1
    fresh = read(client, action).json()["version"]
    assert send(client, action, {**body, "version": fresh}).status_code == 201


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"value": 1}, {"on": "必須の項目です。"}),
        ({"on": "令和8年"}, {"on": "日付は 2026-04-01 のように指定してください。"}),
        ({"on": "2026-10-02", "value": 1}, {"on": "日付が今日より後です。日付を確かめてください。"}),
        ({"on": "2026-10-01"}, {"note": "現在値か、できごとのどちらかを入力してください。"}),
        ({"on": "2026-10-01", "value": 1.234}, {"value": "小数は2桁までにしてください。"}),
        ({"on": "2026-10-01", "note": "a\u0000b"}, {"note": "使えない文字が含まれています。"}),
        ({"on": "2026-10-01", "vaule": 1}, {"vaule": "このAPIにない項目です。綴りを確かめてください。"}),
        (
            {"on": "2026-10-01", "state": "done", "note": "終えた"},
            {"value": "目標値に対して、どこまで届いたかを入力してください。"},
        ),
        ({"on": "2026-10-01", "state": "cancelled"}, {"note": "なぜ中止するのかを入力してください。"}),
        (
            {"on": "2026-10-01", "state": "planned"},
            {"state": "次のどれかで指定してください：in_progress、done、cancelled"},
        ),
    ],
)
def test_wrong_input_is_told_at_its_field(client, token, action, body, errors):
    response = send(client, action, {"version": "x", **body})
    assert response.status_code == 422
    assert {each["field"]: each["message"] for each in response.json()["errors"]} == errors


def test_action_is_completed_and_then_takes_no_more(client, token, action):
    version = read(client, action).json()["version"]
    body = {"on": "2026-09-30", "value": 118, "note": "10回開いた", "state": "done", "version": version}
    data = send(client, action, body).json()
    assert (data["state"], data["result_value"], data["completed_on"]) == ("done", 118, "2026-09-30")
    refused = send(client, action, {**body, "version": data["version"]})
    assert refused.status_code == 409
    assert "すでに「完了」" in refused.json()["detail"]


def test_action_is_begun_or_cancelled(client, token, action):
    version = read(client, action).json()["version"]
    begun = send(client, action, {"on": "2026-10-01", "state": "in_progress", "version": version}).json()
    assert begun["state"] == "in_progress"
    body = {"on": "2026-10-01", "state": "cancelled", "note": "先方の都合", "version": begun["version"]}
    assert send(client, action, body).json()["cancelled_reason"] == "先方の都合"
    assert not ProgressEntry.objects.filter(action=action).exists()


def test_same_request_is_done_once(client, token, action):
    body = {"on": "2026-10-01", "value": 80, "version": read(client, action).json()["version"]}
    first = send(client, action, body, **{"Idempotency-Key": "order-1"})
    again = send(client, action, body, **{"Idempotency-Key": "order-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["ETag"] == first["ETag"]
    assert again["Idempotent-Replayed"] == "true"
    assert ProgressEntry.objects.filter(action=action).count() == 1
    other = send(client, action, {**body, "value": 81}, **{"Idempotency-Key": "order-1"})
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


def test_request_that_failed_may_be_repaired_under_the_same_key(client, token, action):
    assert (
        send(client, action, {"on": "2026-10-01", "value": 1}, **{"Idempotency-Key": "k"}).status_code == 428
    )
    assert not ApiReply.objects.exists()
    body = {"on": "2026-10-01", "value": 1, "version": read(client, action).json()["version"]}
    assert send(client, action, body, **{"Idempotency-Key": "k"}).status_code == 201


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"on": ' + b"9" * 5_000 + b"}", b"[" * 50_000]
)
def test_body_that_is_no_object_is_refused(client, token, action, body):
    path = url("progress-create", action.pk)
    response = client.post(path, body, content_type="application/json", headers=bearer())
    assert response.status_code in {400, 422}
    large = client.post(path, b"x" * 200_000, content_type="application/json", headers=bearer())
    assert large.status_code == 413
