"""すり合わせ on the page of its agreement, and what comes next in a round."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from agreements.actions.expectations import missing_items, outdated_rows
from agreements.choices import Side
from agreements.domain import expectations
from agreements.domain.expectations import FilledRow, RowDifference
from agreements.domain.lifecycle import State
from agreements.models import Agreement, CompanySubmission, ExpectationRound
from agreements.models.expectation_sheet import Sheet, read_sheet
from municipalities import access

_OVER = (State.ENDED, State.DECLINED)


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing to do next: a link, or with `is_post` a button that does it."""

    label: str
    url: str
    hint: str = ""
    icon: str = "arrow-right"
    is_post: bool = False
    confirm: str = ""


@dataclass(slots=True)
class RoundAtHand:
    """A round with all that its pages show."""

    round: ExpectationRound
    sheet: Sheet
    waiting: CompanySubmission | None
    waiting_confirmation: CompanySubmission | None
    step: Step | None
    outdated: bool = False

    @property
    def arrived_rows(self) -> list[tuple[str, bool]]:
        """Of answers under seal: which rows are filled in; not with what."""
        return completeness(self.sheet, self.waiting)


def completeness(sheet: Sheet, submission: CompanySubmission | None) -> list[tuple[str, bool]]:
    if submission is None:
        return []
    found = []
    for row in sheet.rows:
        values = submission.answers_of(row.row.pk) or {}
        found.append((row.row.label, bool(values.get("expects") and values.get("cost"))))
    return found


def at_hand(round_: ExpectationRound, today: date, *, may_edit: bool) -> RoundAtHand:
    sheet = read_sheet(round_, viewer=Side.OWN, today=today)
    pending = {each.kind: each for each in round_.submissions.pending()}  # type: ignore[attr-defined]
    waiting, confirmation = pending.get("answers"), pending.get("confirmation")
    outdated = bool(missing_items(round_) or outdated_rows(round_))
    step = _next_step(round_, sheet, waiting, confirmation, outdated=outdated) if may_edit else None
    return RoundAtHand(round_, sheet, waiting, confirmation, step, outdated)


def _next_step(
    round_: ExpectationRound,
    sheet: Sheet,
    waiting: CompanySubmission | None,
    confirmation: CompanySubmission | None,
    *,
    outdated: bool,
) -> Step | None:
    def url(name: str, *args: Any) -> str:
        return reverse(f"agreements:{name}", args=args or [round_.pk])

    if round_.is_filling:
        if outdated:
            return Step(
                "連携事項の変更を取り込む",
                url("worksheet-items"),
                "協定の連携事項が、このワークシートを作った後に変わっています。",
                "refresh-cw",
                is_post=True,
                confirm="なくなった連携事項の行は、記入した内容とともに外れます（履歴には残ります）。",
            )
        if round_.own_submitted_at is None:
            return Step(
                "自治体側の期待を記入する",
                url("worksheet-answers"),
                "相手方の回答は見えません。書き終えたら提出します。",
                "pencil",
            )
        if waiting is None:
            return Step(
                "相手方の回答を受け取る",
                url("worksheet-upload"),
                "相手方に記入用のExcelを渡し、戻ってきたファイルを取り込みます。",
                "upload",
            )
        return Step(
            "双方の回答を開示する",
            url("worksheet-open"),
            "双方の回答が揃いました。開示すると、どちらからも相手の回答が見えるようになります。",
            "eye",
        )
    if round_.is_cancelled:
        return None
    if waiting or confirmation:
        found = waiting or confirmation
        assert found is not None  # noqa: S101
        hint = "取り込むまで、記録は変わりません。"
        return Step("届いた内容を確かめる", url("submission", found.pk), hint, "inbox")
    if round_.is_confirmed:
        return None
    unworded = next((row for row in sheet.rows if not row.row.agreed_wording or row.is_blocked), None)
    if unworded is not None:
        return Step(
            f"{unworded.row.label}の合意内容を書く",
            url("worksheet-row", unworded.row.pk),
            "食い違いを話し合い、合意した内容を言葉にします。",
            "pencil",
        )
    for side, label in ((Side.OWN, "自治体の確認を記録する"), (Side.PARTNER, "相手方の確認を記録する")):
        if any(row.confirmed_by(side) is None for row in sheet.rows):
            return Step(label, url("worksheet-confirm", round_.pk, side.value), "", "stamp")
    return None


def worksheet_context(agreement: Agreement, user: Any, today: date) -> dict[str, Any]:
    """What the section すり合わせ shows; a fixed number of queries."""
    rounds = list(agreement.expectation_rounds.select_related("opened_by", "created_by"))  # type: ignore[attr-defined]
    for each in rounds:
        each.agreement = agreement
    may_edit = access.may_edit(user, agreement)
    current = next((each for each in rounds if not each.is_cancelled), None)
    is_running = current is not None and not current.is_confirmed
    return {
        "rounds": rounds,
        "worksheet": at_hand(current, today, may_edit=may_edit) if current else None,
        "may_start_round": may_edit and not is_running and agreement.state not in _OVER,
    }


def changes_since_confirmed(sheet: Sheet) -> tuple[str, list[RowDifference]]:
    """What differs from what both sides confirmed last: since when, in words, and the rows."""
    if sheet.is_blind:
        return "", []
    rounds = ExpectationRound.objects.confirmed().filter(agreement=sheet.round.agreement_id)
    last = rounds.filter(number__lt=sheet.round.number).order_by("-number").first()
    before: dict[Any, FilledRow] = {}
    if last is not None:
        last.agreement = sheet.round.agreement
        before = {row.key: row for row in read_sheet(last, viewer=Side.OWN).filled_rows()}
    since = f"第{last.number}回" if last else ""
    for row, filled in zip(sheet.rows, sheet.filled_rows(), strict=True):
        earlier = {side: [c for c in row.outdated_confirmations if c.side == side] for side in Side}
        if all(earlier.values()) and not row.is_confirmed:
            content = earlier[Side.PARTNER][-1].content
            before[filled.key] = FilledRow(filled.key, filled.label, content)
            since = since or "前の確認"
    return since, expectations.diff(before.values(), sheet.filled_rows()) if since else []
