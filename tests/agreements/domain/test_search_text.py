"""The normal form, the tokens and the queries of the Japanese search."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.search_text import (
    FACET,
    Query,
    Term,
    facet,
    highlights,
    normalise,
    query_terms,
    search_tokens,
)
from agreements.domain.variants import VARIANTS


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("ＤＸ", "dx"),
        ("ローソン", "ろーそん"),
        ("ﾛｰｿﾝ", "ロ-ソン"),
        ("株式会社ﾛｰｿﾝ", "㈱ローソン"),
        ("（株）ローソン", "㍿ろーそん"),
        ("㈲山田商店", "有限会社山田商店"),
        ("（一社）観光協会", "一般社団法人観光協会"),
        ("ｶﾞｲﾄﾞﾌﾞｯｸ", "がいどぶつく"),
        ("か゛いと゛", "ガイド"),
        ("高﨑", "髙崎"),
        ("𠮷田", "吉田"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("齋藤", "斉藤"),
        ("斎藤", "齊藤"),
        ("長濵", "長浜"),
        ("中嶋", "中島"),
        ("大嶌", "大島"),
        ("葛󠄀城市", "葛城市"),
        ("辻󠄀", "辻"),
        ("神", "神"),
        ("廣島縣", "広島県"),
        ("慶應義塾", "慶応義塾"),
        ("⻄⽇本", "西日本"),
        ("キヤノン", "キャノン"),
        ("富士フイルム", "富士フィルム"),
        ("ブリヂストン", "ブリジストン"),
        ("鎌ヶ谷市", "鎌ケ谷市"),
        ("ヱビス", "エビス"),
        ("2020−09−23", "2020-09-23"),
        ("2020―09–23", "２０２０－０９－２３"),
        ("4〜5校", "4～5校"),
        ("Ａ・Ｂ", "a･b"),
        ("健康\u200b増進", "健康増進"),
        ("健康\x00増進", "健康増進"),
        ("健康\u202e増進", "健康増進"),
        ("健康　増進", " 健康 \n\t 増進\u00a0"),
        ("①", "1"),
        ("Straße", "STRASSE"),
    ],
)
def test_what_is_written_differently_is_searched_as_one(written, searched):
    assert normalise(written) == normalise(searched) != ""


def test_the_normal_form_reads_as_expected():
    written = "　㈱ローソン　と　髙﨑市\r\nのＤＸ推進（第2期）"
    assert normalise(written) == "株式会社ろーそん と 高崎市 のdx推進(第2期)"


def test_private_use_characters_become_a_visible_gap():
    assert normalise("渡\ue001一") == "渡〓一"
    assert normalise("\U000f0000") == "〓"


@pytest.mark.parametrize("text", ["", " ", "\u3000\n", "\x00\u200b", "\ud800"])
def test_nothing_visible_is_nothing(text):
    assert normalise(text) == ""
    assert search_tokens(text) == set()
    assert not query_terms(text)


def test_different_words_stay_different():
    words = [
        "観光",
        "慣行",
        "かんこう",
        "びょういん",
        "はし",
        "ばし",
        "ぱし",
        "一",
        "ー",
        "口",
        "ロ",
        "力",
        "カ",
        "ニ",
        "二",
    ]
    assert len({normalise(word) for word in words}) == len(words)


def test_the_table_of_variants_is_sound():
    assert VARIANTS[ord("髙")] == "高"
    for variant, searched in VARIANTS.items():
        assert ord(searched) not in VARIANTS
        assert unicodedata.normalize("NFKC", searched) == searched
        assert normalise(chr(variant)) == searched
    assert len(VARIANTS) > 300


def test_every_character_of_the_basic_plane_is_normalised_once_and_for_all():
    for code in range(0x10000):
        once = normalise(f"a{chr(code)}b")
        assert normalise(once) == once
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co") for c in once)


MIXED = (
    "観光防災福祉ローソンﾛｰｿﾝカがガ゛ﾞｯっッ高髙崎﨑㈱（株)ＤｘーｰА-−　 \n・、。1２①"
    "\u200b\U000e0100ゝヽヷか\u3099"
)
japanese = st.text(st.sampled_from(MIXED), max_size=12)
any_text = st.one_of(st.text(), japanese)


@given(any_text)
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once
    assert once == " ".join(once.split())
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co") for c in once)


@given(st.text(st.characters(codec=None)))
def test_no_text_breaks_anything(text):
    normalise(text)
    search_tokens(text)
    query_terms(text)


# --- Tokens ---


def test_tokens_of_a_text():
    assert search_tokens("観光振興 DX") == {"観光", "光振", "振興", "興", "dx", "x"}
    assert search_tokens("市") == {"市"}


def test_a_facet_can_never_come_from_a_text():
    assert facet("year", 2020) == "\ue000year:2020"
    assert facet("year", 2020) not in search_tokens(f"{FACET}year:2020")
    assert not any(token.startswith(FACET) for token in search_tokens(f"{FACET}{FACET} {FACET}"))


@given(any_text, st.data())
def test_every_substring_of_a_word_is_found_by_its_tokens(text, data):
    tokens = search_tokens(text)
    for word in normalise(text).split():
        start = data.draw(st.integers(0, len(word) - 1))
        end = data.draw(st.integers(start + 1, len(word)))
        piece = word[start:end]
        if len(piece) == 1:
            assert any(token.startswith(piece) for token in tokens)
        else:
            assert {piece[i : i + 2] for i in range(len(piece) - 1)} <= tokens


# --- Queries ---


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("観光", Query(include=("観光",))),
        ("観光　防災", Query(include=("観光", "防災"))),
        ("ＤＸ ローソン", Query(include=("dx", "ろーそん"))),
        ("観光 観光 カンコウ かんこう", Query(include=("観光", "かんこう"))),
        ("観光 -福岡", Query(include=("観光",), exclude=("福岡",))),
        ("観光 －福岡 −大阪", Query(include=("観光",), exclude=("福岡", "大阪"))),
        ("-福岡", Query(exclude=("福岡",))),
        ('"市政の推進" 観光', Query(include=("観光",), phrases=("市政の推進",))),
        ("「市政の 推進」『市民サービス』", Query(phrases=("市政の 推進", "市民さーびす"))),
        ("“観光 振興”", Query(phrases=("観光 振興",))),
        ("-「観光 振興」", Query(exclude=("観光 振興",))),
        ("観光「市政」防災", Query(include=("観光", "防災"), phrases=("市政",))),
        ("「市政の推進", Query(phrases=("市政の推進",))),
        ("A-1 2020-09-23", Query(include=("aー1", "2020ー09ー23"))),
        ("観光 - 防災", Query(include=("観光", "防災"))),
        ("--", Query()),
        ('"" 「」 「 」', Query()),
        ("㈱ローソン", Query(include=("株式会社ろーそん",))),
        ("ー", Query(include=("ー",))),
        ("", Query()),
    ],
)
def test_what_a_person_typed(typed, query):
    assert query_terms(typed) == query
    assert bool(query_terms(typed)) is (query != Query())


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("市", Term("市", frozenset(), "市", False)),
        ("観光", Term("観光", frozenset({"観光"}), None, False)),
        ("観光地", Term("観光地", frozenset({"観光", "光地"}), None, True)),
        ("観光 振興", Term("観光 振興", frozenset({"観光", "光", "振興"}), None, True)),
        ("a b", Term("a b", frozenset({"a"}), "b", True)),
    ],
)
def test_how_the_index_is_asked(text, term):
    assert Term.of(text) == term


TEXTS = [
    "アジアを見据えた観光振興に関すること",
    "㈱ローソンとの地域共働事業",
    "髙﨑市のＤＸ推進 市民サービスの向上",
    "市政の推進や市民サービスの提供に関すること",
    "防災",
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("観光", [0]),
        ("ＤＸ", [2]),
        ("ろーそん", [1]),
        ("高崎", [2]),
        ("市政の推進や市民サービス", [3]),
        ("市民サービス", [2, 3]),
        ("市民サービス -市政", [2]),
        ("「推進 市民」", [2]),
        ("災", [4]),
        ("市", [2, 3]),
        ("推進 市民", [2, 3]),
        ("光観", []),
        ("-市民 -観光 -ローソン", [4]),
    ],
)
def test_what_is_found(typed, found):
    query = query_terms(typed)
    assert [i for i, text in enumerate(TEXTS) if query.matches(text)] == found


def asked_by_index(query, text):
    """A search engine made of tokens and the recheck, as the database layer does it."""
    tokens, searched = search_tokens(text), normalise(text)

    def hit(term):
        return (
            term.tokens <= tokens
            and (term.prefix is None or any(token.startswith(term.prefix) for token in tokens))
            and (not term.recheck or term.text in searched)
        )

    return all(map(hit, query.required)) and not any(map(hit, query.forbidden))


words = st.text(st.sampled_from('観光防ロー高髙a -　「」"'), max_size=8)


@given(words, words)
def test_the_index_answers_exactly_as_the_definition(typed, text):
    query = query_terms(typed)
    assert asked_by_index(query, text) is query.matches(text)


@given(any_text, st.data())
def test_any_piece_of_a_text_finds_it(text, data):
    searched = normalise(text)
    if not searched:
        return
    start = data.draw(st.integers(0, len(searched) - 1))
    phrase = searched[start : data.draw(st.integers(start + 1, len(searched)))].strip()
    if phrase and not set(phrase) & set('「」『』"“”') and phrase == normalise(phrase):
        query = query_terms(f"「{phrase}」")
        assert query.matches(text)
        assert asked_by_index(query, text)


# --- Highlights ---


@pytest.mark.parametrize(
    ("source", "typed", "marked"),
    [
        ("アジアを見据えた観光振興", "観光", ["観光"]),
        ("㈱ﾛｰｿﾝの店舗", "ローソン", ["ﾛｰｿﾝ"]),
        ("（株）ローソン", "株式会社ローソン", ["（株）ローソン"]),
        ("髙﨑市と高崎商工会", "高崎", ["髙﨑", "高崎"]),
        ("市民　\nサービス", "「市民 サービス」", ["市民　\nサービス"]),
        ("観光観光地", "観光 光地", ["観光観光地"]),
        ("ｶﾞｲﾄﾞ", "ガイ", ["ｶﾞｲ"]),
        ("防災", "観光", []),
    ],
)
def test_hits_are_marked_in_the_original(source, typed, marked):
    spans = highlights(source, [term.text for term in query_terms(typed).required])
    assert [source[start:end] for start, end in spans] == marked


plain = st.text(st.sampled_from("観光防災ローソンﾛｰｿﾝカガ高髙崎﨑㈱（株)Ｄｘ-−　 \n・、。1２①"), max_size=12)


@given(plain, plain)
def test_a_word_is_marked_wherever_it_is_found(source, typed):
    for term in query_terms(typed).required:
        spans = highlights(source, [term.text])
        assert bool(spans) is (term.text in normalise(source))
        assert all(0 <= start < end <= len(source) for start, end in spans)
