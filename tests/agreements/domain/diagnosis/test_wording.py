"""Real and real-looking sentences: what each wording rule must find, and the traps it must not fall into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.diagnosis import Level, Settings, action_findings, item_findings
from agreements.domain.diagnosis.wording import and_so_on, catch_all, has_amount, has_timing, vague

FUKUOKA_LAWSON = [
    "アジアを見据えた観光振興に関すること",
    "市の環境政策に関すること",
    "地産地消や地域経済の活性化に関すること",
    "地域の安全・安心の確保や災害時の支援に関すること",
    "子育てや青少年育成の支援に関すること",
    "高齢者・障がい者の支援に関すること",
    "その他市政の推進や市民サービスの提供に関すること",
]
OBUSE_1 = (
    "電気・水道・通信などの各領域に知見と技術を持つ民間企業との協業により、"
    "総合計画の目標を実現可能な行動計画に落とし込むこと"
)
OBUSE_2 = (
    "電気・水道・通信などの各領域を個別に検討するのではなく、領域横断での包括連携協定とすることで、"
    "整備費用の適正配分と、施策間の相乗効果の最大化を実現すること"
)


def rules(findings):
    return [f.rule for f in findings]


def test_fukuoka_and_lawson_only_item_7_is_a_catch_all():
    assert [rules(item_findings(text)) for text in FUKUOKA_LAWSON] == [[], [], [], [], [], [], ["C01"]]
    (finding,) = item_findings(FUKUOKA_LAWSON[6])
    assert (finding.start, finding.end, finding.quote) == (0, 3, "その他")
    assert finding.level is Level.VIOLATION


@pytest.mark.parametrize("text", [OBUSE_1, OBUSE_2])
def test_the_purposes_of_obuse_raise_nothing(text):
    assert item_findings(text) == []


def test_an_action_that_ends_in_consideration():
    text = "次世代型の水道インフラの構築に向けた検討"
    (finding,) = action_findings(text)
    assert finding.rule == "C06"
    assert text[finding.start : finding.end] == finding.quote == "検討"
    assert finding.message == "『検討』で終わっています。いつ、何を決めるか追記してください。"


def test_a_phrase_has_its_own_message():
    (finding,) = action_findings("イベント情報を適宜共有し、店頭で掲示する")
    assert finding.message == "『適宜』とあります。いつ、どれだけ行うか追記してください。"


def test_on_items_vague_words_are_information_only():
    (finding,) = item_findings("市内産業の振興に努めること。")
    assert (finding.rule, finding.level, finding.quote) == ("C06", Level.INFORMATION, "努める")


# --- C01 ---


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("その他市民サービスの向上と地域の活性化に関すること。", "その他"),
        ("その他、両者が必要と認めること", "その他"),
        ("　その他目的を達成するために必要なこと", "その他"),
        ("(7) その他県政の推進や住民サービスの提供に関すること", "その他"),
        ("⑧その他甲及び乙が協議して定めること", "その他"),
        ("そのほか地域の課題解決に関すること", "そのほか"),
        ("前各号に掲げるもののほか、この協定の目的の達成に資すること", "前各号に掲げるもののほか"),
        ("甲及び乙が必要と認める事項に関すること", "必要と認める事項"),
        ("そ の 他、地域の振興に関すること", "そ の 他"),
    ],
)
def test_catch_alls(text, quote):
    words = catch_all(text)
    assert words.quote == quote
    assert text[words.start : words.end] == quote


@pytest.mark.parametrize(
    "text",
    [
        "観光その他の産業の振興に関すること",
        "災害時における物資の供給その他の支援に関すること",
        "健康づくりのほか、食育の推進に関すること",
        "必要と認める場合の協議に関すること",
        "まちづくりに関すること",
        "市のその他の計画との調整に関すること",
        "",
    ],
)
def test_no_catch_alls(text):
    assert catch_all(text) is None


# --- C06: the end of the text, and the phrases ---


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("市民の健康増進に努める。", ["努める"]),
        ("市の施策の周知に努めるものとする。", ["努める"]),
        ("地域防災力の向上に努めます", ["努めます"]),
        ("見守り活動を通じて安全なまちの実現を図る", ["図る"]),
        ("相互の情報共有を図ること。", ["図る"]),
        ("市産品の販路拡大を図っていく。", ["図っていく"]),
        ("公共施設の利活用の検討", ["検討"]),
        ("空き店舗の活用方策を検討する。", ["検討する"]),
        ("ＥＶの共同利用を検討します。", ["検討します"]),
        ("データ連携基盤の整備について検討を行う", ["検討を行う"]),
        ("スマート農業の導入に向けた検討を進める。", ["検討を進める"]),
        ("子ども食堂への支援", ["支援"]),
        ("スポーツ大会の開催を支援する", ["支援する"]),
        ("さいたま市食品ロス削減プロジェクト事業「食べつくスープ」への協力", ["協力"]),
        ("広報活動に協力する！", ["協力する"]),
        ("女性の活躍の推進", ["推進"]),
        ("脱炭素の取組を推進していく", ["推進していく"]),
        ("移住希望者の相談の支援等", ["支援"]),
        ("新しい交通手段の検討（公共交通課）", ["検討"]),
        ("高齢者の見守りに協力（配達時）。", ["協力"]),
        ("必要に応じて会議を開催する", ["必要に応じて"]),
        ("必要に応じ、職員を派遣する", ["必要に応じ、"]),
        ("店舗での啓発ポスターの掲示を随時行う", ["随時"]),
        ("災害時には可能な範囲で物資を提供する", ["可能な範囲"]),
        ("その都度協議して決める", ["その都度"]),
        ("必要に応じて実施方法を検討する", ["必要に応じて", "検討する"]),
        ("検 討", ["検 討"]),
    ],
)
def test_vague_words(text, quotes):
    found = vague(text)
    assert [w.quote for w in found] == quotes
    assert [text[w.start : w.end] for w in found] == quotes
    assert rules(action_findings(text)).count("C06") == len(quotes)


@pytest.mark.parametrize(
    "text",
    [
        "個別に検討するのではなく、横断して整備する",
        "当面は新たな施設整備を検討しない",
        "食生活改善推進員の研修会",
        "協力金の支払い",
        "スポーツ推進委員との合同パトロール",
        "子育て支援センターへの絵本の寄贈",
        "地域おこし協力隊の募集チラシの配架",
        "検討会の開催",
        "検討結果の公表",
        "支援物資の備蓄",
        "推進協議会への参加",
        "『健康づくり推進』",
        "冊子「みんなで子育て支援」",
        "高齢者の支援に関すること",
        "女性の活躍推進に関すること",
        "座長を務める",
        "地図の作成",
        "設計の意図する効果を測る",
        "随時ではなく毎月第1月曜日に開催する",
        "納期が適宜でない場合の連絡先を定める",
        "電子マネーの普及啓発",
        "総合計画の目標を実現すること",
        "地球温暖化市民協議会への参加",
        "防災訓練への職員の派遣",
        "レジ袋の無料配布を中止する",
        "努力義務の周知",
        "支援しないこと",
    ],
)
def test_words_that_only_look_vague(text):
    assert vague(text) == []
    assert "C06" not in rules(action_findings(text))


@pytest.mark.parametrize(
    "text",
    [
        "4月22日より市内162店舗での地産地消フェアの開催に協力する",
        "令和7年度に3回、健康教室の開催を支援する",
        "毎月10社を訪問し、脱炭素経営を支援",
    ],
)
def test_a_date_and_an_amount_in_the_text_make_it_definite(text):
    assert vague(text)
    assert "C06" not in rules(action_findings(text))


@pytest.mark.parametrize("text", ["令和7年度に健康教室の開催を支援する", "3回の健康教室の開催を支援する"])
def test_a_date_or_an_amount_alone_does_not(text):
    assert "C06" in rules(action_findings(text))


def test_the_word_lists_are_settings():
    settings = Settings(
        vague_endings=("目指す", "検討中"), vague_phrases=("前向きに",), catch_all_prefixes=("雑則",)
    )
    assert [w.quote for w in vague("導入を検討中", settings)] == ["検討中"]
    assert [w.quote for w in vague("前向きに支援", settings)] == ["前向きに"]
    assert catch_all("その他の事項", settings) is None
    assert catch_all("雑則に関すること", settings).quote == "雑則"
    assert vague("必要に応じて検討", Settings(vague_endings=(), vague_phrases=())) == []
    assert catch_all("その他", Settings(catch_all_prefixes=(), catch_all_phrases=())) is None


# --- 等 and など ---


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("観光等に関すること", ["等"]),
        ("健康づくりの推進等に関すること", ["等"]),
        ("SNSなどを活用した情報発信", ["など"]),
        ("防災イベント等を通じた普及啓発", ["等"]),
        ("教育・文化の振興等に関すること", ["等"]),
        ("学校等での環境教育や清掃活動などの実施", ["等", "など"]),
    ],
)
def test_open_lists_are_mentioned(text, quotes):
    assert [w.quote for w in and_so_on(text)] == quotes
    findings = item_findings(text)
    assert rules(findings) == ["info"] * len(quotes)
    assert all(f.level is Level.INFORMATION for f in findings)
    assert rules(action_findings(text)) == ["info"] * len(quotes)


@pytest.mark.parametrize(
    "text",
    [
        "平等な社会の実現に関すること",
        "初等教育の充実に関すること",
        "男女平等の啓発",
        "均等な機会の提供",
        "対等な立場での協議",
        "高等学校での出前授業",
        "中等部と同等の設備",
        "上等な木材の活用",
        "優等生の表彰",
        "特等席の提供",
        "親等の近い遺族への連絡",
        "等しい負担",
        "負担を等しく分ける",
        "等級の見直し",
        "等価の交換",
        "等身大パネルの展示",
        "等間隔での植樹",
        "等高線の入った防災地図の配布",
        "電気・水道・通信などの各領域",
        "観光・農業等の振興",
        "まちづくり・ものづくりなどの体験",
    ],
)
def test_no_open_list(text):
    assert and_so_on(text) == []


# --- Dates and amounts in the text ---


@pytest.mark.parametrize(
    ("text", "timing", "amount"),
    [
        # domain.md
        ("市内2店舗へ銀聯カード端末を導入", False, True),
        ("4月22日より市内162店舗で地産地消フェアを開催", True, True),
        ("地球温暖化市民協議会への参加", False, False),
        # dates
        ("令和７年９月に健康フェアを開催", True, False),
        ("R7.9.1から掲示", True, False),
        ("2026年度末までに計画を定める", True, False),
        ("令和八年四月一日から配布", True, False),
        ("毎月第1月曜日に相談会を開催", True, False),
        ("今年度内に協議会を設置する", True, False),
        ("10月上旬に試食会", True, False),
        ("夏休みの自由研究教室", True, False),
        # no dates
        ("2050年カーボンニュートラルの実現に向けた啓発", False, False),
        ("2030年に向けたSDGsの啓発", False, False),
        ("令和6年能登半島地震の教訓の伝承", False, False),
        ("平成30年7月豪雨の記録の展示", False, False),
        ("毎日新聞社との共同企画", False, False),
        ("3か月間の実証", False, False),
        ("創業100年の老舗の紹介", False, False),
        # amounts
        ("出前授業を年３回実施", False, True),
        ("１，２００人に配布", False, True),
        ("CO2排出量を5.5％削減", False, True),
        ("三回の講習会", False, True),
        ("500万円相当の備品を寄贈", False, True),
        ("パンフレット101部の配架", False, True),
        ("延べ2,000名の参加", False, True),
        ("4〜5校で実施", False, True),
        # no amounts
        ("第3回市民マラソンへの参加", False, False),
        ("65歳以上の方への声かけ", False, False),
        ("5Gを活用した遠隔授業", False, False),
        ("1人1台端末の活用", False, False),
        ("一人ひとりに寄り添う相談", False, False),
        ("一部区間での実証", False, False),
        ("一人暮らしの高齢者の見守り", False, False),
        ("24時間365日の見守り", False, False),
        ("6次産業化の支援", False, False),
        ("数百件の相談", False, False),
        ("国道2号の清掃", False, False),
        ("二地域居住の促進", False, False),
        ("3回目の開催に向けた準備", False, False),
    ],
)
def test_dates_and_amounts_in_the_text(text, timing, amount):
    assert has_timing(text) is timing
    assert has_amount(text) is amount


FRAGMENTS = """
    その他 検討 する しない 。 等 など ・ 随時 では なく 観光 （ ） ( ) 4月22日 162店舗
    支援 を 図る 必要に応じ 、 ﾞ ㌢
"""
fragments = st.sampled_from([*FRAGMENTS.split(), "\n", "\x00", "\u200b"])


@given(st.one_of(st.text(), st.lists(fragments).map("".join)))
def test_every_quote_stands_in_the_text(text):
    for findings in (item_findings(text), action_findings(text)):
        for finding in findings:
            assert finding.quote == text[finding.start : finding.end] != ""
            assert finding.message


@given(st.lists(fragments).map("".join))
def test_an_action_is_vague_for_its_words_or_not_at_all(text):
    definite = has_timing(text) and has_amount(text)
    assert ("C06" in rules(action_findings(text))) is (bool(vague(text)) and not definite)


@pytest.mark.parametrize(
    "piece", ["1", "一", "等", "・", "(", "()", "観光・農業", "検討", "令和", "1,", "。"]
)
def test_a_long_monotonous_text_is_read_in_reasonable_time(piece):
    """A pattern that backtracks without end would hang here."""
    text = piece * 3000
    item_findings(text)
    action_findings(text)
    has_timing(text)
    has_amount(text)
