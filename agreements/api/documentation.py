"""The OpenAPI document as a page for people: plain HTML, as the strict policy allows no inline script."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic import RedirectView

from agreements import choices
from agreements.views.public_pages import PublicView

from .v1 import api

_TYPES = {
    "string": "文字列",
    "integer": "整数",
    "number": "数",
    "boolean": "true / false",
    "array": "一覧",
    "object": "オブジェクト",
    "date": "日付",
    "date-time": "日時",
}
_STATUSES = {
    "200": "返します",
    "201": "記録しました",
    "400": "本文がJSONではありません",
    "401": "トークンがないか、使えません",
    "403": "トークンに認められていません",
    "404": "ありません",
    "409": "読み取った後に変わったか、その状態からはできません",
    "410": "公開を取り下げました",
    "412": "読み取った後に変わりました（If-Match）",
    "413": "本文が長すぎます",
    "422": "指定に誤りがあります（errors に項目ごとの説明）",
    "428": "取組の版が要ります",
    "429": "回数の上限を超えました（Retry-After の秒数を待つ）",
}
_DEEPEST = 3
_IN_ADDRESSES = {"key": "番号（一覧の id）", "code": "全国地方公共団体コード（6桁）"}
_EDITION = (
    "協定の番号、版（edition）、日付（on）、理由（reason）、変わった項目（changed）、公開した内容（facts）"
)
_CONTENTS = {
    choices.WebhookEvent.PUBLISHED: _EDITION,
    choices.WebhookEvent.CORRECTED: _EDITION,
    choices.WebhookEvent.WITHDRAWN: "協定の番号、版、日付、理由。名称と内容は送りません（facts は null）",
    choices.WebhookEvent.STATE_CHANGED: (
        "協定の番号と名称、前の状態（from）、後の状態（to）、日付（on）、取消しかどうか（undoes）"
    ),
    choices.WebhookEvent.DEADLINE: "協定の番号と名称、通知期限（on）、残りの日数（days）",
    choices.WebhookEvent.TEST: "「テストを送る」を押したとき。ほかの内容はありません",
}


@method_decorator(login_not_required, name="dispatch")
class ApiRootView(RedirectView):
    """/api/v1/ leads to its description."""

    pattern_name = "api:documentation"


class ApiDocumentationView(PublicView):
    def get(self, request: HttpRequest) -> HttpResponse:
        document = api.get_openapi_schema()
        return self.page(
            "public/api.html",
            {
                "page_title": "APIの説明",
                "about": document["info"]["description"],
                "version": document["info"]["version"],
                "groups": _groups(document),
                "public_rate": settings.RENKEI_API_PUBLIC_RATE,
                "token_rate": settings.RENKEI_API_TOKEN_RATE,
                "events": [(each.value, each.label, _CONTENTS[each]) for each in choices.WebhookEvent],
                "stop_days": settings.RENKEI_WEBHOOK_STOP_DAYS,
                "base": request.build_absolute_uri(reverse("api:api-root")),
            },
        )


def _groups(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The operations by their tag, in the order of the document."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(document, path, method, operation))
    return [{"name": name, "operations": operations} for name, operations in groups.items()]


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = operation["responses"]
    first = min(answers)
    result = answers[first].get("content", {}).get("application/json", {}).get("schema")
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "needs_token": bool(operation.get("security")),
        "parameters": [_parameter(document, each) for each in operation.get("parameters", ())],
        "body": list(_fields(document, body)) if body else [],
        "fields": list(_fields(document, result)) if result else [],
        "statuses": [(status, _STATUSES.get(str(status), "")) for status in sorted(answers)],
    }


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    schema = parameter["schema"]
    places = {"path": "アドレス", "query": "条件", "header": "ヘッダー"}
    return {
        "name": parameter["name"],
        "place": places[parameter["in"]],
        "required": parameter.get("required", False),
        "type": _type(document, schema),
        "description": parameter.get("description")
        or _description(document, schema)
        or _IN_ADDRESSES.get(parameter["name"], ""),
        "values": _values(document, schema),
    }


def _fields(document: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> Iterator[dict[str, Any]]:
    """Every part of an object, those of objects inside it with their path: results[].title."""
    schema = _resolved(document, schema)
    required = set(schema.get("required", ()))
    for name, part in schema.get("properties", {}).items():
        whole = _resolved(document, part)
        is_list = whole.get("type") == "array"
        inner = _resolved(document, whole.get("items", {})) if is_list else whole
        path = f"{prefix}{name}"
        yield {
            "name": path,
            "type": _type(document, part),
            "required": name in required,
            "description": part.get("description") or "",
            "values": _values(document, part),
        }
        if inner.get("properties") and path.count(".") < _DEEPEST:
            yield from _fields(document, inner, f"{path}{'[]' if is_list else ''}.")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself: behind a reference, and of 「this or null」 this."""
    for name in ("anyOf", "allOf"):
        for option in schema.get(name, ()):
            if option.get("type") != "null":
                return _resolved(document, option)
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    whole = _resolved(document, schema)
    kind = whole.get("format") if whole.get("format") in _TYPES else whole.get("type", "")
    words = _TYPES.get(str(kind), "")
    if kind == "array":
        return f"{_type(document, whole.get('items', {}))}の一覧"
    return words


def _description(document: dict[str, Any], schema: dict[str, Any]) -> str:
    return _resolved(document, schema).get("description", "")


def _values(document: dict[str, Any], schema: dict[str, Any]) -> list[tuple[str, str]]:
    """The values of a choice with their words, as the pages say them."""
    whole = _resolved(document, schema)
    known = getattr(choices, whole.get("title", ""), None)
    labels = dict(known.choices) if known is not None else {}
    return [(value, str(labels.get(value, ""))) for value in whole.get("enum", ())]
