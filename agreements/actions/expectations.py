"""すり合わせ: start a round, write the city's answers, open both sides, settle the wording, confirm, stop.

What a company sends is in `submissions`. Every verb claims the round by its version, so that of two people
the second is told; `ChangedMeanwhile` and `NotAllowed` leave everything as it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError
from django.db import transaction as database
from django.db.models import F, Max

from agreements.choices import (
    ExpectationOccasion,
    ExpectationRoundState,
    Side,
    SubmissionState,
)
from agreements.domain import expectations
from agreements.domain.expectations import RoundState
from agreements.domain.lifecycle import PRE_ACTIVE, Blocker, State
from agreements.models import (
    Agreement,
    AgreementDocument,
    CompanySubmission,
    ExpectationAnswer,
    ExpectationConfirmation,
    ExpectationRound,
    ExpectationRow,
)
from agreements.models.expectation_answer import ANSWER_FIELDS
from agreements.models.expectation_round import SEEN_STATES
from agreements.models.expectation_row import SHARED_FIELDS
from agreements.models.expectation_sheet import Sheet, read_sheet
from municipalities.models import StaffMember

from .register import ChangedMeanwhile
from .transition import NotAllowed

# What a new round takes over from the last: the agreed wording is written anew.
_CARRIED = ("roles", "procurement", "procurement_method", "not_to_do", "measure", "stop_conditions")


@dataclass(frozen=True, kw_only=True)
class Confirmer:
    """Who confirmed, when, and what shows it."""

    name: str
    confirmed_on: date
    title: str = ""
    evidence: str = ""
    document: AgreementDocument | None = None


def refuse(code: str, message: str, place: str = "state") -> NotAllowed:
    return NotAllowed([Blocker(code, message, place)])


# --- The round ---


@database.atomic
def start_round(*, agreement: Agreement, by: StaffMember, occasion: str = "") -> ExpectationRound:
    """Begin the next round with one row for each 連携事項; the city's own last answers come as a start.

    Without an `occasion` it follows from the state. Raises `NotAllowed` (one is running, no items).
    """
    agreement = Agreement.objects.alive().select_for_update().get(pk=agreement.pk)
    if agreement.state in (State.ENDED, State.DECLINED):
        raise refuse("over", "終わった協定では、すり合わせを始められません。")
    if agreement.expectation_rounds.running().exists():  # type: ignore[attr-defined]
        raise refuse("running", "進行中のすり合わせがあります。終えるか、取りやめてから始めてください。")
    items = list(agreement.cooperation_fields.all())  # type: ignore[attr-defined]
    if not items:
        raise refuse("no_item", "連携事項がありません。先に連携事項を登録してください。", "items")
    rounds = agreement.expectation_rounds.all()  # type: ignore[attr-defined]
    before_signing = State(agreement.state) in PRE_ACTIVE
    usual = ExpectationOccasion.BEFORE_SIGNING if before_signing else ExpectationOccasion.REVIEW
    previous = rounds.seen().order_by("-number").first()
    round_ = ExpectationRound.objects.create(
        agreement=agreement,
        number=(rounds.aggregate(last=Max("number"))["last"] or 0) + 1,
        occasion=occasion or usual,
        created_by=by,
    )
    _add_rows(round_, items, previous)
    return round_


def _add_rows(round_: ExpectationRound, items: Iterable[Any], previous: ExpectationRound | None) -> None:
    before: dict[int | None, Any] = {}
    if previous is not None:
        before = {row.row.item_id: row for row in read_sheet(previous, viewer=Side.OWN).rows}
    for item in items:
        old = before.get(item.pk)
        carried = {name: getattr(old.row, name) for name in _CARRIED} if old else {}
        row = ExpectationRow.objects.create(
            round=round_, item=item, item_number=item.number, item_text=item.text, **carried
        )
        if old is not None and old.own is not None:
            ExpectationAnswer.objects.create(row=row, side=Side.OWN, **old.own.values())


def missing_items(round_: ExpectationRound) -> list[Any]:
    """連携事項 of the agreement that the round has no row for."""
    known = round_.rows.exclude(item=None).values("item")  # type: ignore[attr-defined]
    return list(round_.agreement.cooperation_fields.exclude(pk__in=known))  # type: ignore[attr-defined]


def outdated_rows(round_: ExpectationRound) -> list[ExpectationRow]:
    """Rows whose 連携事項 is gone or says something else now."""
    rows = round_.rows.select_related("item")  # type: ignore[attr-defined]
    return [
        row
        for row in rows
        if row.item is None or (row.item.number, row.item.text) != (row.item_number, row.item_text)
    ]


@database.atomic
def take_in_items(*, round_: ExpectationRound, by: StaffMember, version: int) -> ExpectationRound:
    """Bring the rows up to the agreement's 連携事項, while nobody has seen the other's answers.

    A row whose item is gone goes too; a submission in waiting keeps what it says about the others.
    """
    stored = claim_round(round_, version, ExpectationRoundState.FILLING)
    for row in outdated_rows(stored):
        if row.item is None:
            row.delete()
            continue
        row.item_number, row.item_text = row.item.number, row.item.text
        row.save()
    _add_rows(stored, missing_items(stored), None)
    return stored


@database.atomic
def cancel_round(
    *, round_: ExpectationRound, by: StaffMember, version: int, reason: str, now: datetime
) -> ExpectationRound:
    """Stop the round; `resume_round` brings it back. What was confirmed before holds on."""
    stored = claim_round(round_, version, ExpectationRoundState.FILLING, ExpectationRoundState.OPENED)
    if not reason.strip():
        raise refuse("no_reason", "取りやめの理由を入力してください。", "reason")
    stored.state = ExpectationRoundState.CANCELLED
    stored.cancelled_at, stored.cancelled_by, stored.cancelled_reason = now, by, reason
    stored.save()
    return stored


@database.atomic
def resume_round(*, round_: ExpectationRound, by: StaffMember, version: int) -> ExpectationRound:
    """Raises `NotAllowed` when another round has begun meanwhile."""
    stored = claim_round(round_, version, ExpectationRoundState.CANCELLED)
    stored.state = ExpectationRoundState.FILLING if stored.is_blind else ExpectationRoundState.OPENED
    stored.cancelled_at, stored.cancelled_by, stored.cancelled_reason = None, None, ""
    try:
        with database.atomic():
            stored.save()
    except IntegrityError as error:
        raise refuse("running", "その後に、別のすり合わせが始まっています。") from error
    return stored


# --- The answers of the city ---


@database.atomic
def save_answers(
    *, round_: ExpectationRound, answers: Mapping[int, Mapping[str, Any]], by: StaffMember, version: int
) -> ExpectationRound:
    """Write the city's own answers by the key of their rows. Handed-in answers are taken back first.

    After the opening they may still be changed: both sides see it, the history keeps what was, and what was
    confirmed needs a new confirmation.
    """
    stored = claim_round(round_, version, ExpectationRoundState.FILLING, *SEEN_STATES)
    if stored.is_filling and stored.own_submitted_at is not None:
        raise refuse("submitted", "提出済みです。直すときは、提出を取り消してください。", "own")
    write_answers(stored, Side.OWN, answers)
    settle_state(stored)
    return stored


@database.atomic
def submit_answers(
    *, round_: ExpectationRound, by: StaffMember, version: int, now: datetime
) -> ExpectationRound:
    """Hand in the city's answers: from now on the round can be opened. Raises `NotAllowed` (rows missing)."""
    stored = claim_round(round_, version, ExpectationRoundState.FILLING)
    sheet = read_sheet(stored, viewer=Side.OWN)
    blank = [row.row for row in sheet.rows if row.own is None or not (row.own.expects and row.own.cost)]
    if blank:
        numbers = "、".join(row.label for row in blank)
        raise refuse("blank", f"「期待すること」か「費用」が未記入の項目があります：{numbers}", "own")
    stored.own_submitted_at, stored.own_submitted_by = now, by
    stored.save()
    return stored


