"""What changed in the open data, and the 取組 as a table: for whoever keeps a copy of the data."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from agreements import open_data
from agreements.choices import EditionKind
from agreements.models import PublicEdition
from agreements.open_table import ACTION_COLUMNS, BETWEEN, CHANGE_COLUMNS, action_rows
from municipalities.models import Municipality

from .public_data import FOR_EVERYONE, EditionFileView, csv_answer

PAGE = 5_000
_UNREADABLE = "after は番号、since は YYYY-MM-DD の日付で指定してください。"


class _Unreadable(ValueError):
    pass


class ChangeFileView(EditionFileView):
    """Publications, corrections and withdrawals, the oldest first.

    `after`: those with a greater number; `since`: from that day on. A long answer is cut at `PAGE` changes
    and names the address of the rest.
    """

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        try:
            editions = list(self._editions(code)[: PAGE + 1])
        except _Unreadable:
            return HttpResponse(_UNREADABLE, status=400, content_type="text/plain; charset=utf-8")
        rest = self._address_after(editions[PAGE - 1]) if len(editions) > PAGE else ""
        return self.answer([self._change(each) for each in editions[:PAGE]], rest, code)

    def answer(self, changes: list[dict[str, Any]], rest: str, code: str) -> HttpResponse:
        raise NotImplementedError

    def _editions(self, code: str) -> Any:
        same = {"agreement": OuterRef("agreement")}
        editions = PublicEdition.objects.annotate(
            is_out=Exists(PublicEdition.objects.standing().filter(**same)),
            is_gone=Exists(PublicEdition.objects.tombstones().filter(**same)),
        )
        # Of what is deleted, or was taken back to private, nothing is told: as on its page.
        editions = editions.filter(is_out=True) | editions.filter(is_gone=True)
        if code:
            editions = editions.filter(municipality=get_object_or_404(Municipality, code=code))
        after, since = self.request.GET.get("after", ""), self.request.GET.get("since", "")
        if after:
            if not (after.isascii() and after.isdecimal() and len(after) < 19):
                raise _Unreadable
            editions = editions.filter(pk__gt=int(after))
        if since:
            try:
                editions = editions.filter(on__gte=date.fromisoformat(since))
            except ValueError as error:
                raise _Unreadable from error
        return editions.select_related("municipality").defer("payload", "search_text").order_by("pk")

    def _change(self, edition: Any) -> dict[str, Any]:
        """One change. Of what was withdrawn only that it was, when, and why."""
        tells = edition.is_out or edition.kind == EditionKind.WITHDRAWN
        return {
            "sequence": edition.pk,
            "municipality": edition.municipality.code,
            "id": edition.agreement_id,
            "edition": edition.number,
            "kind": edition.kind,
            "date": edition.on.isoformat(),
            "changed": edition.changed if tells else [],
            "changed_keys": open_data.changed_keys(edition.changed) if tells else [],
            "reason": edition.reason if tells else "",
            "url": self.address(edition),
        }

    def _address_after(self, edition: PublicEdition) -> str:
        query = self.request.GET.copy()
        query["after"] = str(edition.pk)
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")


class PublicChangesJsonView(ChangeFileView):
    def answer(self, changes: list[dict[str, Any]], rest: str, code: str) -> HttpResponse:
        return JsonResponse(
            {
                "version": open_data.VERSION,
                "as_of": self.today.isoformat(),
                "changes": changes,
                "next": rest or None,
            },
            headers=FOR_EVERYONE,
            json_dumps_params={"ensure_ascii": False},
        )


class PublicChangesCsvView(ChangeFileView):
    """The rest of a long answer is named in the header `Link`."""

    def answer(self, changes: list[dict[str, Any]], rest: str, code: str) -> HttpResponse:
        rows = (
            [
                BETWEEN.join(map(str, value)) if isinstance(value, list) else str(value)
                for value in (each[name] for name in _ORDER)
            ]
            for each in changes
        )
        response = csv_answer([name for name, _ in CHANGE_COLUMNS], rows, f"changes-{code or 'all'}.csv")
        if rest:
            response.headers["Link"] = f'<{rest}>; rel="next"'
        return response


class PublicActionsCsvView(EditionFileView):
    """取組 and their results, one in a row, as far as the municipalities publish them."""

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        editions, _ = self.editions(code)
        rows = (
            row
            for each in editions.order_by("municipality__code", "agreement")
            for row in action_rows(each.facts, url=self.address(each))
        )
        return csv_answer([name for name, _ in ACTION_COLUMNS], rows, f"actions-{code or 'all'}.csv")


# The keys of a change in the order of `CHANGE_COLUMNS`.
_ORDER = ("sequence", "municipality", "id", "edition", "kind", "date", "changed", "reason", "url")
