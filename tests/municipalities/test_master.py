import re
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from municipalities import master
from municipalities.choices import MunicipalityKind as Kind
from municipalities.master import MasterError, MasterRow, PostalArea

ROWS = master.read(master.MASTER_FILE)
BY_CODE = {row.code: row for row in ROWS}
HEADER = ",".join(MasterRow._fields)


def refused(rows):
    with pytest.raises(MasterError) as caught:
        master.parse(master.to_csv(rows))
    return caught.value.problems


# --- The file of facts ---


def test_master_has_every_body_of_japan():
    assert Counter(row.kind for row in ROWS) == {
        "prefecture": 47,
        "designated_city": 20,
        "city": 772,
        "special_ward": 23,
        "town": 743,
        "village": 183,
    }
    assert len(ROWS) == len(BY_CODE) == 1788
    master.check_nationwide(ROWS)


def test_master_codes_end_in_their_check_digit():
    """The rule computed here on its own (総務省「全国地方公共団体コード」), not by the module under test."""
    for code in BY_CODE:
        total = sum(int(digit) * weight for digit, weight in zip(code[:5], (6, 5, 4, 3, 2), strict=True))
        assert int(code[5]) == (11 - total if total < 11 else (11 - total % 11) % 10), code


@pytest.mark.parametrize(
    ("code", "kind", "prefecture", "county", "name", "name_kana"),
    [
        ("010006", "prefecture", "北海道", "", "北海道", "ほっかいどう"),
        ("130001", "prefecture", "東京都", "", "東京都", "とうきょうと"),
        ("220001", "prefecture", "静岡県", "", "静岡県", "しずおかけん"),
        ("260002", "prefecture", "京都府", "", "京都府", "きょうとふ"),
        ("015865", "town", "北海道", "勇払郡", "むかわ町", "むかわちょう"),
        ("013455", "town", "北海道", "茅部郡", "森町", "もりまち"),
        ("023213", "town", "青森県", "西津軽郡", "鰺ヶ沢町", "あじがさわまち"),
        ("032140", "city", "岩手県", "", "八幡平市", "はちまんたいし"),
        ("033812", "town", "岩手県", "胆沢郡", "金ケ崎町", "かねがさきちょう"),
        ("042030", "city", "宮城県", "", "塩竈市", "しおがまし"),
        ("052108", "city", "秋田県", "", "由利本荘市", "ゆりほんじょうし"),
        ("062014", "city", "山形県", "", "山形市", "やまがたし"),
        ("082082", "city", "茨城県", "", "龍ケ崎市", "りゅうがさきし"),
        ("092151", "city", "栃木県", "", "那須烏山市", "なすからすやまし"),
        ("103446", "village", "群馬県", "北群馬郡", "榛東村", "しんとうむら"),
        ("103454", "town", "群馬県", "北群馬郡", "吉岡町", "よしおかまち"),
        ("103667", "village", "群馬県", "多野郡", "上野村", "うえのむら"),
        ("122351", "city", "千葉県", "", "匝瑳市", "そうさし"),
        ("131016", "special_ward", "東京都", "", "千代田区", "ちよだく"),
        ("131229", "special_ward", "東京都", "", "葛飾区", "かつしかく"),
        ("133817", "village", "東京都", "", "三宅村", "みやけむら"),
        ("134015", "town", "東京都", "", "八丈町", "はちじょうまち"),
        ("134023", "village", "東京都", "", "青ヶ島村", "あおがしまむら"),
        ("192082", "city", "山梨県", "", "南アルプス市", "みなみあるぷすし"),
        ("205419", "town", "長野県", "上高井郡", "小布施町", "おぶせまち"),
        ("232149", "city", "愛知県", "", "蒲郡市", "がまごおりし"),
        ("242012", "city", "三重県", "", "津市", "つし"),
        ("242021", "city", "三重県", "", "四日市市", "よっかいちし"),
        ("282278", "city", "兵庫県", "", "宍粟市", "しそうし"),
        ("284815", "town", "兵庫県", "赤穂郡", "上郡町", "かみごおりちょう"),
        ("313840", "village", "鳥取県", "西伯郡", "日吉津村", "ひえづそん"),
        ("342131", "city", "広島県", "", "廿日市市", "はつかいちし"),
        ("363022", "town", "徳島県", "勝浦郡", "上勝町", "かみかつちょう"),
        ("394050", "town", "高知県", "高岡郡", "檮原町", "ゆすはらちょう"),
        ("403440", "town", "福岡県", "糟屋郡", "須恵町", "すえまち"),
        ("414239", "town", "佐賀県", "杵島郡", "大町町", "おおまちちょう"),
        ("473821", "town", "沖縄県", "八重山郡", "与那国町", "よなぐにちょう"),
    ],
)
def test_master_knows(code, kind, prefecture, county, name, name_kana):
    assert BY_CODE[code] == (code, kind, prefecture, county, name, name_kana)