@database.atomic
def take_back_answers(*, round_: ExpectationRound, by: StaffMember, version: int) -> ExpectationRound:
    """Make the handed-in answers a draft again; only while the round is closed."""
    stored = claim_round(round_, version, ExpectationRoundState.FILLING)
    stored.own_submitted_at = stored.own_submitted_by = None
    stored.save()
    return stored


def write_answers(round_: ExpectationRound, side: Side, answers: Mapping[int, Mapping[str, Any]]) -> None:
    """Write one side's answers; rows of another round are refused."""
    rows = round_.rows.in_bulk(list(answers))  # type: ignore[attr-defined]
    if rows.keys() != set(answers):
        raise refuse("unknown_row", "このワークシートにない項目が含まれています。", "own")
    stored = {each.row_id: each for each in ExpectationAnswer.objects.filter(row__in=rows, side=side)}
    for key, values in answers.items():
        answer = stored.get(key) or ExpectationAnswer(row=rows[key], side=side)
        new = {name: values[name] for name in ANSWER_FIELDS if name in values}
        if answer.pk and all(getattr(answer, name) == value for name, value in new.items()):
            continue
        for name, value in new.items():
            setattr(answer, name, value)
        answer.save()


# --- Opening ---


@database.atomic
def open_round(*, round_: ExpectationRound, by: StaffMember, version: int, now: datetime) -> ExpectationRound:
    """Show both sides to each other: `by` did it at `now`. Cannot be taken back: what was read is known."""
    stored = claim_round(round_, version)
    if blockers := opening_blockers(stored):
        raise NotAllowed(blockers)
    stored.state = ExpectationRoundState.OPENED
    stored.opened_at, stored.opened_by = now, by
    stored.save()
    return stored


