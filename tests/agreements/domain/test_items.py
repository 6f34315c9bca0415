import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agreements
from agreements.domain.items import split_numbered

FACTS = json.loads((Path(agreements.__file__).parent / "data" / "real_agreements.json").read_text("utf-8"))
REAL = {fact["title"]: fact["items"] for fact in FACTS["agreements"] if fact["items"]}
LAWSON = REAL["地域共働事業に関する包括連携協定"]
OBUSE = REAL["次世代型インフラの実現に向けた包括連携協定"]

KANJI = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
AIUEO = "アイウエオカキクケコサシ"
IROHA = "イロハニホヘトチリヌルヲ"

Notation = Callable[[int], str]
INLINE: dict[str, Notation] = {
    "(1)": lambda n: f"({n})",
    "（１）": lambda n: "（" + str(n).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"}) + "）",
    "(1) ": lambda n: f"({n}) ",
    "(1)　": lambda n: f"({n})　",
    "( 1 )": lambda n: f"( {n} )",
    "⑴": lambda n: chr(ord("⑴") + n - 1),
    "①": lambda n: chr(ord("①") + n - 1),
    "❶": lambda n: "❶❷❸❹❺❻❼❽❾❿⓫⓬"[n - 1],
    "[1]": lambda n: f"[{n}]",
    "【１】": lambda n: f"【{n}】",
    "(一)": lambda n: f"({KANJI[n - 1]})",
    "㈠": lambda n: f"{chr(ord('㈠') + n - 1)}" if n <= 10 else f"（{KANJI[n - 1]}）",
    "(ア)": lambda n: f"({AIUEO[n - 1]})",
    "（イ）": lambda n: f"（{IROHA[n - 1]}）",
}
SPACED: dict[str, Notation] = {
    "1.": lambda n: f"{n}.",
    "1. ": lambda n: f"{n}. ",
    "1 . ": lambda n: f"{n} . ",
    "１．": lambda n: f"{n}．",
    "⒈": lambda n: chr(ord("⒈") + n - 1),
    "1、": lambda n: f"{n}、",
    "1)": lambda n: f"{n})",
    "１）": lambda n: f"{n}）",
    "01.": lambda n: f"{n:02}.",
    "一、": lambda n: f"{KANJI[n - 1]}、",
    "一．": lambda n: f"{KANJI[n - 1]}．",
    "ア、": lambda n: f"{AIUEO[n - 1]}、",
    "ア．": lambda n: f"{AIUEO[n - 1]}．",
    "ｱ)": lambda n: f"{unicodedata.normalize('NFKC', AIUEO[n - 1])})",
    "イ、": lambda n: f"{IROHA[n - 1]}、",
}
AT_LINES: dict[str, Notation] = {
    "1 ": lambda n: f"{n} ",
    "１　": lambda n: f"{n}　",
    "1\t": lambda n: f"{n}\t",
    "一　": lambda n: f"{KANJI[n - 1]}　",
    "一　(repeated)": lambda n: "一　",
    "一、(repeated)": lambda n: "一、",
    "ア　": lambda n: f"{AIUEO[n - 1]}　",
    "イ　": lambda n: f"{IROHA[n - 1]}　",
    **{bullet: (lambda n, bullet=bullet: bullet) for bullet in "・･•●○◎◆◇■□★▪➢✓-－–—*＊\uf0b7"},
    **{f"{bullet} ": (lambda n, bullet=bullet: f"{bullet} ") for bullet in "・●-*"},
    "　・　": lambda n: "　・　",
}
NUMBERINGS = INLINE | SPACED | AT_LINES


def render(items: list[str], notation: Notation, joint: str) -> str:
    return joint.join(notation(number) + item for number, item in enumerate(items, start=1))


# --- The real agreements, verbatim ---


@pytest.mark.parametrize("title", REAL)
@pytest.mark.parametrize("notation", NUMBERINGS)
def test_real_items_come_back_verbatim_line_by_line(title: str, notation: str) -> None:
    for joint in ("\n", "\r\n", "\r", "\n\n", "\n　", " \n\t", "\v"):
        assert split_numbered(render(REAL[title], NUMBERINGS[notation], joint)) == REAL[title]


@pytest.mark.parametrize("title", REAL)
@pytest.mark.parametrize("notation", INLINE)
def test_real_items_come_back_verbatim_from_one_line(title: str, notation: str) -> None:
    for joint in ("", " ", "　", "、", "／", "； "):
        assert split_numbered(render(REAL[title], NUMBERINGS[notation], joint)) == REAL[title]


@pytest.mark.parametrize("title", REAL)
@pytest.mark.parametrize("notation", SPACED)
def test_real_items_come_back_verbatim_from_one_line_with_spaces(title: str, notation: str) -> None:
    for joint in (" ", "　"):
        assert split_numbered(render(REAL[title], NUMBERINGS[notation], joint)) == REAL[title]


