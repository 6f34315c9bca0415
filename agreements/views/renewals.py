"""更新: the terms of an agreement with what was decided about each, and the pages that decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agreements.actions.renew import find_blockers, last_withdrawable
from agreements.choices import RenewalChoice
from agreements.domain import lifecycle, renewal
from agreements.domain.lifecycle import Blocker
from agreements.forms.move_forms import MoveForm
from agreements.forms.renewal_forms import RenewalForm, WithdrawRenewalForm
from agreements.models import Agreement, RenewalDecision
from agreements.models.agreement import IN_FORCE
from municipalities import access
from municipalities.wareki import format_wareki

from .moves import StepView


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term. Without a decision it is the current one, or one that renewed itself (黙示更新)."""

    first: date | None
    last: date
    decision: RenewalDecision | None
    is_current: bool

    @property
    def is_tacit(self) -> bool:
        if self.decision is None:
            return not self.is_current
        return self.decision.decision == RenewalChoice.TACIT


@dataclass(frozen=True, slots=True)
class RenewalSection:
    """What the section 「更新」 shows. Newest term first."""

    terms: list[TermRow]
    withdrawn: list[RenewalDecision]
    expiry: date | None
    notice: date | None
    decide_from: date | None
    is_due: bool
    may_decide: bool
    can_decide: bool
    can_withdraw: bool
    can_end: bool

    @property
    def tacit_count(self) -> int:
        return sum(row.is_tacit for row in self.terms)


def renewal_section(agreement: Agreement, user: Any, today: date) -> RenewalSection | None:
    """None for an agreement that neither runs nor ran here."""
    made = list(agreement.renewal_decisions.select_related("by__department", "withdrawn_by"))  # type: ignore[attr-defined]
    is_running = agreement.state in IN_FORCE
    if not (is_running or made):
        return None
    standing = {each.term: each for each in made if each.withdrawn_at is None}
    as_of = min(today, agreement.ended_on or today)
    expiry = renewal.current_expiry(agreement.terms, as_of)
    notice = renewal.notice_deadline(agreement.terms, as_of)
    may_decide = access.may_decide(user, agreement)
    can_decide = is_running and expiry is not None and expiry not in standing
    facts = lifecycle.AgreementFacts(
        state=lifecycle.State(agreement.state),
        terms=agreement.terms,
        decided_for=max(standing, default=None),
    )
    return RenewalSection(
        terms=_term_rows(agreement, standing, as_of)[::-1],
        withdrawn=[each for each in made if each.withdrawn_at is not None],
        expiry=expiry,
        notice=notice,
        decide_from=notice - timedelta(days=lifecycle.RENEWAL_DUE_DAYS) if notice else None,
        is_due=lifecycle.is_renewal_due(facts, today),
        may_decide=may_decide,
        can_decide=can_decide,
        can_withdraw=may_decide and last_withdrawable(agreement) is not None,
        can_end=is_running
        and may_decide
        and agreement.terminates_on is not None
        and agreement.terminates_on <= today,
    )


def _term_rows(agreement: Agreement, standing: dict[date, RenewalDecision], as_of: date) -> list[TermRow]:
    """Every term until now, oldest first: as it was decided, extended or renewed itself."""
    current = renewal.current_expiry(agreement.terms, as_of)
    ends = {*renewal.renewed_expiries(agreement.terms, as_of), *standing}
    if current is not None:
        ends.add(current)
    rows = []
    first = agreement.effective_on or agreement.signed_on
    for last in sorted(ends):
        rows.append(TermRow(first, last, standing.get(last), is_current=last == current))
        first = last + timedelta(days=1)
    return rows


class RenewalDecideView(StepView):
    """更新判断を記録する."""

    def may_act(self) -> bool:
        return access.may_decide(self.request.user, self.agreement)

    def form_class(self) -> type[MoveForm] | None:
        return None if self.blockers() else RenewalForm

    def blockers(self) -> list[Blocker]:
        term = renewal.current_expiry(self.agreement.terms, self.today)
        return find_blockers(self.agreement, term, self.today)

    def cautions(self) -> list[str]:
        return list(_cautions(self.agreement, self.today))


def _cautions(agreement: Agreement, today: date) -> Iterable[str]:
    terms = agreement.terms
    notice = renewal.notice_deadline(terms, today)
    has_clause = terms.notice_months is not None or terms.notice_days is not None
    if agreement.auto_renew and has_clause and notice and notice < today:
        yield (
            f"通知期限（{format_wareki(notice)}）を過ぎています。"
            "終了と判断するときは、相手方との合意などが必要です。"
        )
    following = renewal.next_expiry(terms, today)
    if following:
        yield f"何もしないと自動更新され、次の満了日は{format_wareki(following)}になります。"


class RenewalWithdrawView(StepView):
    """更新判断を取り消す."""

    def form_class(self) -> type[MoveForm] | None:
        return WithdrawRenewalForm if last_withdrawable(self.agreement) else None

    def blockers(self) -> list[Blocker]:
        if self.form_class():
            return []
        return [Blocker("nothing_to_withdraw", "取り消せる更新判断がありません。", "state")]