def opening_blockers(round_: ExpectationRound) -> list[Blocker]:
    """What speaks against opening the round now."""
    return expectations.opening_blockers(
        RoundState(round_.state),
        own_submitted=round_.own_submitted_at is not None,
        partner_arrived=has_arrived(round_),
    )


def has_arrived(round_: ExpectationRound) -> bool:
    """Whether the company's answers lie ready to be opened."""
    return round_.submissions.answers().filter(state=SubmissionState.PENDING).exists()  # type: ignore[attr-defined]


# --- What both settle ---


@database.atomic
def propose_wording(
    *, round_: ExpectationRound, rows: Mapping[int, Mapping[str, Any]], by: StaffMember, version: int
) -> ExpectationRound:
    """Write the shared columns of these rows. A confirmed row that changes needs a new confirmation."""
    stored = claim_round(round_, version, *SEEN_STATES)
    mine = stored.rows.in_bulk(list(rows))  # type: ignore[attr-defined]
    if mine.keys() != set(rows):
        raise refuse("unknown_row", "このワークシートにない項目が含まれています。")
    for key, values in rows.items():
        row = mine[key]
        new = {name: values[name] for name in SHARED_FIELDS if name in values}
        if any(getattr(row, name) != value for name, value in new.items()):
            for name, value in new.items():
                setattr(row, name, value)
            row.save()
    settle_state(stored)
    return stored


