"""活動: is anything still happening? And I01, the contradiction in the dates that caps the whole.

"12 months" and "6 months" mean more than that: on the very day a year is over nothing is late yet. A date
that was never recorded counts as never: no meeting is counted from the signing, a contact that was never
verified needs it.
"""

from collections.abc import Sequence
from datetime import date

from agreements.domain.diagnosis.grade import Axis, Grade
from agreements.domain.diagnosis.rule import Case, Evidence, Place, Rule
from agreements.domain.diagnosis.snapshot import Action, Contact, Snapshot
from agreements.domain.lifecycle import State
from agreements.domain.renewal import current_expiry, times_renewed
from municipalities.fiscal_year import first_day, fiscal_year_of, label, last_day
from municipalities.wareki import format_wareki


def _agreement(case: Case) -> Sequence[Snapshot]:
    return (case.snapshot,)


def _open_actions(case: Case) -> Sequence[Action]:
    return [action for action in case.actions if action.is_open]


def _contacts_or_agreement(case: Case) -> Sequence[Contact | Snapshot]:
    return case.snapshot.contacts or [case.snapshot]


def _nothing_this_year(case: Case, _agreement: Snapshot) -> Evidence | None:
    year = first_day(case.fiscal_year), last_day(case.fiscal_year)
    return None if any(action.falls_in(*year) for action in case.actions) else Evidence(Place("actions"))


def _no_meeting(case: Case, agreement: Snapshot) -> Evidence | None:
    last = max((d for d in (agreement.last_meeting_on, agreement.signed_on) if d), default=None)
    late = last is None or case.older_than(last, case.settings.meeting_months)
    return Evidence(Place("meetings")) if late else None


def newest_report_due(today: date, report_due: tuple[int, int]) -> int:
    """The newest fiscal year whose annual report was due before `today`.

    Last year's, once its deadline has passed; until then the year before, so that a missing report is not
    forgiven from April to the next deadline.
    """
    month, day = report_due
    last_year = fiscal_year_of(today) - 1
    deadline = date(last_year + (1 if month >= 4 else 2), month, day)
    return last_year if today > deadline else last_year - 1


def _report_missing(case: Case, agreement: Snapshot) -> Evidence | None:
    year = newest_report_due(case.today, case.settings.report_due)
    first = agreement.first_report_year
    if first is None and agreement.signed_on:
        first = fiscal_year_of(agreement.signed_on)
    if year in agreement.reported_years or (first is not None and year < first):
        return None
    return Evidence(Place("annual_reports"), message=f"{label(year)}実績が未提出です。")


def _stalled(case: Case, action: Action) -> Evidence | None:
    if action.due_on and action.due_on < case.today:
        message = f"期限（{format_wareki(action.due_on)}）を過ぎています。"
        return Evidence(Place("actions", "due_on"), action.text, message=message)
    if action.starts_on and action.starts_on > case.today:
        return None
    last = max((d for d in (action.updated_on, action.starts_on) if d), default=None)
    if last is not None and not case.older_than(last, case.settings.update_months):
        return None
    message = f"{case.settings.update_months}か月を超えて更新がありません。"
    return Evidence(Place("actions", "progress"), action.text, message=message)


def _renewed_unseen(case: Case, agreement: Snapshot) -> Evidence | None:
    renewals = times_renewed(agreement.terms, case.today)
    if agreement.last_decision_on:
        # A decision is about the end of the term in which it was made: that renewal was looked at too.
        renewals -= times_renewed(agreement.terms, agreement.last_decision_on) + 1
    if renewals < case.settings.tacit_renewals:
        return None
    return Evidence(Place("renewal"), message=f"見直しなしで{renewals}回自動更新しています。")


def _contact_unsure(case: Case, contact: Contact | Snapshot) -> Evidence | None:
    if isinstance(contact, Snapshot):
        return Evidence(Place("contacts"), message="窓口が登録されていません。")
    if contact.department_abolished:
        return Evidence(Place("contacts"), message="窓口の課が廃止されています。窓口の確認が必要です。")
    verified = contact.verified_on
    late = verified is None or case.older_than(verified, case.settings.contact_months)
    return Evidence(Place("contacts")) if late else None


def _dates_contradict(case: Case, agreement: Snapshot) -> Evidence | None:
    first, signed = agreement.terms.first_expiry, agreement.signed_on
    if first and signed and first < signed:
        return Evidence(Place("terms", "first_expiry"), message="当初の満了日が締結日より前です。")
    expiry = current_expiry(agreement.terms, case.today)
    if agreement.state is State.ACTIVE and expiry and expiry < case.today:
        return Evidence(Place("renewal"))
    return None


_V = Axis.VITALITY
V01 = Rule("V01", _V, 30, "今年度の取組", "今年度の取組がありません。", _agreement, _nothing_this_year)
V02 = Rule("V02", _V, 20, "会議", "1年以上会議がありません。", _agreement, _no_meeting)
V03 = Rule("V03", _V, 20, "年度実績報告", "前年度の実績が未提出です。", _agreement, _report_missing)
V04 = Rule("V04", _V, 10, "取組の停滞", "期限超過・更新停止の取組 {count}件", _open_actions, _stalled)
V05 = Rule("V05", _V, 10, "見直しのない更新", "見直しなしで自動更新しています。", _agreement, _renewed_unseen)
V06 = Rule("V06", _V, 10, "窓口", "窓口の確認が必要です。", _contacts_or_agreement, _contact_unsure)

RULES = (V01, V02, V03, V04, V05, V06)

I01 = Rule("I01", None, 0, "日付の矛盾", "満了日を過ぎています。", _agreement, _dates_contradict, cap=Grade.D)