@pytest.mark.parametrize("title", REAL)
def test_real_items_without_numbers_are_one_per_line(title: str) -> None:
    assert split_numbered("\n".join(REAL[title])) == REAL[title]
    assert [split_numbered(item) for item in REAL[title]] == [[item] for item in REAL[title]]


def wrap(text: str, width: int) -> str:
    """Lines of `width` characters; as typesetters do it, not before a mark (行頭禁則) or inside a word."""
    lines = [""]
    for character in text:
        if len(lines[-1]) >= width and character not in "・、。ー" and not character.isascii():
            lines.append("")
        lines[-1] += character
    return "\n".join(lines)


@pytest.mark.parametrize("title", REAL)
@pytest.mark.parametrize("notation", ["(1)", "①", "1. ", "1 ", "・", "●", "ア　", "一、"])
@pytest.mark.parametrize("width", [12, 17, 25, 40])
def test_real_items_come_back_verbatim_from_wrapped_lines(title: str, notation: str, width: int) -> None:
    text = "\n".join(
        wrap(line, width) for line in render(REAL[title], NUMBERINGS[notation], "\n").split("\n")
    )
    assert split_numbered(text) == REAL[title]


def test_the_items_come_out_of_a_whole_article() -> None:
    article = (
        "（連携事項）\n第2条　甲及び乙は、前条の目的を達成するため、次に掲げる事項について\n"
        "連携し、協力するものとする。\n" + render(LAWSON, NUMBERINGS["(1) "], "\n　")
    )
    assert split_numbered(article) == LAWSON
    assert split_numbered("次の事項について連携する。" + render(OBUSE, NUMBERINGS["①"], "")) == OBUSE
    assert split_numbered("■連携事項\n" + render(LAWSON, NUMBERINGS["・"], "\n")) == LAWSON
    assert split_numbered("【主な連携事項】\n" + render(LAWSON, NUMBERINGS["(1)"], "\n")) == LAWSON
    assert split_numbered("連携事項：\n" + render(LAWSON, NUMBERINGS["1."], "\n")) == LAWSON


# --- What must not be split ---


@pytest.mark.parametrize(
    "text",
    [
        "観光の振興に関すること",
        "前号(1)に掲げるもののほか必要な事項",
        "(1)の取組については、毎年度協議する。",
        "(1)及び(2)に掲げるもの",
        "①の取組と②の取組を併せて行うこと",
        "本協定は(1)観光、(2)環境について連携する。",
        "1.5km以内の見守り",
        "1、2年生の学習支援",
        "1,000人の参加",
        "1人1台端末の活用",
        "5 Gの活用",
        "第1条",
        "第1条(1)の規定による支援",
        "令和2.9.23の締結",
        "2.9.23",
        "10. 防災",
        "(7)その他市政の推進",
        "A・B・C",
        "安全・安心",
        "○○市との連携",
        "・・・",
        "--",
        "**重要**",
        "-5度の環境",
        "〇歳児保育",
        "一、二年生の支援",
        "一人暮らし高齢者の見守り",
        "イベントの共催",
        "ア・ラ・カルト",
        "（仮称）観光センターの整備",
        "【重要】観光の振興",
    ],
)
def test_plain_text_stays_one_item(text: str) -> None:
    assert split_numbered(text) == [text]


@pytest.mark.parametrize(
    "lines",
    [
        ["地域の安全・安心", "観光・環境"],
        ["第1条の取組", "第2条の取組"],
        ["○○市との連携", "○○県との連携"],
        ["令和2.9.23の締結", "令和3.9.23の見直し"],
        ["1.5km以内の見守り", "2.5km以内の配達"],
        ["1人1台端末", "2人乗り自転車"],
        ["10 kmの散歩道", "20 kmの自転車道"],
        ["観光（海外を含む）", "環境"],
        ["観光", "前号(1)に掲げる事項", "(1)の取組"],
        ["〇歳児保育", "〇歳児健診"],
    ],
)
def test_lines_without_numbers_are_items_of_their_own(lines: list[str]) -> None:
    assert split_numbered("\n".join(lines)) == lines


def test_references_inside_items_stay() -> None:
    items = [
        "観光に関すること",
        "前号(1)に掲げるものに係る支援",
        "(1)及び(2)の情報発信、次号(4)の準備",
        "第3条(5)に定める支援",
        "前各号に掲げるもののほか、(1)から(4)までに関連すること",
    ]
    for notation in ("(1)", "（１）", "⑴", "(1) "):
        assert split_numbered(render(items, NUMBERINGS[notation], "\n")) == items


def test_references_to_the_next_number_inside_one_line_stay() -> None:
    assert split_numbered("(1)観光及び次号(2)に掲げるものの発信 (2)環境") == [
        "観光及び次号(2)に掲げるものの発信",
        "環境",
    ]
    assert split_numbered("①観光②環境及び③の準備") == ["観光", "環境及び③の準備"]