def test_master_has_the_designated_cities_with_their_own_codes():
    """The 20 cities of 地方自治法第252条の19第1項の指定都市の指定に関する政令."""
    cities = {row.code: f"{row.name} {row.name_kana}" for row in ROWS if row.kind == Kind.DESIGNATED_CITY}
    assert cities == {
        "011002": "札幌市 さっぽろし",
        "041009": "仙台市 せんだいし",
        "111007": "さいたま市 さいたまし",
        "121002": "千葉市 ちばし",
        "141003": "横浜市 よこはまし",
        "141305": "川崎市 かわさきし",
        "141500": "相模原市 さがみはらし",
        "151009": "新潟市 にいがたし",
        "221007": "静岡市 しずおかし",
        "221309": "浜松市 はままつし",
        "231002": "名古屋市 なごやし",
        "261009": "京都市 きょうとし",
        "271004": "大阪市 おおさかし",
        "271403": "堺市 さかいし",
        "281000": "神戸市 こうべし",
        "331007": "岡山市 おかやまし",
        "341002": "広島市 ひろしまし",
        "401005": "北九州市 きたきゅうしゅうし",
        "401307": "福岡市 ふくおかし",
        "431001": "熊本市 くまもとし",
    }


def test_master_readings_are_hiragana_and_end_as_the_kind_does():
    endings = {
        Kind.PREFECTURE: "どう|と|ふ|けん",
        Kind.DESIGNATED_CITY: "し",
        Kind.CITY: "し",
        Kind.SPECIAL_WARD: "く",
        Kind.TOWN: "ちょう|まち",
        Kind.VILLAGE: "そん|むら",
    }
    wrong = [row for row in ROWS if not re.fullmatch(rf"[ぁ-ん]+({endings[Kind(row.kind)]})", row.name_kana)]
    assert wrong == []


def test_master_keeps_the_county_out_of_name_and_reading():
    towns = [row for row in ROWS if row.kind in {Kind.TOWN, Kind.VILLAGE}]
    without_county = [row.name for row in towns if not row.county]
    assert without_county == (
        ["大島町", "利島村", "新島村", "神津島村", "三宅村", "御蔵島村", "八丈町", "青ヶ島村", "小笠原村"]
    )
    assert [row.name for row in towns if "郡" in row.name] == ["上郡町"]
    assert [row.name for row in towns if "ぐん" in row.name_kana] == []


def test_master_tells_namesakes_apart_by_prefecture():
    assert {row.prefecture for row in ROWS if row.name == "府中市"} == {"東京都", "広島県"}
    places = [(row.prefecture, row.county, row.name) for row in ROWS]
    assert len(set(places)) == len(places)


def test_master_file_is_utf8_with_plain_line_ends_sorted_by_code():
    data = master.MASTER_FILE.read_bytes()
    lines = data.decode("utf-8").split("\n")
    assert lines[0] == HEADER  # hence no byte order mark
    assert lines[-1] == ""
    assert b"\r" not in data
    assert lines[1:-1] == sorted(lines[1:-1])


# --- The derivation ---


def area(code, prefecture, city, city_kana, prefecture_kana="ケン"):
    return PostalArea(code, prefecture, city, prefecture_kana, city_kana)


def derived(*areas):
    return [(row.code, row.county, row.name, row.name_kana) for row in master.derive(areas)]


