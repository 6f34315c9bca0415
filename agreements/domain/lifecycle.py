"""The life of an agreement: 8 states, the moves between them as data, and what blocks a move.

    proposed → reviewing → negotiating → approving → active ⇄ suspended → ended
    approving → negotiating (差戻し); every state before active → declined; active → ended

Guards are pure functions over `AgreementFacts` and answer in Japanese, so that a page can say what is missing
before somebody presses the button, and an action can refuse the same move with the same words.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum
from types import MappingProxyType

from agreements.domain.renewal import Terms, add_months, current_expiry, notice_deadline

RENEWAL_DUE_DAYS = 60
"""更新判断期 begins this many days before the notice deadline."""

DORMANT_MONTHS = 12
"""形骸化疑い: no meeting and no work on an action for more than this many months."""


class _Labelled(StrEnum):
    """A string enum whose members carry the Japanese label users read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "_Labelled":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class State(_Labelled):
    PROPOSED = "proposed", "提案受付"
    REVIEWING = "reviewing", "庁内調整"
    NEGOTIATING = "negotiating", "相手方協議"
    APPROVING = "approving", "決裁中"
    ACTIVE = "active", "締結・実施中"
    SUSPENDED = "suspended", "休止"
    ENDED = "ended", "終了"
    DECLINED = "declined", "見送り"


class EndedReason(_Labelled):
    EXPIRED = "expired", "満了"
    MUTUAL = "mutual", "合意解除"
    UNILATERAL = "unilateral", "一方解除"
    REPLACED = "replaced", "新協定へ移行"
    PARTNER_GONE = "partner_gone", "相手方消滅"


class Badge(_Labelled):
    """What is true of an agreement today without being a state."""

    RENEWAL_DUE = "renewal_due", "更新判断期"
    PAST_EXPIRY = "past_expiry", "満了超過"
    DORMANT = "dormant", "形骸化疑い"


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed move. `label` is the verb on its button."""

    source: State
    target: State
    label: str


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why a move is not possible yet: a code for programs, a sentence for people, the place that mends it.

    `place` names a part of the agreement's page: "state", "parties", "items", "department", "expectations",
    "approval", "signed_on", "documents", "ended_reason", "ended_on", "declined_reason" or "on".
    """

    code: str
    message: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFacts:
    """What guards and badges need to know of one agreement.

    `decided_for` is the expiry the newest 更新判断 was about (the current expiry when it was made);
    `last_activity_on` the day of the last meeting or work on an action; `unprepared` marks a backfilled
    agreement before its first review (未整備), which nobody may call dormant yet; `is_approved` says whether
    the 決裁 it is in has been decided for it.
    """

    state: State
    party_count: int = 0
    item_count: int = 0
    has_department: bool = False
    has_e03: bool = False
    is_approved: bool = False
    signed_on: date | None = None
    has_signed_file: bool = False
    paper_original_only: bool = False
    ended_reason: str = ""
    ended_on: date | None = None
    declined_reason: str = ""
    terms: Terms | None = None
    decided_for: date | None = None
    last_activity_on: date | None = None
    unprepared: bool = False


PRE_ACTIVE = (State.PROPOSED, State.REVIEWING, State.NEGOTIATING, State.APPROVING)
"""The states before the signing, in order."""

TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.PROPOSED, State.REVIEWING, "庁内調整を始める"),
    Transition(State.REVIEWING, State.NEGOTIATING, "相手方と協議する"),
    Transition(State.NEGOTIATING, State.APPROVING, "決裁に回す"),
    Transition(State.APPROVING, State.ACTIVE, "締結する"),
    Transition(State.APPROVING, State.NEGOTIATING, "差し戻す"),
    Transition(State.ACTIVE, State.SUSPENDED, "休止する"),
    Transition(State.SUSPENDED, State.ACTIVE, "再開する"),
    Transition(State.ACTIVE, State.ENDED, "終了する"),
    Transition(State.SUSPENDED, State.ENDED, "終了する"),
    *(Transition(state, State.DECLINED, "見送る") for state in PRE_ACTIVE),
)