# --- Structure ---


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        (" 　\n\t\r\n", []),
        ("(1)", []),
        ("(1)観光\n(2)", ["観光"]),
        ("(1)観光に関すること", ["観光に関すること"]),
        ("・観光", ["観光"]),
        ("(3)産業\n(4)福祉", ["産業", "福祉"]),
        ("(1)観光\n(2)環境\n(4)防災", ["観光", "環境", "防災"]),
        ("(1)観光\n(1)環境\n(2)防災", ["観光", "環境", "防災"]),
        ("(1)観光 (2)環境\n(3)防災 (4)福祉", ["観光", "環境", "防災", "福祉"]),
        ("(1)観光(2)がん検診(3)にぎわい(4)ものづくり", ["観光", "がん検診", "にぎわい", "ものづくり"]),
        ("(1)\n観光\n(2)\n環境", ["観光", "環境"]),
        ("(1)（仮称）観光館\n(2)「道の駅」", ["（仮称）観光館", "「道の駅」"]),
        ("１．観光\n2. 環境\n⒊防災", ["観光", "環境", "防災"]),
        ("\ufeff(1)観光\u2028(2)環境\u200b", ["観光", "環境"]),
        ("観光に関すること\n(1)環境\n(2)福祉", ["観光に関すること", "環境", "福祉"]),
        ("次の世代の育成\n(1)環境\n(2)福祉", ["次の世代の育成", "環境", "福祉"]),
        # sub-lists keep their lines
        ("(1)観光\n ・受入\n ・発信\n(2)環境", ["観光\n・受入\n・発信", "環境"]),
        ("(1)観光\n　ア　受入\n　イ　発信\n(2)環境", ["観光\nア　受入\nイ　発信", "環境"]),
        ("(1)①受入\n②発信\n(2)環境", ["①受入\n②発信", "環境"]),
        ("1. 観光\n(1)受入\n(2)発信\n2. 環境\n(1)啓発", ["観光\n(1)受入\n(2)発信", "環境\n(1)啓発"]),
        ("●観光\n・受入\n●環境", ["観光\n・受入", "環境"]),
        ("(1)観光\n※令和3年度から\n(2)環境", ["観光\n※令和3年度から", "環境"]),
        # what follows a sentence or an empty line keeps its line
        ("(1)観光に関すること。\nただし、海外を除く。", ["観光に関すること。\nただし、海外を除く。"]),
        ("(1)観光\n\n補足\n(2)環境", ["観光\n補足", "環境"]),
        # wrapped lines
        ("(1)観光に関す\nること\n(2)環境", ["観光に関すること", "環境"]),
        ("(1)Smart\nCityの推進", ["Smart Cityの推進"]),
        ("(1)Society\n5.0の推進", ["Society 5.0の推進"]),
        ("(1)観光と\nDX", ["観光とDX"]),
        ("(1)10\n00人", ["1000人"]),
    ],
)
def test_split_numbered(text: str, items: list[str]) -> None:
    assert split_numbered(text) == items


# --- Properties ---

words = st.text(
    "観光環境地域安全支援強化推進協力市民防災健康スポーツ・、（）5GDX", min_size=1, max_size=25
).filter(lambda text: text[0] not in "・、（）5" and text[-1] not in "・、（")
item_lists = st.lists(words, min_size=2, max_size=12)


@given(item_lists, st.sampled_from(sorted(NUMBERINGS)))
def test_any_list_comes_back_verbatim(items: list[str], notation: str) -> None:
    assert split_numbered(render(items, NUMBERINGS[notation], "\n")) == items


@given(item_lists, st.sampled_from(sorted(INLINE)), st.sampled_from(["", " ", "　"]))
def test_any_list_in_one_line_comes_back_verbatim(items: list[str], notation: str, joint: str) -> None:
    assert split_numbered(render(items, NUMBERINGS[notation], joint)) == items


@given(st.lists(words, max_size=12))
def test_lines_come_back_verbatim(items: list[str]) -> None:
    assert split_numbered("\n".join(items)) == items


MIXED = "(1)（２）①②⑴1.2、一二、アイ・●-* \n\n観光環境。次号に掲げるの:"


@given(st.text(max_size=200) | st.text(MIXED, max_size=60))
def test_items_are_pieces_of_the_text_in_their_order(text: str) -> None:
    position = 0
    for item in split_numbered(text):
        assert item.strip()
        for character in item:
            # An added space or line break stands where the text had white space.
            position = position if character in " \n" else text.index(character, position) + 1


def test_long_texts_are_split_in_reasonable_steps() -> None:
    """Work that grew with the square of the length would be seen: it would take minutes."""
    assert len(split_numbered("1 観光\n" * 40_000)) == 40_000
    assert len(split_numbered("(1)観光。" * 40_000)) == 1
    assert len(split_numbered("(1)観光\n" * 40_000)) == 40_000