def test_derive_makes_one_body_of_many_areas():
    sapporo = area("01202", "北海道", "函館市", "ハコダテシ", "ホッカイドウ")
    assert master.derive([sapporo, sapporo]) == [
        ("010006", "prefecture", "北海道", "", "北海道", "ほっかいどう"),
        ("012025", "city", "北海道", "", "函館市", "はこだてし"),
    ]


def test_derive_gathers_wards_into_designated_cities():
    bodies = derived(
        area("14131", "神奈川県", "川崎市川崎区", "カワサキシカワサキク"),
        area("14132", "神奈川県", "川崎市幸区", "カワサキシサイワイク"),
        area("14151", "神奈川県", "相模原市緑区", "サガミハラシミドリク"),
        area("14152", "神奈川県", "相模原市南区", "サガミハラシミナミク"),
    )
    assert bodies[1:] == [
        ("141305", "", "川崎市", "かわさきし"),
        ("141500", "", "相模原市", "さがみはらし"),
    ]


def test_derive_numbers_a_city_below_its_smallest_ward_though_the_wards_were_renumbered():
    bodies = derived(
        area("22101", "静岡県", "静岡市葵区", "シズオカシアオイク"),
        area("22103", "静岡県", "静岡市清水区", "シズオカシシミズク"),
        area("22138", "静岡県", "浜松市中央区", "ハママツシチュウオウク"),
        area("22140", "静岡県", "浜松市天竜区", "ハママツシテンリュウク"),
    )
    assert bodies[1:] == [("221007", "", "静岡市", "しずおかし"), ("221309", "", "浜松市", "はままつし")]


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        (
            area("13101", "東京都", "千代田区", "チヨダク"),
            ("131016", "", "千代田区", "ちよだく"),
        ),
        (
            area("10344", "群馬県", "北群馬郡榛東村", "キタグンマグンシントウムラ"),
            ("103446", "北群馬郡", "榛東村", "しんとうむら"),
        ),
        (
            area("28481", "兵庫県", "赤穂郡上郡町", "アコウグンカミゴオリチョウ"),
            ("284815", "赤穂郡", "上郡町", "かみごおりちょう"),
        ),
        (
            area("07203", "福島県", "郡山市", "コオリヤマシ"),
            ("072036", "", "郡山市", "こおりやまし"),
        ),
        (
            area("01408", "北海道", "余市郡余市町", "ヨイチグンヨイチチョウ"),
            ("014087", "余市郡", "余市町", "よいちちょう"),
        ),
        (
            area("13381", "東京都", "三宅島三宅村", "ミヤケジマミヤケムラ"),
            ("133817", "", "三宅村", "みやけむら"),
        ),
        (
            area("13401", "東京都", "八丈島八丈町", "ハチジョウジマハチジョウマチ"),
            ("134015", "", "八丈町", "はちじょうまち"),
        ),
        (
            area("40344", "福岡県", "糟屋郡須惠町", "カスヤグンスエマチ"),
            ("403440", "糟屋郡", "須恵町", "すえまち"),
        ),
    ],
    ids=lambda value: value.city if isinstance(value, PostalArea) else "",
)
def test_derive_reads(areas, expected):
    assert derived(areas)[1] == expected


def test_derive_refuses_a_name_of_unknown_form():
    with pytest.raises(MasterError, match="「所属未定地」は市区町村の名称ではありません"):
        master.derive([area("13999", "東京都", "所属未定地", "ショゾクミテイチ")])


def test_check_nationwide_finds_a_code_with_two_names():
    twice = [*ROWS, BY_CODE["205419"]._replace(name="大布施町")]
    with pytest.raises(MasterError, match=r"大布施町: コード 205419 は 小布施町と重複"):
        master.check_nationwide(twice)


def test_check_nationwide_counts_each_kind():
    with pytest.raises(MasterError) as caught:
        master.check_nationwide([row for row in ROWS if row.code not in {"205419", "401307"}])
    assert caught.value.problems == (
        "政令指定都市の数が 20 ではなく 19 です。",
        "町の数が 743 ではなく 742 です。",
    )


# --- Reading a file ---


@settings(max_examples=20)
@given(st.integers())
def test_a_master_comes_back_as_it_was_written_in_whatever_order(seed):
    shuffled = Random(seed).sample(ROWS, len(ROWS))
    assert master.parse(master.to_csv(shuffled)) == ROWS


