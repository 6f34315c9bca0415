"""What goes out about an agreement: the one place that decides. Whitelist, never blacklist.

`public_facts` turns an agreement into plain values; pages, feeds, files and searches are made of these and
never ask the agreement itself. What is not named here cannot leak.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from agreements.choices import (
    AgreementKind,
    AgreementState,
    EndedReason,
    FieldCategory,
    PartyRole,
    PublicField,
)
from agreements.domain import renewal, search_text
from agreements.models import Agreement, AgreementDocument, Party
from municipalities import fiscal_year

from . import open_results
from .open_table import COLUMNS, VERSION, csv_row

_LABELS = {
    "title": "協定名称",
    "title_kana": "かな",
    "kind": "種別",
    "state": "状態",
    "signed_on": "締結日",
    "effective_on": "効力発生日",
    "ended_on": "終了日",
    "ended_reason": "終了理由",
    "parties": "当事者",
    "municipality": "自治体",
    **{field.value: str(field.label) for field in PublicField},
    # What the settings explain at length.
    PublicField.ACTIONS.value: "取組",
    PublicField.ACTION_OWNERS.value: "取組の担当",
    PublicField.RESULTS.value: "取組の実績",
    PublicField.EFFECTS.value: "効果額",
    PublicField.REPORTS.value: "年度実績報告書",
}


def public_facts(agreement: Agreement, fields: Collection[str]) -> dict[str, Any]:
    """Plain values of the agreement: the basic ones and those of the whitelisted `fields`."""
    municipality = agreement.municipality
    facts: dict[str, Any] = {
        "id": agreement.pk,
        "municipality": {
            "code": municipality.code,
            "name": municipality.name,
            "prefecture": municipality.prefecture,
        },
        "title": agreement.title,
        "title_kana": agreement.title_kana,
        "kind": agreement.kind,
        "state": agreement.state,
        "signed_on": _iso(agreement.signed_on),
        "effective_on": _iso(agreement.effective_on),
        "ended_on": _iso(agreement.ended_on),
        "ended_reason": agreement.ended_reason,
        "parties": [
            _party(each, named=PublicField.SIGNATORIES in fields)
            for each in agreement.parties.select_related("municipality", "company")  # type: ignore[attr-defined]
        ],
    }
    facts |= {name: make(agreement) for name, make in _OPTIONAL.items() if name in fields}
    return facts | {name: make(agreement, fields) for name, make in _RESULTS.items() if name in fields}


def reduced(facts: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """The same facts without what the whitelist holds no longer."""
    optional = {*_OPTIONAL, *_RESULTS}
    kept = {key: value for key, value in facts.items() if key not in optional or key in fields}
    if "actions" in kept:
        kept["actions"] = open_results.reduced_actions(kept["actions"], fields)
    if "reports" in kept:
        kept["reports"] = open_results.reduced_reports(kept["reports"], fields)
    if "parties" in kept and PublicField.SIGNATORIES not in fields:
        names = ("signatory_title", "signatory_name")
        kept["parties"] = [
            {key: value for key, value in party.items() if key not in names} for party in kept["parties"]
        ]
    return kept


def changed_labels(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What differs between two editions, in words for the 更新履歴."""
    keys = [*after, *(key for key in before if key not in after)]
    changed: list[str] = []
    for key in keys:
        if before.get(key) == after.get(key):
            continue
        if key == PublicField.ACTIONS and key in before and key in after:
            changed += open_results.changed_fields(before[key], after[key])
        else:
            changed.append(key)
    return [_LABELS.get(key, key) for key in changed]


def changed_keys(labels: Iterable[str]) -> list[str]:
    """The keys of the facts behind the words of `changed_labels`; words of earlier releases have none."""
    keys = {label: key for key, label in _LABELS.items()}
    return [keys[label] for label in labels if label in keys]


def columns_of(facts: dict[str, Any]) -> dict[str, Any]:
    """What `PublicEdition` repeats beside the payload, for lists and searches."""
    signed_on = _day(facts.get("signed_on"))
    companies = [str(party["company"]) for party in facts["parties"] if party.get("company")]
    categories = sorted({code for item in facts.get("items", ()) for code in item["categories"]})
    return {
        "agreement_kind": facts["kind"],
        "fiscal_year": signed_on.year - (signed_on.month < 4) if signed_on else None,
        "categories": _listed(categories),
        "companies": _listed(companies),
        "partners": search_text.normalise("\n".join(_partner_words(facts))),
        "results": open_results.results_by_year(facts.get("actions", ())),
        "search_text": search_text.normalise("\n".join(words(facts))),
    }


