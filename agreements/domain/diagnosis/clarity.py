"""明確さ: is it written down what is done, by whom, when, how much, and for which 施策?

Which units a rule judges (domain.md gives rules and weights; these are our readings):

- C02 judges the items that are not その他. An agreement without such an item is judged as a whole, so that
  「その他」 alone is no way to a good grade.
- C03–C07 judge the actions that are open or of this or the next fiscal year (`Case.actions`); with none of
  them C03–C06 are 対象なし and C07 asks for a 施策 on the agreement itself.
- A date or an amount counts wherever it stands, in its field or in the action's words:
  「4月22日より162店舗で開催」 is dated and measured.
"""

from collections.abc import Sequence

from agreements.domain.diagnosis import wording
from agreements.domain.diagnosis.grade import Axis
from agreements.domain.diagnosis.rule import Case, Evidence, Place, Rule
from agreements.domain.diagnosis.snapshot import Action, Item, Snapshot


def all_items(case: Case) -> Sequence[Item]:
    return case.snapshot.items


def all_actions(case: Case) -> Sequence[Action]:
    return case.actions


def items_to_fulfil(case: Case) -> Sequence[Item | Snapshot]:
    items = [item for item in case.snapshot.items if not wording.catch_all(item.text, case.settings)]
    return items or [case.snapshot]


def actions_or_agreement(case: Case) -> Sequence[Action | Snapshot]:
    return case.actions or [case.snapshot]


def is_undated(action: Action) -> bool:
    """C04."""
    return action.starts_on is None and action.due_on is None and not wording.has_timing(action.text)


def is_unmeasured(action: Action, case: Case) -> bool:
    """C05."""
    has_target = action.target_value is not None and bool(action.target_unit.strip())
    return not has_target and not wording.has_amount(action.text, case.settings)


def _catch_all(case: Case, item: Item) -> Evidence | None:
    words = wording.catch_all(item.text, case.settings)
    if words is None:
        return None
    message = wording.catch_all_message(item.label)
    return Evidence(Place("items", "text"), item.text, words.start, words.end, message)


def _nothing_done(case: Case, unit: Item | Snapshot) -> Evidence | None:
    if isinstance(unit, Snapshot):
        return None if case.current_actions else Evidence(Place("actions"))
    if any(unit.key in action.items for action in case.current_actions):
        return None
    return Evidence(Place("actions"), unit.text)


def _nobody(_case: Case, action: Action) -> Evidence | None:
    if action.has_department and action.has_partner_contact:
        return None
    return Evidence(
        Place("actions", "partner_contact" if action.has_department else "department"), action.text
    )


def _no_date(_case: Case, action: Action) -> Evidence | None:
    return Evidence(Place("actions", "due_on"), action.text) if is_undated(action) else None


def _no_amount(case: Case, action: Action) -> Evidence | None:
    return Evidence(Place("actions", "target_value"), action.text) if is_unmeasured(action, case) else None


def _vague(case: Case, action: Action) -> Evidence | None:
    found = wording.vague(action.text, case.settings)
    if not found or not (is_undated(action) or is_unmeasured(action, case)):
        return None
    words = found[-1]  # the ending, if there is one
    return Evidence(
        Place("actions", "text"), action.text, words.start, words.end, wording.vague_message(words)
    )


def _no_plan(_case: Case, unit: Action | Snapshot) -> Evidence | None:
    if unit.has_plan_link:
        return None
    return (
        Evidence(Place("plan"))
        if isinstance(unit, Snapshot)
        else Evidence(Place("actions", "plan"), unit.text)
    )


_C = Axis.CLARITY
C01 = Rule(
    "C01", _C, 5, "包括項目", "包括項目です。具体的な取組は他の項目に書いてください。", all_items, _catch_all
)
C02 = Rule("C02", _C, 45, "取組のない連携事項", "取組が1件もありません。", items_to_fulfil, _nothing_done)
C03 = Rule("C03", _C, 10, "担当が未定", "誰が行うか決まっていません。", all_actions, _nobody)
C04 = Rule("C04", _C, 10, "時期が未定", "いつ行うか決まっていません。", all_actions, _no_date)
C05 = Rule("C05", _C, 10, "数量が未定", "どれだけ行うかが数字で書かれていません。", all_actions, _no_amount)
C06 = Rule(
    "C06",
    _C,
    5,
    "あいまいな表現",
    "あいまいな表現で終わっています。いつ、何を決めるか追記してください。",
    all_actions,
    _vague,
)
C07 = Rule(
    "C07",
    _C,
    15,
    "総合計画とのつながり",
    "総合計画の施策が選ばれていません。",
    actions_or_agreement,
    _no_plan,
)

RULES = (C01, C02, C03, C04, C05, C06, C07)
