"""What the wording in 更新条件の原文 seems to say, as values for the fields; a person takes them over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.http import QueryDict

from agreements.domain import renewal
from municipalities.form_fields import WarekiDateField
from municipalities.wareki import format_wareki

SUGGEST, APPLY = "suggest_terms", "apply_terms"
"""Names of the buttons that ask for suggestions and that take one over (its key, or "all")."""


@dataclass(frozen=True, slots=True)
class TermSuggestion:
    """One reading: what to fill into which fields, the words that say it, what to check first."""

    key: str
    label: str
    value: str
    fills: dict[str, str]
    quote: str
    note: str = ""

    @property
    def attributes(self) -> list[tuple[str, str]]:
        """The fields as data attributes: ("data-fill-first_expiry", …)."""
        return [(f"data-fill-{name}", value) for name, value in self.fills.items()]


def typed_date(text: str) -> date | None:
    """The date as the form would read it; None when it is empty or no date."""
    try:
        return WarekiDateField(required=False).clean(text)
    except ValidationError:
        return None


def suggest_terms(text: str, signed_on: date | None) -> list[TermSuggestion]:
    """Everything the wording says about the term; [] when nothing is readable."""
    return [*_first_expiry(text, signed_on), *_renewal(text)]


def _first_expiry(text: str, signed_on: date | None) -> Iterator[TermSuggestion]:
    found = renewal.suggest_first_expiry(text, signed_on)
    if found:
        value = format_wareki(found.value)
        yield TermSuggestion(
            "first_expiry", "当初の満了日", value, {"first_expiry": value}, found.quote, found.note or ""
        )


def _renewal(text: str) -> Iterator[TermSuggestion]:
    wording = renewal.suggest_renewal(text)
    quotes = list(wording.quotes)
    if wording.auto_renew:
        months = wording.renewal_months
        yield TermSuggestion(
            "auto_renew",
            "更新",
            f"自動更新する（{months}か月ごと）" if months else "自動更新する",
            {"auto_renew": "on", **({"renewal_months": str(months)} if months else {})},
            quotes.pop(0),
            "" if months else "更新期間は読み取れませんでした。原文を見て入力してください。",
        )
    months, days = wording.notice_months, wording.notice_days
    if months is None and days is None:
        return
    shown = f"満了の{months}か月前" if months is not None else f"満了の{days}日前"
    notice = {
        "notice_months": "" if months is None else str(months),
        "notice_days": "" if days is None else str(days),
    }
    yield TermSuggestion("notice", "通知期限", shown, notice, quotes[-1])


def with_suggested_terms(data: QueryDict, wanted: str) -> QueryDict:
    """The posted data with the fields of one suggestion filled in, or of all of them ("all")."""
    data = data.copy()
    for suggestion in suggestions_for(data):
        if wanted in {suggestion.key, "all"}:
            for name, value in suggestion.fills.items():
                data[name] = value
    return data


def suggestions_for(data: QueryDict) -> list[TermSuggestion]:
    """Suggestions for what is typed into the form."""
    return suggest_terms(data.get("renewal_text", ""), typed_date(data.get("signed_on", "")))
