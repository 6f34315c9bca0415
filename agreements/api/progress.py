"""Writing by the API: how a 取組 stands. Once for each Idempotency-Key, and only on what the system saw."""

import hashlib
import re
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path

from agreements.actions.action_items import NotInThisState
from agreements.actions.progress_by_system import report_progress
from agreements.actions.register import ChangedMeanwhile
from agreements.forms.api_progress import ApiProgress
from agreements.models import ActionItem
from municipalities.choices import ApiScope
from municipalities.models import ApiReply

from .answers import Problem, answer
from .auth import TokenAuth, token_of
from .internal import action_answer, router, with_parts
from .internal_schemas import ActionOut, ProgressIn
from .schemas import Key, answers

_KEY = re.compile(r"[\x21-\x7e]{1,100}")
_ETAG = re.compile(r'(?:W/)?"([0-9a-f]{1,64})"')
_CHANGED = "この取組は、読み取った後に変更されました。もう一度読み取ってから送ってください。"
_HEADERS = [
    {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "見ていた取組の ETag。付けないときは、本文の version が必要です",
        "schema": {"type": "string"},
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "依頼ごとに違う文字列（100文字まで）。送り直しても、24時間は1回だけ記録されます",
        "schema": {"type": "string", "maxLength": 100},
    },
]


@router.post(
    "/actions/{key}/progress",
    auth=TokenAuth(ApiScope.WRITE_PROGRESS),
    summary="取組の進捗を記録する",
    operation_id="recordProgress",
    url_name="progress-create",
    response=answers(ActionOut, 400, 401, 403, 404, 409, 412, 413, 428, status=201),
    openapi_extra={"parameters": _HEADERS},
)
def record_progress(request: HttpRequest, key: Path[Key], said: ProgressIn) -> HttpResponse:
    """どのシステムが記録したかは、取組の進捗と変更履歴に残ります。"""
    once = request.headers.get("Idempotency-Key", "")
    if not once:
        return _record(request, key, said)
    if not _KEY.fullmatch(once):
        raise Problem(
            422, "指定に誤りがあります。", [("Idempotency-Key", "英数字と記号で100文字以内にしてください。")]
        )
    digest = hashlib.sha256(
        f"{key}|{request.headers.get('If-Match', '')}|".encode() + request.body
    ).hexdigest()
    # What fails leaves nothing, so that the same key may be used again for it.
    with transaction.atomic():
        reply, is_new = ApiReply.objects.get_or_create(
            token=token_of(request), key=once, defaults={"request_hash": digest}
        )
        if not is_new:
            return _again(reply, digest)
        response = _record(request, key, said)
        reply.status, reply.body = response.status_code, {"text": response.content.decode()}
        reply.version = response["ETag"].strip('"')
        reply.save(update_fields=["status", "body", "version"])
    return response


def _again(reply: ApiReply, digest: str) -> HttpResponse:
    if reply.request_hash != digest:
        message = "この Idempotency-Key は、内容の違う依頼に使われています。別のものにしてください。"
        raise Problem(422, "指定に誤りがあります。", [("Idempotency-Key", message)])
    response = answer({}, reply.status or 201, {"ETag": f'"{reply.version}"', "Idempotent-Replayed": "true"})
    response.content = reply.body["text"].encode()
    return response


def _record(request: HttpRequest, key: int, said: ProgressIn) -> HttpResponse:
    token = token_of(request)
    reportable = with_parts(ActionItem.objects.api_reportable_by(token.principal))
    action = reportable.filter(pk=key).first()
    if action is None:
        raise Problem(404, "ありません。番号を確かめてください。")
    version, conflict = _version(request, said)
    state = said.state or ""
    wanted: Any = ApiProgress(
        action=action, state=state, on=said.on, value=said.value, note=said.note, today=timezone.localdate()
    )
    if wanted.errors:
        raise Problem(422, "指定に誤りがあります。", wanted.errors)
    try:
        report_progress(action=action, token=token, version=version, **wanted.values())
    except ChangedMeanwhile as error:
        raise Problem(conflict, _CHANGED) from error
    except NotInThisState as error:
        raise Problem(409, str(error), [("state", str(error))]) from error
    return action_answer(request, reportable.get(pk=key), 201)


def _version(request: HttpRequest, said: ProgressIn) -> tuple[str, int]:
    """What the system saw, and the status that says it is no longer so."""
    header = request.headers.get("If-Match", "")
    if header:
        found = _ETAG.fullmatch(header.strip())
        return (found[1] if found else ""), 412
    if said.version:
        return said.version, 409
    raise Problem(
        428,
        "取組の版が必要です。読み取ったときの ETag を If-Match に、または version を本文に付けてください。",
        [("version", "必須の項目です（If-Match を付けないとき）。")],
    )
