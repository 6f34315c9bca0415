"""What goes with the moves of `lifecycle`: the lock on the text, the day of a move, what to think of first.

A blocker forbids a move; a caution only says what a careful person would look at first, because a 課 that
does not answer must not be able to stop the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from .lifecycle import Blocker, State

TEXT_FIELDS = (
    "title",
    "title_kana",
    "purpose",
    "signed_on",
    "effective_on",
    "first_expiry",
    "auto_renew",
    "renewal_months",
    "notice_months",
    "notice_days",
    "renewal_text",
)
"""Fields of an agreement that are its text: with the parties and the items, what the 決裁 decides about."""


class TextLock(Enum):
    """Whether the text may be written."""

    OPEN = "open"
    CORRECTABLE = "correctable"
    """Taken over from paper: blanks may be filled in; what is written may be corrected, with a reason."""
    LOCKED = "locked"


def text_lock(state: State, *, backfilled: bool) -> TextLock:
    """The text is locked from the 決裁 on. 差戻し opens it again; what was signed changes by an amendment.

    A taken-over agreement was never decided about here: its text is a transcript and can be corrected.
    """
    if state in (State.PROPOSED, State.REVIEWING, State.NEGOTIATING, State.DECLINED):
        return TextLock.OPEN
    return TextLock.CORRECTABLE if backfilled else TextLock.LOCKED


def lock_reason(state: State) -> str:
    """Why the text cannot be written, and what to do instead: a sentence for people."""
    if state is State.APPROVING:
        return "決裁中のため、協定の文言は変更できません。変更するときは、差し戻してください。"
    return "締結した協定の文言は変更できません。変更するときは、変更の手続きを行ってください。"


def check_day(on: date, *, today: date, earliest: date | None = None, what: str = "") -> list[Blocker]:
    """What speaks against this day: it is still to come, or before `earliest` (the day of `what`)."""
    if on > today:
        return [Blocker("day_to_come", "今日より後の日付です。その日になってから記録してください。", "on")]
    if earliest is not None and on < earliest:
        return [Blocker("day_too_early", f"{what}より前の日付です。日付を確かめてください。", "on")]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureFacts:
    """What cautions need to know: the intake check and the opinions of the 課, by their names."""

    has_proposal: bool = False
    unmet_criteria: tuple[str, ...] = ()
    unchecked_criteria: int = 0
    opinions_asked: int = 0
    unanswered: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    opposed: tuple[str, ...] = ()
    lacks_text: bool = False
    text_gaps: int = 0
    text_faults: int = 0


def cautions(facts: ProcedureFacts, source: State, target: State) -> list[str]:
    """What to look at before the move from `source` to `target`; it may be made all the same."""
    if (source, target) == (State.PROPOSED, State.REVIEWING):
        return list(_intake_cautions(facts))
    if target is State.APPROVING:
        return [*_opinion_cautions(facts), *_text_cautions(facts)]
    if (source, target) == (State.REVIEWING, State.NEGOTIATING):
        return list(_opinion_cautions(facts))
    return []


def _intake_cautions(facts: ProcedureFacts) -> Iterator[str]:
    if not facts.has_proposal:
        yield "提案票がまだありません。"
        return
    if facts.unmet_criteria:
        yield f"受付の基準に合わない項目があります：{'、'.join(facts.unmet_criteria)}"
    if facts.unchecked_criteria:
        yield f"受付の基準のうち{facts.unchecked_criteria}件が未確認です。"


def _opinion_cautions(facts: ProcedureFacts) -> Iterator[str]:
    if not facts.opinions_asked:
        yield "庁内の意見を照会していません。"
    if facts.unanswered:
        yield f"まだ意見の回答がない課があります：{'、'.join(facts.unanswered)}"
    if facts.opposed:
        yield f"「不可」と回答した課があります：{'、'.join(facts.opposed)}"
    if facts.conditional:
        yield f"「条件付」と回答した課があります：{'、'.join(facts.conditional)}"


def _text_cautions(facts: ProcedureFacts) -> Iterator[str]:
    """The 決裁 decides about the 協定書: from then on nobody can fill in a blank."""
    if facts.lacks_text:
        yield "協定書案がまだありません。"
    if facts.text_gaps:
        yield f"協定書案に未記入のところが{facts.text_gaps}か所あります。"
    if facts.text_faults:
        yield f"協定書案に、誤りや台帳と違うところが{facts.text_faults}件あります。"