def current_expiry(facts: dict[str, Any], today: date) -> date | None:
    """The expiry that the published clause gives today; None without one, or when the term is not public."""
    term = facts.get("term") or {}
    if not term.get("first_expiry"):
        return None
    as_of = min(today, _day(facts.get("ended_on")) or today)
    terms = renewal.Terms(
        first_expiry=_day(term["first_expiry"]),
        auto_renew=term["auto_renew"],
        renewal_months=term["renewal_months"],
        extended_to=_day(term.get("extended_to")),
    )
    return renewal.current_expiry(terms, as_of)


def spoken(facts: dict[str, Any], today: date) -> dict[str, Any]:
    """The facts with words for their codes and dates instead of their texts, for pages."""
    return {
        **facts,
        "kind_label": AgreementKind(facts["kind"]).label,
        "state_label": AgreementState(facts["state"]).label,
        "ended_reason_label": EndedReason(facts["ended_reason"]).label if facts["ended_reason"] else "",
        **{name: _day(facts[name]) for name in ("signed_on", "effective_on", "ended_on")},
        "parties": [{**party, "role_label": PartyRole(party["role"]).label} for party in facts["parties"]],
        "items": [
            {**item, "labels": [(code, FieldCategory(code).label) for code in item["categories"]]}
            for item in facts.get("items", ())
        ],
        "action_years": open_results.spoken_actions(facts.get("actions", ())),
        "reports": [
            {**report, "label": f"{fiscal_year.label(report['year'])}実績報告書"}
            for report in facts.get("reports", ())
        ],
        "current_expiry": current_expiry(facts, today),
        "is_open_ended": "term" in facts and not facts["term"]["first_expiry"],
    }


def _party(party: Party, *, named: bool) -> dict[str, Any]:
    facts = {
        "name": party.name,
        "label": party.label,
        "role": party.role,
        "company": party.company_id,
        "corporate_number": party.company.corporate_number if party.company else None,
        "municipality_code": party.municipality.code if party.municipality else None,
    }
    if named:
        facts |= {"signatory_title": party.signatory_title, "signatory_name": party.signatory_name}
    return facts


def _items(agreement: Agreement) -> list[dict[str, Any]]:
    items = agreement.cooperation_fields.prefetch_related("categories")  # type: ignore[attr-defined]
    return [
        {
            "number": item.number,
            "text": item.text,
            "categories": [row.category for row in item.categories.all()],
        }
        for item in items
    ]


def _term(agreement: Agreement) -> dict[str, Any]:
    # Not when it was decided to end: that is public when it has ended.
    return {
        "first_expiry": _iso(agreement.first_expiry),
        "auto_renew": agreement.auto_renew,
        "renewal_months": agreement.renewal_months,
        "extended_to": _iso(agreement.extended_to),
        "renewal_text": agreement.renewal_text,
    }


def _documents(agreement: Agreement) -> list[dict[str, Any]]:
    # Not the name of the file: people write anything there.
    chosen = AgreementDocument.objects.alive().filter(agreement=agreement, is_public=True)
    chosen = chosen.select_related("public_copy")
    return [
        {
            "id": each.pk,
            "title": each.title,
            "kind": str(each.get_kind_display()),
            "version": each.version,
            "size": each.public_size,
            "content_type": each.content_type,
        }
        for each in chosen
    ]


_OPTIONAL = {
    PublicField.PURPOSE.value: lambda agreement: agreement.purpose,
    PublicField.ITEMS.value: _items,
    PublicField.TERM.value: _term,
    PublicField.DOCUMENTS.value: _documents,
    PublicField.DEPARTMENT.value: lambda agreement: agreement.department.name if agreement.department else "",
}
# These let out more or less of themselves, by further entries of the whitelist.
_RESULTS = {
    PublicField.ACTIONS.value: open_results.actions_of,
    PublicField.REPORTS.value: open_results.reports_of,
}


def words(facts: dict[str, Any]) -> Iterable[str]:
    """What a search finds an edition by."""
    yield from (facts["title"], facts["title_kana"], facts.get("purpose", ""))
    yield from (facts["municipality"]["prefecture"], facts["municipality"]["name"])
    for party in facts["parties"]:
        yield party["name"]
    for part, key in (("items", "text"), ("actions", "title"), ("documents", "title")):
        for each in facts.get(part, ()):
            yield each[key]
    for action in facts.get("actions", ()):
        yield action.get("result_text", "")


def _partner_words(facts: dict[str, Any]) -> Iterable[str]:
    """What the other sides are called, and their 法人番号."""
    for party in facts["parties"]:
        if party["municipality_code"] != facts["municipality"]["code"]:
            yield from filter(None, (party["name"], party["corporate_number"]))


def _listed(values: list[str]) -> str:
    """「,03,05,」: one value can be looked for without finding a part of another."""
    return f",{','.join(values)}," if values else ""


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


__all__ = [
    "COLUMNS",
    "VERSION",
    "changed_keys",
    "changed_labels",
    "columns_of",
    "csv_row",
    "current_expiry",
    "public_facts",
    "reduced",
    "spoken",
]
