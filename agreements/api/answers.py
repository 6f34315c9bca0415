"""Answers: JSON with readable Japanese, and one shape for everything that goes wrong."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

JSON = "application/json; charset=utf-8"


class Problem(Exception):
    """The request is refused with this status; `errors` are (field, message) in Japanese."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = (
            status,
            detail,
            list(errors),
            dict(headers or {}),
        )


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    content = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    return HttpResponse(content, status=status, content_type=JSON, headers=dict(headers or {}))


def refusal(problem: Problem) -> HttpResponse:
    errors = [{"field": field, "message": message} for field, message in problem.errors]
    return answer({"detail": problem.detail, "errors": errors}, problem.status, problem.headers)


def plain_number(value: Decimal | None) -> int | float | None:
    """A figure as JSON has it: 120, 12.5. At most 14 digits, so a float holds it exactly."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
