"""The worksheet as one side may read it: the one place that puts the answers of both sides together.

Pages, files, printouts and links take their rows from here. While a round is closed, a side gets its own
answers and nothing of the other's: not hidden, not there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agreements.choices import ExpectationCost, Procurement, Side
from agreements.domain import expectations
from agreements.domain.diagnosis import Expectation, Finding, Item
from agreements.domain.expectations import FilledRow
from municipalities.wareki import format_wareki

from .agreement import Agreement
from .company_submission import CompanySubmission
from .expectation_answer import ANSWER_FIELDS, ExpectationAnswer
from .expectation_confirmation import ExpectationConfirmation
from .expectation_round import ExpectationRound
from .expectation_row import ExpectationRow


@dataclass(slots=True)
class SheetRow:
    """One row with the answers that this reader may see, its confirmations and what the rules find in it."""

    row: ExpectationRow
    own: ExpectationAnswer | None = None
    partner: ExpectationAnswer | None = None
    confirmations: list[ExpectationConfirmation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    categories: str = ""

    @property
    def content(self) -> dict[str, str]:
        """The row in words by the headings of the sheet: what a confirmation is about."""
        return dict(filled(self.row, self.own, self.partner))

    @property
    def content_hash(self) -> str:
        return expectations.version_hash(self.content)

    def confirmed_by(self, side: str) -> ExpectationConfirmation | None:
        """The confirmation of the row as it stands now."""
        now = self.content_hash
        return next(
            (each for each in reversed(self.confirmations) if each.side == side and each.content_hash == now),
            None,
        )

    @property
    def agreed_cost_words(self) -> str:
        return cost_words(self.row.agreed_cost, self.row.agreed_cost_cap)

    @property
    def own_confirmation(self) -> ExpectationConfirmation | None:
        return self.confirmed_by(Side.OWN)

    @property
    def partner_confirmation(self) -> ExpectationConfirmation | None:
        return self.confirmed_by(Side.PARTNER)

    @property
    def is_confirmed(self) -> bool:
        return self.own_confirmation is not None and self.partner_confirmation is not None

    @property
    def outdated_confirmations(self) -> list[ExpectationConfirmation]:
        """Confirmations of what the row said before."""
        now = self.content_hash
        return [each for each in self.confirmations if each.content_hash != now]

    @property
    def is_blocked(self) -> bool:
        return any(finding.rule == expectations.BLOCKING_RULE for finding in self.findings)

    def expectation(self, **kwargs: Any) -> Expectation:
        """As the rules see it. The agreed cost stands for both sides once both have confirmed it."""
        own, partner = self.own_confirmation, self.partner_confirmation
        return self.row.expectation(
            self.own,
            self.partner,
            own_confirmed_on=own and own.confirmed_on,
            partner_confirmed_on=partner and partner.confirmed_on,
            **{"is_settled": self.is_confirmed, **kwargs},
        )

    def item(self) -> Item:
        return Item(
            key=self.row.item_id or -self.row.pk,
            text=self.row.item_text,
            label=self.row.label,
            field=self.categories,
        )


@dataclass(slots=True)
class Sheet:
    round: ExpectationRound
    viewer: Side
    rows: list[SheetRow]

    @property
    def is_blind(self) -> bool:
        return self.round.is_blind

    @property
    def has_e03(self) -> bool:
        return any(row.is_blocked for row in self.rows)

    @property
    def confirmed_count(self) -> int:
        return sum(row.is_confirmed for row in self.rows)

    @property
    def is_all_confirmed(self) -> bool:
        return bool(self.rows) and self.confirmed_count == len(self.rows)

    def judge(self, today: date) -> None:
        """Let the rules look at the rows; of a closed round there is nothing to say."""
        if self.is_blind:
            return
        found = expectations.mismatches(
            [row.item() for row in self.rows],
            [row.expectation() for row in self.rows],
            today=today,
            own_label=self.round.agreement.municipality.name[-1:],
        )
        by_key: dict[Any, list[Finding]] = {}
        for finding in found:
            by_key.setdefault(finding.subject.key, []).append(finding)
        for row in self.rows:
            row.findings = by_key.get(row.item().key, [])

    def filled_rows(self) -> list[FilledRow]:
        return [
            FilledRow(row.row.item_id or f"text:{row.row.item_text}", row.row.label, row.content)
            for row in self.rows
        ]

    def version(self) -> str:
        """The version as the company knows it; it tells nothing of what the company may not see."""
        return expectations.version_hash(
            {
                "sheet": self.round.sheet_id,
                "state": "closed" if self.is_blind else "open",
                "rows": [[row.row.pk, row.row.item_number, row.row.item_text] for row in self.rows],
                "partner": [row.partner.values() if row.partner else None for row in self.rows],
                "opened": []
                if self.is_blind
                else [[row.own.values() if row.own else None, row.content_hash] for row in self.rows],
            }
        )


def read_sheet(round: ExpectationRound, *, viewer: Side, today: date | None = None) -> Sheet:  # noqa: A002
    """The worksheet as `viewer` may see it; a fixed number of queries. With `today` it is judged too."""
    answers = ExpectationAnswer.objects.filter(row__round=round)
    if round.is_blind:
        answers = answers.filter(side=viewer)
    by_row: dict[tuple[int, str], ExpectationAnswer] = {
        (answer.row_id, answer.side): answer for answer in answers
    }
    confirmed: dict[int, list[ExpectationConfirmation]] = {}
    found = ExpectationConfirmation.objects.standing().filter(row__round=round)
    for each in found.select_related("recorded_by").order_by("pk"):
        confirmed.setdefault(each.row_id, []).append(each)
    rows = []
    for row in round.rows.prefetch_related("item__categories"):  # type: ignore[attr-defined]
        row.round = round
        categories = [each.get_category_display() for each in row.item.categories.all()] if row.item else []
        rows.append(
            SheetRow(
                row=row,
                own=by_row.get((row.pk, Side.OWN)),
                partner=by_row.get((row.pk, Side.PARTNER)),
                confirmations=confirmed.get(row.pk, []),
                categories="、".join(categories),
            )
        )
    sheet = Sheet(round, viewer, rows)
    if today is not None:
        sheet.judge(today)
    return sheet


def with_submission(sheet: Sheet, submission: CompanySubmission) -> Sheet:
    """The sheet as it would be if the submission were accepted as a whole. Only of an opened round."""
    if submission.is_sealed:
        raise ValueError("開示前の回答は見られません。")
    rows = []
    for row in sheet.rows:
        proposed = submission.answers_of(row.row.pk)
        partner = row.partner if proposed is None else answer_from(row.row, proposed)
        rows.append(SheetRow(row.row, row.own, partner, row.confirmations, [], row.categories))
    return Sheet(sheet.round, sheet.viewer, rows)


def before_submission(sheet: Sheet, submission: CompanySubmission) -> Sheet:
    """The sheet as it was when the submission, which has been accepted, was not."""
    rows = []
    for row in sheet.rows:
        values = submission.replaced.get(str(row.row.pk))
        partner = row.partner
        if row.row.pk in submission.accepted_rows:
            partner = answer_from(row.row, values) if values else None
        rows.append(SheetRow(row.row, row.own, partner, row.confirmations, [], row.categories))
    return Sheet(sheet.round, sheet.viewer, rows)


def answer_from(row: ExpectationRow, values: dict[str, Any]) -> ExpectationAnswer:
    """An unsaved answer of the company with these values."""
    known = {name: values[name] for name in ANSWER_FIELDS if name in values}
    return ExpectationAnswer(row=row, side=Side.PARTNER, **known)


def filled(
    row: ExpectationRow, own: ExpectationAnswer | None, partner: ExpectationAnswer | None
) -> Iterable[tuple[str, str]]:
    """Heading and words of each column, ① to ⑬."""
    yield "①項目", f"{row.label} {row.item_text}"
    yield "②自治体が期待すること", own.expects if own else ""
    yield "③企業が期待すること", partner.expects if partner else ""
    yield "③期待の種類", partner.kinds_words if partner else ""
    yield "④企業が提供するもの", partner.offers if partner else ""
    yield "⑤自治体が提供するもの", own.offers if own else ""
    yield "合意した内容", row.agreed_wording
    yield "⑥役割分担", row.roles
    yield "⑦費用（自治体の考え）", own.cost_words if own else ""
    yield "⑦費用（企業の考え）", partner.cost_words if partner else ""
    yield "⑦費用（合意）", cost_words(row.agreed_cost, row.agreed_cost_cap)
    yield "⑧調達", procurement_words(row)
    yield "⑨やらないこと", row.not_to_do
    yield "⑩成果の測り方", row.measure
    yield "⑪初回の取組", row.first_action
    yield "⑪期限", format_wareki(row.first_action_due) if row.first_action_due else ""
    yield "⑫中止条件", row.stop_conditions
    yield "⑬合意日", format_wareki(row.agreed_on) if row.agreed_on else ""


def cost_words(cost: str, cap: int | None) -> str:
    label = str(ExpectationCost(cost).label) if cost else ""
    return label + (f"（上限{cap:,}円）" if cap is not None else "")


def procurement_words(row: ExpectationRow) -> str:
    label = str(Procurement(row.procurement).label) if row.procurement else ""
    return " ".join(filter(None, [label, row.procurement_method]))


def expectations_of(agreement: Agreement) -> list[tuple[Item, Expectation]]:
    """The worksheet as the diagnosis may know it: the newest round that both sides have seen, row by row.

    A closed round is none: what the diagnosis said of it would tell what is in it. An answer that lies there
    opened counts although nobody has taken it over yet: to leave it there is no way around E03.
    """
    newest = agreement.expectation_rounds.seen().order_by("-number").first()  # type: ignore[attr-defined]
    if newest is None:
        return []
    newest.agreement = agreement
    sheet = read_sheet(newest, viewer=Side.OWN)
    waiting = newest.submissions.answers().pending().first()
    if waiting is not None:
        for row in sheet.rows:
            values = waiting.answers_of(row.row.pk)
            if row.partner is None and values is not None:
                row.partner = answer_from(row.row, values)
    return [(row.item(), row.expectation()) for row in sheet.rows]


def blocks_approval(agreement: Agreement) -> bool:
    """Whether the sides differ as E03 says."""
    rows = expectations_of(agreement)
    return expectations.has_e03([item for item, _ in rows], [expectation for _, expectation in rows])
