import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.kana import MAX_KEY_LENGTH, is_kana, normalise_kana, sort_key, strip_legal_form

HIRAGANA = [chr(code) for code in range(ord("ぁ"), ord("ゖ") + 1)]
readings = st.text([*HIRAGANA, "ー", "ゝ", "ゞ"], max_size=30)


# --- strip_legal_form ---


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("株式会社ローソン", "ローソン"),
        ("株式会社　ローソン", "ローソン"),
        ("自然電力株式会社", "自然電力"),
        ("㈱ローソン", "ローソン"),
        ("ローソン㈱", "ローソン"),
        ("(株)ローソン", "ローソン"),
        ("（ 株 ）ローソン", "ローソン"),
        ("ローソン（株）", "ローソン"),
        ("㍿ローソン", "ローソン"),
        ("（有）小布施堂", "小布施堂"),
        ("有限会社小布施堂", "小布施堂"),
        ("合同会社西友", "西友"),
        ("日本生命保険相互会社", "日本生命保険"),
        ("一般社団法人 全国見守り協会", "全国見守り協会"),
        ("（一社）全国見守り協会", "全国見守り協会"),
        ("公益財団法人福岡観光", "福岡観光"),
        ("特定非営利活動法人みどり", "みどり"),
        ("認定特定非営利活動法人みどり", "みどり"),
        ("ＮＰＯ法人みどり", "みどり"),
        ("NPO法人・みどり", "みどり"),
        ("医療法人社団青葉会", "青葉会"),
        ("学校法人早稲田大学", "早稲田大学"),
        ("国立大学法人信州大学", "信州大学"),
        ("太陽有限責任監査法人", "太陽"),
        ("髙﨑電機株式会社", "髙﨑電機"),  # the rest as written
        ("ローソン", "ローソン"),
        ("ローソン株式会社福岡支店", "ローソン株式会社福岡支店"),
        ("青葉病院（医）", "青葉病院（医）"),
        ("株式会社", "株式会社"),
        ("", ""),
    ],
)
def test_strip_legal_form(name: str, expected: str) -> None:
    assert strip_legal_form(name) == expected


@given(st.text(max_size=30))
def test_strip_legal_form_keeps_a_part_of_the_name(name: str) -> None:
    rest = strip_legal_form(name)
    assert rest in name
    assert bool(rest) == bool(name.strip())


# --- normalise_kana, is_kana ---


@pytest.mark.parametrize(
    "text", ["ろーそん", "ローソン", "ﾛｰｿﾝ", " ローソン　", "ロ―ソン", "ロ－ソン", "ﾛ-ｿﾝ"]
)
def test_normalise_kana_folds_every_spelling(text: str) -> None:
    assert normalise_kana(text) == "ろーそん"
    assert is_kana(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ｶﾞｷﾞﾊﾟ", "がぎぱ"),
        ("か\u3099", "が"),  # a combining mark, as file names of a Mac have it
        ("ヴァーヵヶ", "ゔぁーゕゖ"),
        ("ヽヾ", "ゝゞ"),
        ("とうきょう　 がす", "とうきょう がす"),
        ("ＡＢＣ", "ABC"),
        ("", ""),
    ],
)
def test_normalise_kana(text: str, expected: str) -> None:
    assert normalise_kana(text) == expected


@given(st.text(max_size=30))
def test_normalise_kana_is_idempotent(text: str) -> None:
    once = normalise_kana(text)
    assert normalise_kana(once) == once


@pytest.mark.parametrize(
    "text", ["", " ", "ー", "・", "ゝ", "ABC", "株式会社", "ろーそん2", "ろ<b>", "ろ\x00そ", "ろーそん。"]
)
def test_is_kana_refuses_what_is_no_reading(text: str) -> None:
    assert not is_kana(text)


@pytest.mark.parametrize("text", ["ざ・びっぐ", "とうきょう がす", "サヽキ", "あ"])
def test_is_kana_takes_readings(text: str) -> None:
    assert is_kana(text)


# --- sort_key ---


def in_order(texts: list[str]) -> list[str]:
    return sorted(texts, key=sort_key)


