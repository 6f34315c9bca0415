"""What the values of a 取組 owe one another, said at the cell of a ledger.

The same rules as the form of one 取組 and the constraints of the table.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from agreements.choices import ActionState, ContractMethod, Funding
from agreements.domain.figures import spell
from agreements.models.action_item import WITH_BUDGET_LINE

_BUDGET_LINE = {
    "budget_account": "会計",
    "budget_project": "予算事業名",
    "budget_line": "款項目",
    "budget_round": "当初・補正",
    "budget_status": "予算の状況",
}


def problems(values: Mapping[str, Any], *, today: date) -> Iterator[tuple[str, str]]:
    """(key of the column, sentence) for all that does not go together. `values`: as it would be then."""
    yield from _of_dates(values, today)
    yield from _of_figures(values)
    yield from _of_money(values)
    yield from _of_the_end(values)


def _of_dates(values: Mapping[str, Any], today: date) -> Iterator[tuple[str, str]]:
    starts_on, due_on = values.get("starts_on"), values.get("due_on")
    if starts_on and due_on and due_on < starts_on:
        yield "due_on", "期限が開始日より前です。どちらかの日付を直してください。"
    if values.get("completed_on") and values["completed_on"] > today:
        yield "completed_on", "完了日が今日より後です。日付を確かめてください。"


def _of_figures(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    has_figure = any(values.get(name) is not None for name in ("target_value", "baseline_value"))
    if has_figure and not values.get("target_unit"):
        yield "target_unit", "目標値・基準値の単位を入力してください（例：人、回、件）。"
    if values.get("effect_yen") is not None and not values.get("effect_method"):
        yield "effect_method", "効果額をどう算定したかを入力してください。"


def _of_money(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    funding = values.get("funding")
    filled = [words for name, words in _BUDGET_LINE.items() if values.get(name)]
    has_amount = values.get("budget_thousands") is not None
    if not funding and (filled or has_amount):
        yield "funding", "予算の欄を入力したときは、財源も入力してください。"
    if funding == Funding.MUNICIPAL_BUDGET:
        if not values.get("budget_project"):
            yield "budget_project", "財源が自治体予算のときは、予算事業名を入力してください。"
        if not values.get("contract_method"):
            yield "contract_method", "財源が自治体予算のときは、契約方式を入力してください。"
    if funding == Funding.ZERO_BUDGET and has_amount:
        yield "budget_thousands", "ゼロ予算のときは、額を空欄にしてください。"
    if funding and funding not in WITH_BUDGET_LINE and filled:
        label = Funding(funding).label
        yield "funding", f"財源が「{label}」のときは、{'・'.join(filled)}を空欄にしてください。"
    if values.get("contract_method") == ContractMethod.NEGOTIATED and not values.get("contract_reason"):
        yield "contract_reason", "随意契約のときは、根拠（条項と理由）を入力してください。"
    if values.get("fairness") and not values.get("fairness_note"):
        yield "fairness_note", "なぜその形でよいのか、公平性メモに理由を入力してください。"
    if values.get("fairness_note") and not values.get("fairness"):
        yield "fairness", "公平性メモを書いたときは、公平性の整理も入力してください。"


def _of_the_end(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    state = values.get("state")
    if state == ActionState.DONE:
        if not values.get("result_text"):
            yield "result_text", "状態が「完了」のときは、実施した内容を入力してください。"
        target = values.get("target_value")
        if target is not None and values.get("result_value") is None:
            told = f"{spell(target)}{values.get('target_unit') or ''}"
            yield (
                "result_value",
                f"目標値（{told}）のある取組を「完了」にするときは、実績値を入力してください。",
            )
    elif values.get("completed_on"):
        yield "completed_on", "完了日は、状態が「完了」のときだけ入力できます。"
    if state == ActionState.CANCELLED and not values.get("cancelled_reason"):
        yield "cancelled_reason", "状態が「中止」のときは、中止の理由を入力してください。"
