"""First drafts of a 協定書: the clauses of a municipality filled with what its ledger knows.

Pure: standard library only. What is not known stays a placeholder, which prints as a blank: nothing is
invented.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from municipalities.wareki import format_wareki

from .legal_references import ANNEX_LABELS, escape, fill, sole_placeholder
from .legal_text import Annex, Article, LegalText, Signatory, Unit, parse, write

LABELS = "甲乙丙丁戊己庚辛壬癸"
PREAMBLE, PURPOSE, TERM, CLOSING, ANNEX = "preamble", "purpose", "term", "closing", "annex"
"""Kinds of clauses with a part of their own to play; the values of `choices.ClauseKind`."""
ALWAYS, RENEWING, FIXED, OPTIONAL = "always", "renewing", "fixed", "optional"
"""When a clause goes into a first draft; the values of `choices.ClauseUse`."""

_ITEMS_NAME = "連携事項"
_MUNICIPAL = tuple("県市区町村")
_AIM = re.compile(r"を?目的と(?:する|します)[。．]?$")
_LEAD = re.compile(r"^(?:本協定|この協定|当該協定)は[、，]")
_VERB = re.compile(r"[うくぐすつぬふむぶるゆ]$")


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """A 当事者 that signs, as the ledger knows it; "" is unknown."""

    name: str
    label: str = ""
    is_own: bool = False
    is_municipality: bool = False
    is_witness: bool = False
    address: str = ""
    title: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """What the ledger knows of an agreement and a 協定書 may say."""

    title: str = ""
    purpose: str = ""
    parties: tuple[PartyFacts, ...] = ()
    items: tuple[str, ...] = ()
    signed_on: date | None = None
    effective_on: date | None = None
    first_expiry: date | None = None
    auto_renew: bool = False
    renewal_months: int | None = None
    notice_months: int | None = None
    notice_days: int | None = None
    renewal_text: str = ""

    @property
    def signatories(self) -> list[PartyFacts]:
        """Who signs as a party, in the order 甲乙丙…; a 立会人 signs below and is no party."""
        return in_label_order(party for party in self.parties if not party.is_witness)

    @property
    def witnesses(self) -> list[PartyFacts]:
        return [party for party in self.parties if party.is_witness]


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One clause of the library."""

    kind: str
    heading: str
    text: str
    use: str = ALWAYS


def in_label_order(parties: Iterable[PartyFacts]) -> list[PartyFacts]:
    """甲, 乙, 丙 … as their labels say; others stay where they stand, behind."""
    return sorted(
        parties, key=lambda party: LABELS.index(party.label) if party.label in tuple(LABELS) else len(LABELS)
    )


# -- What the ledger knows, in words ------------------------------------------------------------------
def values(facts: LedgerFacts) -> dict[str, str]:
    """What is known, by the name of its placeholder, in the notation of `legal_references`."""
    found = {
        **{name: escape(value) for name, value in _party_values(facts.signatories).items()},
        "協定名称": escape(facts.title),
        "目的": escape(as_aim(facts.purpose)),
        _ITEMS_NAME: escape("、".join(facts.items)),
        "締結日": _day(facts.signed_on),
        "効力発生日": _day(facts.effective_on),
        "満了日": _day(facts.first_expiry),
        "有効期間": _term(facts),
        "更新期間": months(facts.renewal_months),
        "通知期限": _notice(facts),
        "通数": str(len(facts.signatories) or ""),
    }
    return {name: value for name, value in found.items() if value}