@pytest.mark.parametrize(
    "texts",
    [
        # 五十音, digits and Latin letters in front, all other scripts behind
        [
            "7いれぶん",
            "Aこーぷ",
            "KDDI",
            "あさひ",
            "いおん",
            "うえるしあ",
            "わたみ",
            "ゐ",
            "ゑ",
            "を",
            "ん",
            "漢字",
        ],
        # the first level before all others: かき < がき < かきく
        ["かき", "がき", "かきく", "がきく", "かく"],
        # 清音 < 濁音 < 半濁音
        ["はは", "はば", "はぱ", "ばは", "ぱは"],
        # ー is the vowel in front of it, and goes before the written-out vowel
        ["けあ", "けーき", "けえき", "けおき", "こーひー", "こおひい"],
        ["サッカ", "サッカー", "さつかあ", "サッカイ"],
        # small before plain
        ["びょういん", "びよういん"],
        ["かって", "かつて"],
        ["しゃーれ", "しゃい", "しやい", "しゃれ"],
        # iteration marks: the kana in front of them
        ["ささえ", "さゝき", "ささき", "さゞき", "さざき", "ささく"],
        # of JIS X 4061, annex
        [
            "てーた",
            "テェタ",
            "てえた",
            "でーた",
            "デェタ",
            "でえた",
            "てーたー",
            "テータァ",
            "でーたー",
            "でえたあ",
        ],
        [
            "ふーり",
            "ふぅり",
            "ふうり",
            "ぶーり",
            "ぶぅり",
            "ぷうり",
            "ふーりー",
            "ふうりぃ",
            "ふうりい",
            "ぷうりい",
        ],
        ["ちよこ", "ちょこれーと", "ちよざくら"],
    ],
)
def test_sort_key_puts_readings_into_order(texts: list[str]) -> None:
    shuffled = random.Random(0).sample(texts, len(texts))
    assert in_order(shuffled) == texts
    assert all(a < b for a, b in pairwise(map(sort_key, texts)))


@pytest.mark.parametrize(
    "spelling",
    [
        "ローソン",
        "ﾛｰｿﾝ",
        "ろ ー そ ん",
        "ろー・そん",
        "かぶしきがいしゃろーそん",
        "カブシキガイシャ　ローソン",
        "ろーそんかぶしきがいしゃ",
        "株式会社ローソン",
        "㈱ローソン",
        "ゆうげんがいしゃ ろーそん",
        "いっぱんしゃだんほうじんろーそん",
        "とくていひえいりかつどうほうじん ろーそん",
    ],
)
def test_sort_key_ignores_width_script_spaces_and_legal_forms(spelling: str) -> None:
    assert sort_key(spelling) == sort_key("ろーそん")


def test_a_legal_form_alone_or_inside_counts() -> None:
    assert sort_key("かぶしきがいしゃ") > sort_key("か")
    assert sort_key("あかぶしきがいしゃい") != sort_key("あい")


# An independent, slow statement of the order: three levels of a JIS comparison, one tuple each.
PLAIN = dict(zip("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ", strict=True))
UNVOICED = dict(
    zip(
        "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽゔ",
        "かきくけこさしすせそたちつてとはひふへほはひふへほう",
        strict=True,
    )
)
ROWS = [
    "あいうえお",
    "かきくけこ",
    "さしすせそ",
    "たちつてと",
    "なにぬねの",
    "はひふへほ",
    "まみむめも",
    "や ゆ よ",
    "らりるれろ",
    "わゐ ゑを",
]
ORDER = "".join(ROWS).replace(" ", "") + "ん"


def levels(reading: str) -> tuple[list[int], list[int], list[int]]:
    first: list[int] = []
    second: list[int] = []
    third: list[int] = []
    for character in reading:
        voicing, kind = 0, 3
        if character == "ー":
            if not first:
                continue
            before = ORDER[first[-1]]
            base = (
                "ん"
                if before == "ん"
                else next("あいうえお"[row.index(before)] for row in ROWS if before in row)
            )
            kind = 0
        elif character in "ゝゞ":
            if not first:
                continue
            base, voicing, kind = ORDER[first[-1]], int(character == "ゞ"), 2
        else:
            base, kind = (PLAIN[character], 1) if character in PLAIN else (character, 3)
            if base in UNVOICED:
                voicing = 2 if base in "ぱぴぷぺぽ" else 1
                base = UNVOICED[base]
        first.append(ORDER.index(base))
        second.append(voicing)
        third.append(kind)
    return first, second, third


@given(readings, readings)
def test_sort_key_compares_as_three_levels_do(a: str, b: str) -> None:
    assert (sort_key(a) < sort_key(b)) == (levels(a) < levels(b))


@given(st.text("かがはばぱっつやゃあぁー", max_size=4), st.text("かがはばぱっつやゃあぁー", max_size=4))
def test_sort_key_compares_near_misses_as_three_levels_do(a: str, b: str) -> None:
    assert (sort_key(a) < sort_key(b)) == (levels(a) < levels(b))


@given(st.text(max_size=1000))
def test_sort_key_fits_its_column_and_sorts_alike_in_every_collation(text: str) -> None:
    key = sort_key(text)
    assert len(key) <= MAX_KEY_LENGTH
    assert key.isascii()
    assert key.isdecimal()


@given(st.text(HIRAGANA, min_size=150, max_size=400), st.text(HIRAGANA, min_size=150, max_size=400))
def test_cutting_a_long_key_never_turns_the_order(a: str, b: str) -> None:
    if levels(a) < levels(b):
        assert sort_key(a) <= sort_key(b)
