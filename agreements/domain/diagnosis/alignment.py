"""すり合わせ: did both sides say what they expect, and does it fit together?

E01, E02, E05 and E06 judge every 連携事項 (an agreement without items is judged as a whole). What is not
written yet is E01's finding alone: E02 and E05 count against an item only when both sides have spoken about
it, and are 対象なし while there is no worksheet row at all. Otherwise the grade would fall when people begin
to talk. E02 and E04 also look at the actions, where the money is decided in the end.
"""

from collections.abc import Sequence

from agreements.domain.diagnosis.grade import Axis, Grade
from agreements.domain.diagnosis.rule import Case, Evidence, Place, Rule
from agreements.domain.diagnosis.snapshot import Action, Cost, Expectation, Item, Snapshot

MUNICIPAL_BUDGET = "municipal_budget"
FUNDING_UNDECIDED = "undecided"
_TO_BE_DISCUSSED = "別途協議"


def items_or_agreement(case: Case) -> Sequence[Item | Snapshot]:
    return case.snapshot.items or [case.snapshot]


def _worked_on(case: Case) -> Sequence[Item | Snapshot]:
    """The units of the worksheet, once it has been begun."""
    units = items_or_agreement(case)
    return units if any(case.rows(unit) for unit in units) else ()


def _cost_bearers(case: Case) -> Sequence[Item | Snapshot | Action]:
    return [*_worked_on(case), *(a for a in case.actions if a.funding is not None)]


def _budgeted(case: Case) -> Sequence[Action]:
    return [a for a in case.actions if a.funding == MUNICIPAL_BUDGET]


def _place(field: str) -> Place:
    return Place("expectations", field)


def _text(unit: Item | Snapshot) -> str:
    return unit.text if isinstance(unit, Item) else ""


def _silent_side(case: Case, unit: Item | Snapshot) -> Evidence | None:
    rows = case.rows(unit)
    own = bool(rows) and all(row.own_spoke for row in rows)
    partner = bool(rows) and all(row.partner_spoke for row in rows)
    if own and partner:
        return None
    silent = "双方" if not own and not partner else "相手方" if own else case.snapshot.own_label
    place = _place("own_expects" if not own else "partner_expects")
    return Evidence(place, _text(unit), message=f"{_name(unit)}で{silent}の期待が空欄です。")


def _name(unit: Item | Snapshot) -> str:
    if isinstance(unit, Snapshot):
        return "協定全体"
    return f"{unit.field}分野" if unit.field else unit.label or "この項目"


def _cost_undecided(case: Case, unit: Item | Snapshot | Action) -> Evidence | None:
    if isinstance(unit, Action):
        undecided = unit.funding == FUNDING_UNDECIDED
        return Evidence(Place("actions", "funding"), unit.text) if undecided else None
    for row in case.rows(unit):
        if not row.both_spoke:
            continue
        if _TO_BE_DISCUSSED in row.cost_note or {row.own_cost, row.partner_cost} & {None, Cost.UNDECIDED}:
            return Evidence(_place("cost"), _text(unit))
        if {row.own_cost, row.partner_cost} == {Cost.FREE, Cost.AT_COST}:
            # Not 有償 against 無償 (E03), but who pays the real cost is still open.
            return Evidence(_place("cost"), _text(unit), message=f"費用負担が未定です。{_sides(case, row)}")
    return None


def _sides(case: Case, row: Expectation) -> str:
    own, partner = (cost.label if cost else "未記入" for cost in (row.own_cost, row.partner_cost))
    return f"{case.snapshot.own_label}は{own}、相手方は{partner}と考えています。"


def _conflict(case: Case, unit: Item | Snapshot) -> Evidence | None:
    for row in case.rows(unit):
        decided = {row.own_cost, row.partner_cost} - {None, Cost.UNDECIDED}
        if Cost.PAID in decided and len(decided) == 2:
            return Evidence(_place("cost"), _text(unit), message=_sides(case, row))
        if row.partner_expects_order and not row.procurement.strip():
            message = "相手方は受注を期待していますが、調達の要否と方法が書かれていません。"
            return Evidence(_place("procurement"), _text(unit), message=message)
    return None


def _budget_incomplete(_case: Case, action: Action) -> Evidence | None:
    if action.budget_line.strip() and action.contract_method.strip():
        return None
    return Evidence(
        Place("actions", "contract_method" if action.budget_line.strip() else "budget_line"), action.text
    )


def _nothing_excluded(case: Case, unit: Item | Snapshot) -> Evidence | None:
    blank = any(row.both_spoke and not row.not_to_do.strip() for row in case.rows(unit))
    return Evidence(_place("not_to_do"), _text(unit)) if blank else None


def _unconfirmed(case: Case, unit: Item | Snapshot) -> Evidence | None:
    rows = case.rows(unit)
    days = [day for row in rows for day in (row.own_confirmed_on, row.partner_confirmed_on)]
    if not rows or None in days:
        return Evidence(_place("confirmation"), _text(unit), message="双方の確認がありません。")
    oldest = min(day for day in days if day)
    if case.older_than(oldest, case.settings.confirmation_months):
        return Evidence(_place("confirmation"), _text(unit))
    return None


_E = Axis.ALIGNMENT
E01 = Rule("E01", _E, 30, "期待の空欄", "期待が空欄の分野があります。", items_or_agreement, _silent_side)
E02 = Rule("E02", _E, 20, "費用負担", "費用負担が未定です。", _cost_bearers, _cost_undecided)
E03 = Rule(
    "E03", _E, 20, "考えの食い違い", "双方の考えが食い違っています。", _worked_on, _conflict, cap=Grade.C
)
E04 = Rule(
    "E04", _E, 10, "予算と契約方式", "予算事業名・契約方法がありません。", _budgeted, _budget_incomplete
)
E05 = Rule(
    "E05", _E, 5, "やらないこと", "やらないことを書くと誤解を防げます。", _worked_on, _nothing_excluded
)
E06 = Rule("E06", _E, 15, "双方の確認", "双方の確認から1年を超えました。", items_or_agreement, _unconfirmed)

RULES = (E01, E02, E03, E04, E05, E06)