def _party_values(signatories: Sequence[PartyFacts]) -> dict[str, str]:
    common = common_label(signatories)
    calls = list(dict.fromkeys(party.label or party.name for party in signatories))
    own = [party for party in signatories if party.is_own]
    others = [party for party in signatories if not party.is_own]

    def call(parties: Sequence[PartyFacts], conjunction: str = "及び") -> str:
        return joined([party.name if common else party.label or party.name for party in parties], conjunction)

    labelled = {party.label: party.label for party in signatories if party.label in tuple(LABELS)}
    by_place = {} if labelled else {label: call([p]) for label, p in zip(LABELS, signatories, strict=False)}
    return {
        "当事者": common or joined(calls, "及び"),
        "当事者又は": common or joined(calls, "又は"),
        "当事者の表示": _introduced(signatories, common),
        "自治体": call(own),
        "相手方": call(others),
        "自治体名": joined([party.name for party in own], "及び"),
        "相手方名": joined([party.name for party in others], "及び"),
        **(labelled or by_place),
    }


def common_label(signatories: Sequence[PartyFacts]) -> str:
    """One word for all parties where none has a label of its own: 両市, 両者, 当事者; "" otherwise."""
    labels = {party.label for party in signatories}
    if len(signatories) < 2 or len(labels) != 1:
        return ""
    if label := labels.pop():
        return label
    if len(signatories) > 2:
        return "当事者"
    if not all(party.is_municipality for party in signatories):
        return "両者"
    first, second = (party.name[-1:] for party in signatories)
    return f"両{first}" if first == second and first in _MUNICIPAL else "両者"


def _introduced(signatories: Sequence[PartyFacts], common: str) -> str:
    """「福岡市（以下「甲」という。）と株式会社ローソン（以下「乙」という。）」"""
    if common:
        return (
            f"{joined([party.name for party in signatories], '及び', pair='と')}（以下「{common}」という。）"
        )
    named = [
        f"{party.name}（以下「{party.label}」という。）" if party.label else party.name
        for party in signatories
    ]
    return joined(named, "及び", pair="と")


def joined(names: Sequence[str], conjunction: str, *, pair: str = "") -> str:
    """A及びB; A、B及びC. `pair` joins two."""
    if len(names) == 2 and pair:
        return pair.join(names)
    *first, last = names or [""]
    return f"{'、'.join(first)}{conjunction}{last}" if first else last


def as_aim(purpose: str) -> str:
    """A purpose as what comes before 「を目的とする」; "" when it is more than one sentence."""
    text = _LEAD.sub("", purpose.strip())
    text = _AIM.sub("", text).rstrip("。． \u3000")
    if "。" in text or "\n" in text:
        return ""
    return f"{text}こと" if _VERB.search(text) else text


def months(count: int | None) -> str:
    """「1年間」「6か月間」"""
    if not count:
        return ""
    years, rest = divmod(count, 12)
    return f"{years}年間" if not rest else f"{count}か月間"


def _day(day: date | None) -> str:
    return format_wareki(day) if day else ""


def _term(facts: LedgerFacts) -> str:
    begins = facts.effective_on if facts.effective_on != facts.signed_on else None
    return f"{_day(begins) or '本協定締結の日'}から{_day(facts.first_expiry) or '{満了日}'}まで"


def _notice(facts: LedgerFacts) -> str:
    if facts.notice_months:
        return f"{facts.notice_months}か月前"
    return f"{facts.notice_days}日前" if facts.notice_days else ""


# -- Composing ----------------------------------------------------------------------------------------
def is_usual(clause: ClauseText, facts: LedgerFacts) -> bool:
    """Whether the clause goes into the first draft of this agreement unless somebody says otherwise."""
    if clause.use == RENEWING:
        return facts.auto_renew
    if clause.use == FIXED:
        return not facts.auto_renew
    return clause.use == ALWAYS


def compose(clauses: Sequence[ClauseText], facts: LedgerFacts) -> LegalText:
    """The first draft made of these clauses, in their order."""
    known = values(facts)
    texts = {each.kind: each.text for each in reversed(clauses) if each.kind in (PREAMBLE, CLOSING)}
    return LegalText(
        title=paper_title(facts.title),
        preamble=fill(texts.get(PREAMBLE, ""), known),
        articles=tuple(
            _article(each, facts, known) for each in clauses if each.kind not in (PREAMBLE, CLOSING, ANNEX)
        ),
        closing=fill(texts.get(CLOSING, ""), known),
        signatories=tuple(_signing(facts)),
        annexes=tuple(
            Annex(ANNEX_LABELS[0], each.heading, fill(each.text, known))
            for each in clauses
            if each.kind == ANNEX
        ),
    )