@database.atomic
def confirm_rows(
    *,
    round_: ExpectationRound,
    side: str,
    rows: Iterable[int],
    confirmer: Confirmer,
    by: StaffMember,
    version: int,
    now: datetime,
    today: date,
    submission: CompanySubmission | None = None,
) -> list[ExpectationConfirmation]:
    """A named person of one side confirms these rows as they stand now. Raises `NotAllowed` (see domain)."""
    stored = claim_round(round_, version, *SEEN_STATES)
    if confirmer.confirmed_on > today:
        raise refuse(
            "day_to_come", "今日より後の日付です。その日になってから記録してください。", "confirmed_on"
        )
    assert stored.opened_at is not None  # noqa: S101  (a constraint)
    wanted = set(rows)
    sheet = read_sheet(stored, viewer=Side.OWN)
    chosen = [row for row in sheet.rows if row.row.pk in wanted]
    if not chosen or len(chosen) != len(wanted):
        raise refuse("no_row", "確認する項目を選んでください。", "rows")
    blockers = [
        blocker
        for row in chosen
        for blocker in expectations.confirmation_blockers(
            row.expectation(is_settled=True),
            label=row.row.label,
            agreed_wording=row.row.agreed_wording,
        )
    ]
    if blockers:
        raise NotAllowed(blockers)
    made = [
        ExpectationConfirmation.objects.create(
            row=row.row,
            side=side,
            title=confirmer.title,
            name=confirmer.name,
            confirmed_on=confirmer.confirmed_on,
            evidence=confirmer.evidence,
            document=confirmer.document,
            content=row.content,
            content_hash=row.content_hash,
            submission=submission,
            recorded_by=by,
        )
        for row in chosen
        if row.confirmed_by(side) is None
    ]
    settle_state(stored, now)
    return made


@database.atomic
def withdraw_confirmations(
    *, round_: ExpectationRound, side: str, rows: Iterable[int], by: StaffMember, version: int, now: datetime
) -> int:
    """Take back this side's confirmations of the rows as they stand; they stay on record as withdrawn."""
    stored = claim_round(round_, version, *SEEN_STATES)
    wanted = set(rows)
    sheet = read_sheet(stored, viewer=Side.OWN)
    found = [
        each for row in sheet.rows if row.row.pk in wanted and (each := row.confirmed_by(side)) is not None
    ]
    for each in found:
        each.withdrawn_at = now
        each.save()
    settle_state(stored)
    return len(found)


def settle_state(round_: ExpectationRound, now: datetime | None = None) -> None:
    """合意・確認済 comes with the confirmation of the last row and goes with the first change."""
    if round_.state not in SEEN_STATES:
        return
    sheet: Sheet = read_sheet(round_, viewer=Side.OWN)
    if sheet.is_all_confirmed and not round_.is_confirmed:
        round_.state, round_.confirmed_at = ExpectationRoundState.CONFIRMED, now
        round_.save()
    elif round_.is_confirmed and not sheet.is_all_confirmed:
        _keep_alone(round_)
        round_.state, round_.confirmed_at = ExpectationRoundState.OPENED, None
        round_.save()


def _keep_alone(round_: ExpectationRound) -> None:
    others = ExpectationRound.objects.running().filter(agreement=round_.agreement_id).exclude(pk=round_.pk)
    if others.exists():
        raise refuse("running", "新しいすり合わせが始まっているため、前の回は変更できません。")


def claim_round(round_: ExpectationRound, version: int | None, *states: str) -> ExpectationRound:
    """The stored round, ours until the transaction ends, in one of the states (none: any).

    `version` None: whoever comes may write (what a company sends has seen no version of the page).
    """
    mine = ExpectationRound.objects.filter(pk=round_.pk)
    if version is not None:
        mine = mine.filter(version=version)
    # The conditional update lets one of two people win on every database; without a join, that the one who
    # waited is judged by the row as it is then.
    if not mine.update(version=F("version") + 1):
        raise ChangedMeanwhile
    stored = ExpectationRound.objects.select_related("agreement__municipality").get(pk=round_.pk)
    if stored.agreement.deleted_at is not None:
        raise ChangedMeanwhile
    if states and stored.state not in states:
        message = f"このすり合わせは「{stored.get_state_display()}」のため、この操作はできません。"
        raise refuse("wrong_state", message)
    return stored
