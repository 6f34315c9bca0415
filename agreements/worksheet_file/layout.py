"""What stands where in the file. Writer and reader both go by it."""

from collections.abc import Callable
from dataclasses import dataclass

from agreements.choices import ExpectationCost, ExpectationKind
from agreements.models.expectation_sheet import SheetRow

SHEET_NAME = "記入用"
HIDDEN_SHEET = "_renkei"
FORMAT = "renkei-worksheet-1"
BY_NAME_CELL = "C5"
HEADER_ROW = 8  # as Excel counts
FIRST_ROW = HEADER_ROW + 1
MARK = "○"
LONGEST_FILE = 5 * 1024**2
MOST_ROWS = 400
"""How far the reader looks below the rows for what somebody has added."""


class FileRefused(ValueError):
    """The file is not taken in; `messages` say in Japanese what is wrong, and where."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name`: the field of the answer it fills (a kind: 「kinds:order」), "" for reading only."""

    heading: str
    width: int
    text: Callable[[SheetRow], str]
    name: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    is_number: bool = False
    longest: int = 0

    @property
    def is_open(self) -> bool:
        return bool(self.name)


def columns(*, is_blind: bool) -> list[Column]:
    """The columns from A on. Nothing of the municipality's side is among them while the round is closed."""
    fixed = [
        Column("番号", 6, lambda row: row.row.label),
        Column("連携事項", 34, lambda row: row.row.item_text),
    ]
    if not is_blind:
        fixed += [
            Column("②自治体が期待すること", 28, lambda row: row.own.expects if row.own else ""),
            Column("⑤自治体が提供するもの", 24, lambda row: row.own.offers if row.own else ""),
            Column("⑦自治体の考える費用", 16, lambda row: row.own.cost_words if row.own else ""),
            Column("合意した内容（案）", 28, lambda row: row.row.agreed_wording),
        ]
    return [*fixed, *_open_columns()]


def _open_columns() -> list[Column]:
    def kind(code: str) -> Callable[[SheetRow], str]:
        return lambda row: MARK if row.partner and code in row.partner.kinds else ""

    return [
        Column(
            "③期待すること",
            34,
            lambda row: row.partner.expects if row.partner else "",
            "expects",
            "この連携で得たいことを書いてください。将来の受注を期待するときは、そのまま書いてください。",
            longest=2000,
        ),
        *(
            Column(
                f"③種類：{label}",
                8,
                kind(code),
                f"kinds:{code}",
                f"あてはまるときは {MARK} を選んでください。",
                choices=(MARK,),
            )
            for code, label in ExpectationKind.choices
        ),
        Column(
            "④提供するもの",
            28,
            lambda row: row.partner.offers if row.partner else "",
            "offers",
            "人・物・場所・お金・情報・技術のうち、提供できるものを書いてください。",
            longest=2000,
        ),
        Column(
            "⑦費用",
            10,
            lambda row: str(row.partner.get_cost_display()) if row.partner else "",
            "cost",
            "無償・実費・有償・未定から選んでください。",
            choices=tuple(str(label) for label in ExpectationCost.labels),
        ),
        Column(
            "⑦上限額（円）",
            14,
            lambda row: str(row.partner.cost_cap) if row.partner and row.partner.cost_cap is not None else "",
            "cost_cap",
            "実費・有償のときの上限を数字で書いてください。決まっていなければ空欄のままにします。",
            is_number=True,
        ),
        Column(
            "⑦費用の補足",
            24,
            lambda row: row.partner.cost_note if row.partner else "",
            "cost_note",
            "300文字まで",
            longest=300,
        ),
    ]