_NEXT_STEP: Mapping[State, State] = MappingProxyType(
    {
        State.PROPOSED: State.REVIEWING,
        State.REVIEWING: State.NEGOTIATING,
        State.NEGOTIATING: State.APPROVING,
        State.APPROVING: State.ACTIVE,
        State.SUSPENDED: State.ACTIVE,
    }
)


def entry_states(*, backfilled: bool) -> tuple[State, ...]:
    """The states in which an agreement may be registered: legacy ones enter directly as active or ended."""
    return (State.ACTIVE, State.ENDED) if backfilled else (State.PROPOSED,)


def allowed(state: State) -> tuple[State, ...]:
    """The states that can follow, the usual next step first; empty for ended and declined."""
    return tuple(t.target for t in TRANSITIONS if t.source == state)


def transition(source: State, target: State) -> Transition | None:
    """The move from `source` to `target`, or None when there is none."""
    return next((t for t in TRANSITIONS if (t.source, t.target) == (source, target)), None)


def next_step(state: State) -> State | None:
    """The one step the page offers as its button; None when the agreement runs or is over."""
    return _NEXT_STEP.get(state)


def check(facts: AgreementFacts, target: State) -> list[Blocker]:
    """Everything that blocks the move from `facts.state` to `target`; an empty list means it may be made."""
    if transition(facts.state, target) is None:
        message = f"「{facts.state.label}」から「{target.label}」へは進めません。"
        return [Blocker("not_allowed", message, "state")]
    return [blocker for guard in _GUARDS.get(target, ()) for blocker in guard(facts)]


# --- Guards ---


def _has_parties(facts: AgreementFacts) -> Iterator[Blocker]:
    if facts.party_count < 1:
        yield Blocker("no_party", "当事者を1者以上登録してください。", "parties")


def _has_items(facts: AgreementFacts) -> Iterator[Blocker]:
    if facts.item_count < 1:
        yield Blocker("no_item", "連携事項を1件以上登録してください。", "items")


def _has_department(facts: AgreementFacts) -> Iterator[Blocker]:
    if not facts.has_department:
        yield Blocker("no_department", "主担当課を選んでください。", "department")


def _expectations_agree(facts: AgreementFacts) -> Iterator[Blocker]:
    if facts.has_e03:
        message = (
            "費用や受注についての双方の考えが食い違っています（E03）。すり合わせてから決裁に回してください。"
        )
        yield Blocker("e03", message, "expectations")


def _is_approved(facts: AgreementFacts) -> Iterator[Blocker]:
    if facts.state is State.APPROVING and not facts.is_approved:
        yield Blocker("not_approved", "決裁がまだ終わっていません。承認を記録してください。", "approval")


def _is_signed(facts: AgreementFacts) -> Iterator[Blocker]:
    if facts.signed_on is None:
        yield Blocker("no_signed_on", "締結日を入力してください。", "signed_on")


def _has_original(facts: AgreementFacts) -> Iterator[Blocker]:
    if not (facts.has_signed_file or facts.paper_original_only):
        message = "締結済みの協定書ファイルを登録するか、「紙原本のみ」を選んでください。"
        yield Blocker("no_signed_file", message, "documents")


def _end_is_explained(facts: AgreementFacts) -> Iterator[Blocker]:
    if not facts.ended_reason.strip():
        yield Blocker("no_ended_reason", "終了の理由を選んでください。", "ended_reason")
    if facts.ended_on is None:
        yield Blocker("no_ended_on", "終了日を入力してください。", "ended_on")
    elif facts.signed_on is not None and facts.ended_on < facts.signed_on:
        yield Blocker("ended_before_signed", "終了日が締結日より前です。", "ended_on")


