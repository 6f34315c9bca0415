"""What a company sends, by link or as a file: received as a proposal, then accepted, in part, or not.

Answers to a closed worksheet cannot be accepted: to accept is to have seen the differences, and before the
opening nobody may see them.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction as database

from agreements.choices import (
    Side,
    SubmissionKind,
    SubmissionSource,
    SubmissionState,
)
from agreements.models import (
    Agreement,
    CompanyContact,
    CompanySubmission,
    ExpectationAnswer,
    ExpectationRound,
)
from agreements.models.expectation_answer import ANSWER_FIELDS
from agreements.models.expectation_round import SEEN_STATES
from agreements.models.expectation_sheet import read_sheet
from municipalities.models import StaffMember
from municipalities.wareki import parse_date

from .expectations import Confirmer, claim_round, confirm_rows, refuse, settle_state, write_answers
from .register import ChangedMeanwhile


@database.atomic
def receive_submission(
    *,
    agreement: Agreement,
    kind: str,
    source: str,
    payload: dict[str, Any],
    now: datetime,
    round_: ExpectationRound | None = None,
    contact: CompanyContact | None = None,
    by_name: str = "",
    by: StaffMember | None = None,
    file_name: str = "",
) -> CompanySubmission:
    """Put down what a company sent (`payload`: see `CompanySubmission`); it replaces one still waiting.

    Changes nothing else. Raises `NotAllowed` when the worksheet is over or does not have these rows.
    """
    if kind in (SubmissionKind.ANSWERS, SubmissionKind.CONFIRMATION):
        if round_ is None or round_.agreement_id != agreement.pk:
            raise refuse("no_round", "すり合わせが見つかりません。")
        # No claim: what waits changes nothing that somebody has on the screen.
        round_ = ExpectationRound.objects.alive().select_for_update(of=("self",)).get(pk=round_.pk)
        if round_.is_cancelled or (kind == SubmissionKind.CONFIRMATION and round_.is_blind):
            raise refuse("closed", "このすり合わせは、いまは受け付けていません。")
        _keep_to_rows(round_, payload)
    waiting = CompanySubmission.objects.pending().filter(agreement=agreement, round=round_, kind=kind)
    if round_ is not None:
        waiting.update(state=SubmissionState.REPLACED, decided_at=now)
    return CompanySubmission.objects.create(
        agreement=agreement,
        round=round_,
        kind=kind,
        source=SubmissionSource(source),
        payload=payload,
        contact=contact,
        by_name=by_name or (contact.name if contact else ""),
        received_by=by,
        file_name=file_name,
        received_at=now,
    )


def _keep_to_rows(round_: ExpectationRound, payload: dict[str, Any]) -> None:
    mine = {str(key) for key in round_.rows.values_list("pk", flat=True)}  # type: ignore[attr-defined]
    if not {str(key) for key in payload.get("rows", ())} <= mine:
        raise refuse("unknown_row", "このワークシートにない項目が含まれています。")


@database.atomic
def accept_submission(
    *,
    submission: CompanySubmission,
    by: StaffMember,
    now: datetime,
    today: date,
    rows: Iterable[int] | None = None,
) -> CompanySubmission:
    """Write what the company sent into the record: all of it, or these `rows`. Raises `NotAllowed`.

    Answers of a closed worksheet are refused; PROGRESS and COMMENT are written by who knows them, and only
    marked here.
    """
    stored = _claim(submission, SubmissionState.PENDING)
    sent = _rows_sent(stored)
    chosen = sent if rows is None else [key for key in sent if key in set(rows)]
    if sent and not chosen:
        raise refuse("no_row", "取り込む項目を選んでください。", "rows")
    if stored.round is not None and stored.kind == SubmissionKind.ANSWERS:
        _accept_answers(stored, chosen)
    elif stored.round is not None and stored.kind == SubmissionKind.CONFIRMATION:
        _accept_confirmation(stored, chosen, by=by, now=now, today=today)
    stored.state = SubmissionState.ACCEPTED if len(chosen) == len(sent) else SubmissionState.PARTLY
    stored.decided_by, stored.decided_at, stored.accepted_rows = by, now, chosen
    stored.save()
    return stored


def _rows_sent(submission: CompanySubmission) -> list[int]:
    """The rows it speaks of; not those that have left the worksheet since."""
    keys = [int(key) for key in submission.payload.get("rows", ())]
    if submission.round is None:
        return keys
    known = set(submission.round.rows.values_list("pk", flat=True))  # type: ignore[attr-defined]
    return [key for key in keys if key in known]


def _accept_answers(submission: CompanySubmission, chosen: list[int]) -> None:
    assert submission.round is not None  # noqa: S101
    round_ = claim_round(submission.round, None, *SEEN_STATES)
    answers = {key: submission.answers_of(key) or {} for key in chosen}
    before = {
        str(answer.row_id): answer.values()
        for answer in ExpectationAnswer.objects.filter(row__in=chosen, side=Side.PARTNER)
    }
    write_answers(round_, Side.PARTNER, answers)
    submission.replaced = before
    settle_state(round_)


def _accept_confirmation(
    submission: CompanySubmission, chosen: list[int], *, by: StaffMember, now: datetime, today: date
) -> None:
    assert submission.round is not None  # noqa: S101
    payload = submission.payload
    hashes = payload.get("hashes", {})
    current = {row.row.pk: row.content_hash for row in read_sheet(submission.round, viewer=Side.PARTNER).rows}
    changed = [key for key in chosen if hashes and hashes.get(str(key)) != current.get(key)]
    if changed:
        message = "相手方が確認した後に内容が変わった項目があります。相手方に確認し直してもらってください。"
        raise refuse("changed_since", message, "rows")
    confirm_rows(
        round_=submission.round,
        side=Side.PARTNER,
        rows=chosen,
        confirmer=Confirmer(
            name=payload["name"],
            title=payload.get("title", ""),
            confirmed_on=parse_date(payload["confirmed_on"]).value,
            evidence=payload.get("evidence", "") or str(submission),
        ),
        by=by,
        version=ExpectationRound.objects.get(pk=submission.round.pk).version,
        now=now,
        today=today,
        submission=submission,
    )


@database.atomic
def reject_submission(
    *, submission: CompanySubmission, by: StaffMember, now: datetime, reason: str
) -> CompanySubmission:
    """Do not take it over; `restore_submission` puts it back into waiting."""
    stored = _claim(submission, SubmissionState.PENDING)
    if not reason.strip():
        raise refuse("no_reason", "取り込まない理由を入力してください。", "reason")
    stored.state, stored.note = SubmissionState.REJECTED, reason
    stored.decided_by, stored.decided_at = by, now
    stored.save()
    return stored


@database.atomic
def restore_submission(*, submission: CompanySubmission, by: StaffMember) -> CompanySubmission:
    """Undo of `reject_submission`. Raises `NotAllowed` when the company has sent another one since."""
    stored = _claim(submission, SubmissionState.REJECTED)
    return _wait_again(stored)


@database.atomic
def take_back_acceptance(
    *, submission: CompanySubmission, by: StaffMember, now: datetime
) -> CompanySubmission:
    """Undo of `accept_submission`: what stood there before stands there again.

    Raises `NotAllowed` when something else was written there since.
    """
    stored = _claim(submission, SubmissionState.ACCEPTED, SubmissionState.PARTLY)
    if stored.round is not None and stored.kind == SubmissionKind.ANSWERS:
        _take_back_answers(stored)
    elif stored.round is not None and stored.kind == SubmissionKind.CONFIRMATION:
        round_ = claim_round(stored.round, None, *SEEN_STATES)
        for each in stored.confirmations.standing():  # type: ignore[attr-defined]
            each.withdrawn_at = now
            each.save()
        settle_state(round_)
    return _wait_again(stored)


def _take_back_answers(submission: CompanySubmission) -> None:
    assert submission.round is not None  # noqa: S101
    round_ = claim_round(submission.round, None, *SEEN_STATES)
    answers = ExpectationAnswer.objects.filter(row__in=submission.accepted_rows, side=Side.PARTNER)
    for answer in answers:
        sent = submission.answers_of(answer.row_id) or {}
        if any(getattr(answer, name) != sent[name] for name in ANSWER_FIELDS if name in sent):
            raise refuse("changed_since", "取り込んだ後に内容が変わっているため、取り消せません。")
        before = submission.replaced.get(str(answer.row_id))
        if before is None:
            answer.delete()
            continue
        for name, value in before.items():
            setattr(answer, name, value)
        answer.save()
    settle_state(round_)


def _wait_again(submission: CompanySubmission) -> CompanySubmission:
    others = CompanySubmission.objects.pending().filter(round=submission.round_id, kind=submission.kind)
    if submission.round_id is not None and others.exists():
        raise refuse("replaced", "その後に、相手方から新しい回答が届いています。")
    submission.state, submission.note = SubmissionState.PENDING, ""
    submission.decided_by = submission.decided_at = None
    submission.accepted_rows, submission.replaced = [], {}
    submission.save()
    return submission


def _claim(submission: CompanySubmission, *states: str) -> CompanySubmission:
    """The stored submission in one of these states, ours until the transaction ends."""
    found = CompanySubmission.objects.alive().select_for_update(of=("self",)).filter(pk=submission.pk)
    stored = found.select_related("agreement__municipality", "round").first()
    if stored is None or stored.state not in states:
        raise ChangedMeanwhile
    return stored
