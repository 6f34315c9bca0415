"""更新判断: decide about the term of an agreement, take the decision back, write down 黙示更新.

What a decision means for the terms is kept on the agreement itself (`extended_to`, `terminates_on`): the pure
functions and the lists need nothing else.
"""

from datetime import date, datetime, timedelta

from django.db import transaction as database
from django.db.models import Max

from agreements.choices import RenewalChoice
from agreements.domain import renewal
from agreements.domain.lifecycle import Blocker
from agreements.domain.procedure import check_day
from agreements.models import Agreement, RenewalDecision
from agreements.models.agreement import IN_FORCE
from agreements.models.agreement_terms import TERM_FIELDS
from agreements.models.renewal_decision import RENEWING
from municipalities.models import StaffMember
from municipalities.wareki import format_wareki

from .transition import NotAllowed, claim, give_reason


@database.atomic
def decide_renewal(
    *,
    agreement: Agreement,
    term: date,
    decision: str,
    decided_on: date,
    reason: str,
    by: StaffMember,
    version: int,
    today: date,
    extended_to: date | None = None,
) -> RenewalDecision:
    """Record what was decided about the current term, the one that ends on `term`.

    An agreement that does not renew itself is renewed to the day `extended_to`. Raises `ChangedMeanwhile` and
    `NotAllowed`; then nothing is written.
    """
    stored = claim(agreement, version)
    _write_tacit(stored, today)
    blockers = find_blockers(stored, term, today) or _blockers_of_input(
        stored, term, decision, decided_on, reason, extended_to, today
    )
    if blockers:
        raise NotAllowed(blockers)
    made = RenewalDecision.objects.create(
        agreement=stored,
        term=term,
        decision=decision,
        decided_on=decided_on,
        extended_to=extended_to,
        reason=reason,
        by=by,
    )
    _settle(stored, today, f"更新判断：{made}（{format_wareki(decided_on)}）{reason}")
    return made


@database.atomic
def withdraw_decision(
    *, agreement: Agreement, by: StaffMember, reason: str, version: int, today: date, now: datetime
) -> RenewalDecision:
    """Take back the last 更新判断; the agreement's terms become what they were before it.

    Raises `ChangedMeanwhile`, `NotAllowed` (nothing to take back, no reason).
    """
    stored = claim(agreement, version)
    last = last_withdrawable(stored)
    if last is None:
        raise NotAllowed([Blocker("nothing_to_withdraw", "取り消せる更新判断がありません。", "state")])
    if not reason.strip():
        raise NotAllowed([Blocker("no_comment", "取消しの理由を入力してください。", "comment")])
    last.withdrawn_at, last.withdrawn_by, last.withdrawn_reason = now, by, reason
    last.save()
    _settle(stored, today, f"更新判断「{last}」の取消し　{reason}")
    return last


def last_withdrawable(agreement: Agreement) -> RenewalDecision | None:
    """The newest decision, if a person made it and the agreement is in force."""
    if agreement.state not in IN_FORCE:
        return None
    last = agreement.renewal_decisions.standing().order_by("-term").first()  # type: ignore[attr-defined]
    return last if last is not None and last.decision != RenewalChoice.TACIT else None


def find_blockers(agreement: Agreement, term: date | None, today: date) -> list[Blocker]:
    """What forbids a decision about this term whatever is decided; [] when it may be made."""
    if agreement.state not in IN_FORCE:
        message = "実施中または休止の協定ではないため、更新判断は記録できません。"
        return [Blocker("not_in_force", message, "state")]
    current = renewal.current_expiry(agreement.terms, today)
    if current is None:
        message = "満了日が登録されていないため、更新判断は記録できません。当初の満了日を登録してください。"
        return [Blocker("no_expiry", message, "first_expiry")]
    if term != current:
        message = f"今の期間の満了日は{format_wareki(current)}です。もう一度確かめてください。"
        return [Blocker("other_term", message, "state")]
    if agreement.renewal_decisions.standing().filter(term=term).exists():  # type: ignore[attr-defined]
        message = f"{format_wareki(current)}までの期間の更新判断は、すでに記録されています。"
        return [Blocker("already_decided", message, "state")]
    return []


def _blockers_of_input(
    agreement: Agreement,
    term: date,
    decision: str,
    decided_on: date,
    reason: str,
    extended_to: date | None,
    today: date,
) -> list[Blocker]:
    blockers = check_day(decided_on, today=today, earliest=agreement.signed_on, what="締結日")
    if decision == RenewalChoice.TACIT or decision not in RenewalChoice.values:
        blockers.append(Blocker("no_decision", "判断を選んでください。", "decision"))
    if not reason.strip():
        blockers.append(Blocker("no_reason", "判断の理由を入力してください。", "comment"))
    if decision not in RENEWING or agreement.auto_renew:
        if extended_to is not None:
            message = (
                "自動更新の協定は、協定書に定めた期間で更新されます。空欄にしてください。"
                if decision in RENEWING
                else "終了するときは空欄にしてください。"
            )
            blockers.append(Blocker("not_extended", message, "extended_to"))
    elif extended_to is None:
        message = "自動更新しない協定です。更新後の満了日を入力してください。"
        blockers.append(Blocker("no_extended_to", message, "extended_to"))
    elif extended_to <= term:
        message = f"今の満了日（{format_wareki(term)}）より後の日にしてください。"
        blockers.append(Blocker("extended_too_early", message, "extended_to"))
    return blockers


def _settle(agreement: Agreement, today: date, reason: str) -> None:
    """Write what the standing decisions mean for the terms."""
    standing = agreement.renewal_decisions.standing()  # type: ignore[attr-defined]
    agreement.extended_to = standing.aggregate(day=Max("extended_to"))["day"]
    last = standing.order_by("-term").first()
    agreement.terminates_on = last.term if last and last.decision == RenewalChoice.ENDING else None
    agreement.set_expiry(today)
    give_reason(agreement, reason)
    agreement.save()


# -- 黙示更新 -----------------------------------------------------------------------------------------
def record_tacit_renewals(*, today: date) -> int:
    """Write 黙示更新 for every term that renewed itself undecided; returns how many.

    Each agreement is written as a whole or not at all, and what is written is not written again: run late,
    twice or killed in between, it comes to the same.
    """
    renewing = Agreement.objects.alive().active().filter(auto_renew=True, first_expiry__lt=today)
    rows = renewing.with_newest_decision().values_list("pk", "decided_for", *TERM_FIELDS)
    written = 0
    for pk, decided_for, *values in rows.order_by("pk").iterator():
        if renewal.unrecorded_renewals(renewal.Terms(*values), decided_for, today):
            with database.atomic():
                agreement = Agreement.objects.alive().active().select_for_update().filter(pk=pk).first()
                written += _write_tacit(agreement, today) if agreement else 0
    return written


def _write_tacit(agreement: Agreement, today: date) -> int:
    """For an agreement locked by this transaction."""
    missing = renewal.unrecorded_renewals(agreement.terms, agreement.decided_for(), today)
    for expiry in missing:
        RenewalDecision.objects.create(
            agreement=agreement,
            term=expiry,
            decision=RenewalChoice.TACIT,
            decided_on=expiry + timedelta(days=1),
        )
    return len(missing)