def _decline_is_explained(facts: AgreementFacts) -> Iterator[Blocker]:
    if not facts.declined_reason.strip():
        yield Blocker("no_declined_reason", "見送りの理由を入力してください。", "declined_reason")


_GUARDS: Mapping[State, tuple[Callable[[AgreementFacts], Iterator[Blocker]], ...]] = MappingProxyType(
    {
        State.APPROVING: (_has_parties, _has_items, _has_department, _expectations_agree),
        State.ACTIVE: (_is_approved, _is_signed, _has_original),
        State.ENDED: (_end_is_explained,),
        State.DECLINED: (_decline_is_explained,),
    }
)


# --- Badges ---


def badges(facts: AgreementFacts, today: date) -> tuple[Badge, ...]:
    """更新判断期, 満了超過 and 形骸化疑い as they hold on `today`, the most urgent first.

    更新判断期: 60 days or less to the notice deadline (also past it) of an expiry still ahead, and undecided.
    満了超過: in force although the expiry is past and nothing renews it.
    形骸化疑い: in force, signed and last touched (meeting, action) more than 12 months ago.
    """
    found: list[Badge] = []
    if is_past_expiry(facts, today):
        found.append(Badge.PAST_EXPIRY)
    if is_renewal_due(facts, today):
        found.append(Badge.RENEWAL_DUE)
    if is_dormant(facts, today):
        found.append(Badge.DORMANT)
    return tuple(found)


def is_past_expiry(facts: AgreementFacts, today: date) -> bool:
    expiry = current_expiry(facts.terms, today) if facts.terms else None
    return facts.state in (State.ACTIVE, State.SUSPENDED) and expiry is not None and expiry < today


def is_renewal_due(facts: AgreementFacts, today: date) -> bool:
    if facts.state not in (State.ACTIVE, State.SUSPENDED) or facts.terms is None:
        return False
    expiry, deadline = current_expiry(facts.terms, today), notice_deadline(facts.terms, today)
    if expiry is None or deadline is None or expiry < today or facts.decided_for == expiry:
        return False
    return deadline - today <= timedelta(days=RENEWAL_DUE_DAYS)


def is_dormant(facts: AgreementFacts, today: date) -> bool:
    if facts.state is not State.ACTIVE or facts.unprepared:
        return False
    last = max((d for d in (facts.signed_on, facts.last_activity_on) if d), default=None)
    return last is None or today > add_months(last, DORMANT_MONTHS)


# --- The line of steps on the page ---


class StepStatus(Enum):
    DONE = "done"
    CURRENT = "current"
    TODO = "todo"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    label: str
    status: StepStatus


def steps(state: State, *, backfilled: bool = False, declined_from: State | None = None) -> list[Step]:
    """The line of steps for the page, in order; exactly one is current.

    A backfilled agreement skipped the stages before its signing. A declined one shows how far it came: up to
    `declined_from` (a pre-active state; unknown = the first), the rest skipped. 休止 stands in the line only
    while it lasts.
    """
    if state is State.DECLINED:
        reached = PRE_ACTIVE.index(declined_from) if declined_from in PRE_ACTIVE else 0
        line = [
            (s, StepStatus.DONE if i <= reached else StepStatus.SKIPPED) for i, s in enumerate(PRE_ACTIVE)
        ]
        return [Step(s, s.label, status) for s, status in [*line, (state, StepStatus.CURRENT)]]

    order = [*PRE_ACTIVE, State.ACTIVE, *([state] if state is State.SUSPENDED else []), State.ENDED]
    here = order.index(state)

    def status(position: int) -> StepStatus:
        if position == here:
            return StepStatus.CURRENT
        if position > here:
            return StepStatus.TODO
        return StepStatus.SKIPPED if backfilled and order[position] in PRE_ACTIVE else StepStatus.DONE

    return [Step(s, s.label, status(i)) for i, s in enumerate(order)]