def paper_title(title: str) -> str:
    """「…に関する協定」 is signed as a 「…に関する協定書」."""
    if not title:
        return "{協定名称}"
    return escape(f"{title}書" if title.endswith("協定") else title)


def _signing(facts: LedgerFacts) -> Iterator[Signatory]:
    """The parties, then the witnesses. A word for all of them (両市) names none, so it stands at none."""
    common = common_label(facts.signatories)
    for party in (*facts.signatories, *facts.witnesses):
        label = "立会人" if party.is_witness else "" if common else party.label
        yield Signatory(label, party.address, party.name, party.title, party.person)


def _article(clause: ClauseText, facts: LedgerFacts, known: Mapping[str, str]) -> Article:
    text = clause.text
    if clause.kind == PURPOSE and facts.purpose and "目的" not in known:
        text = escape(facts.purpose)  # more than a sentence: verbatim instead of the clause
    elif clause.kind == TERM and "有効期間" in facts.renewal_text:
        text = escape(facts.renewal_text)  # the wording agreed upon wins over ours
    return Article(clause.heading, filled_units(text, facts, known), clause.kind)


def filled_units(text: str, facts: LedgerFacts, known: Mapping[str, str]) -> str:
    """An article's text with what is known; a line of 連携事項 becomes one line for each, verbatim."""
    units: list[Unit] = []
    for unit in parse(text):
        if sole_placeholder(unit.text) == _ITEMS_NAME and facts.items:
            units += [Unit(unit.depth, escape(item.strip())) for item in facts.items]
        else:
            units.append(Unit(unit.depth, fill(unit.text, dict(known))))
    return write(units)


def refill(text: LegalText, facts: LedgerFacts) -> LegalText:
    """Blanks that the ledger can fill by now are filled; everything else stays."""
    known = values(facts)
    return replace(
        text,
        title=fill(text.title, known),
        preamble=fill(text.preamble, known),
        articles=tuple(
            replace(article, text=filled_units(article.text, facts, known)) for article in text.articles
        ),
        closing=fill(text.closing, known),
        annexes=tuple(replace(annex, text=fill(annex.text, known)) for annex in text.annexes),
    )


# -- Draft against ledger -----------------------------------------------------------------------------
def departures(plain: str, text: LegalText, facts: LedgerFacts) -> Iterator[str]:
    """Where the draft (`plain`: as it reads) does not say what the ledger says: to be mended on one side."""
    signing = [each.name for each in text.signatories if each.name]
    expected = [party.name for party in (*facts.signatories, *facts.witnesses)]
    if signing != expected:
        yield f"署名欄の当事者が、台帳（{'、'.join(expected) or '当事者なし'}）と違います。"
    said = _compact(plain)
    for number, item in enumerate(facts.items, start=1):
        if _compact(item) not in said:
            yield f"台帳の連携事項({number})が、そのままの文言では入っていません。"
    if facts.first_expiry and _compact(format_wareki(facts.first_expiry)) not in said:
        yield f"台帳の満了日（{format_wareki(facts.first_expiry)}）が、本文にありません。"
    if facts.auto_renew and "更新" not in said:
        yield "台帳では自動更新ですが、本文に更新の定めがありません。"
    if (number_of := _number_of_originals(said)) and number_of != len(facts.signatories):
        yield f"本文の通数は{number_of}通ですが、台帳の締結者は{len(facts.signatories)}者です。"


def _number_of_originals(said: str) -> int:
    match = re.search(r"本書([0-9０-９]{1,3})通", said)
    return int(match[1]) if match else 0


def _compact(text: str) -> str:
    return "".join(text.split())