@given(st.sampled_from(ROWS), st.sampled_from("0123456789"))
def test_a_wrong_check_digit_is_refused(row, digit):
    code = row.code[:5] + digit
    rows = [other._replace(code=code) if other is row else other for other in ROWS]
    if digit == row.code[5]:
        assert master.parse(master.to_csv(rows)) == ROWS
    else:
        assert [
            f"コード {code} は正しくありません（検査数字が合いません）" in text for text in refused(rows)
        ] == [True]


def changed(of, **values):
    return [row._replace(**values) if row.code == of else row for row in ROWS]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (changed("205419", code="20541"), "コード「20541」が6桁の数字ではありません"),
        (changed("205419", code="２０５４１９"), "コード「２０５４１９」が6桁の数字ではありません"),
        ([*ROWS, BY_CODE["205419"]], "コード 205419 は 920行目と重複しています"),
        (changed("205419", kind="machi"), "種類「machi」は使えません"),
        (changed("205419", kind="village"), "名称「小布施町」が種類（村）と合いません"),
        (changed("205419", kind="city", name="小布施市"), "郡「上高井郡」が正しくありません"),
        (changed("205419", name=""), "名称「」が種類（町）と合いません"),
        (
            changed("202011", kind="prefecture", name="長野県"),
            "コード 202011 が種類（都道府県）と合いません",
        ),
        (changed("205419", prefecture="山梨県"), "都道府県「山梨県」がコード 205419 と合いません"),
        (changed("205419", county="上高井"), "郡「上高井」が正しくありません"),
        (changed("202011", county="上高井郡"), "郡「上高井郡」が正しくありません"),
        (changed("205419", name_kana="オブセマチ"), "かな「オブセマチ」がひらがなではありません"),
        (changed("205419", name_kana=""), "かな「」がひらがなではありません"),
        (ROWS[:900], "都道府県の行がありません（番号 21、22、23"),
        ([], "都道府県の行がありません（番号 01、02"),
    ],
)
def test_a_wrong_row_is_refused(rows, problem):
    problems = refused(rows)
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_problem_names_its_line():
    assert ROWS[920 - 2].code == "205419"
    assert refused(changed("205419", name_kana="Obuse")) == (
        "920行目: かな「Obuse」がひらがなではありません。",
    )


def test_all_problems_are_told_at_once():
    rows = [row._replace(name_kana="?") if row.kind == Kind.SPECIAL_WARD else row for row in ROWS]
    assert len(refused(rows)) == 23


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "列がありません: code、kind、prefecture、county、name、name_kana"),
        ("code,kind,prefecture,name\n", "列がありません: county、name_kana"),
        (f"{HEADER}\n010006,prefecture,北海道,,北海道\n", "2行目: 列の数が1行目と違います"),
        (f"{HEADER}\n010006,prefecture,北海道,,北海道,ほっかいどう,\n", "2行目: 列の数が1行目と違います"),
        (f'{HEADER}\n010006,"prefecture\n', "CSV として読めません"),
    ],
)
def test_a_text_of_another_form_is_refused(text, problem):
    with pytest.raises(MasterError, match=problem):
        master.parse(text)


def test_columns_may_come_in_another_order_with_others_between():
    lines = [",".join([*reversed(MasterRow._fields), "note"])]
    lines += [",".join([*reversed(row), "x"]) for row in ROWS]
    assert master.parse("\r\n".join(lines)) == ROWS


def test_read_accepts_a_byte_order_mark(tmp_path):
    file = tmp_path / "master.csv"
    file.write_text(master.to_csv(ROWS), encoding="utf-8-sig")
    assert master.read(file) == ROWS


def test_read_refuses_other_encodings_and_missing_files(tmp_path):
    file = tmp_path / "master.csv"
    file.write_text(f"{HEADER}\n010006,prefecture,北海道", encoding="cp932")
    with pytest.raises(MasterError, match="UTF-8 ではありません"):
        master.read(file)
    with pytest.raises(MasterError, match="ファイルを開けません"):
        master.read(tmp_path / "absent.csv")
