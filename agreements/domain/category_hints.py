"""分野 that the words of a 連携事項 suggest. A hint for a person to check, never a classification.

Pure: standard library only.
"""

import re
import unicodedata

OTHER = "99"

# Code of the 分野 -> words that announce it.
_WORDS: dict[str, str] = {
    "01": "地域活性化|地域の活性化|地域振興|地方創生|まちづくり|街づくり|移住|定住|関係人口|コミュニティ",
    "02": "産業|雇用|就労|就業|経済|創業|起業|商店街|商工|中小企業|企業誘致|働き方",
    "03": "観光|インバウンド|シティ(?:プロモーション|セールス)|誘客|国際|多文化|魅力の?(?:発信|向上)|物産",
    "04": "農林|農業|農産|林業|水産|漁業|畜産|地産地消|特産|6次産業|六次産業",
    "05": "健康|医療|食育|介護予防|疾病|感染症|がん検診|熱中症|フレイル|献血|スポーツ医",
    "06": "高齢|障がい|障害|福祉|見守|認知症|介護(?!予防)|生活困窮",
    "07": "子育て|子ども|こども|児童|保育|若者|結婚|出産|母子",
    "08": "教育|学習|青少年|学校|人材(?:の)?育成|図書館",
    "09": "文化|芸術|スポーツ(?!医)|歴史|文化財|生涯スポーツ",
    "10": "防災|災害|減災|避難|消防|危機管理|備蓄",
    "11": "防犯|交通安全|消費生活|消費者|犯罪|特殊詐欺|安全・安心|安心・安全",
    "12": "環境|脱炭素|カーボン|温暖化|省エネ|再生可能|リサイクル|資源循環|ごみ|廃棄物|食品ロス|SDGs|緑化",
    "13": "デジタル|DX|ICT|IoT|(?<![A-Za-z])AI(?![A-Za-z])|情報(?:の?発信|化)|オープンデータ|スマートシティ",
    "14": "インフラ|公共施設|道路|上下水道|水道|公共交通|空港|港湾|鉄道|都市基盤",
    "15": "人権|共生|男女共同参画|女性|ジェンダー|ダイバーシティ",
}
_PATTERNS = {code: re.compile(words) for code, words in _WORDS.items()}
_CATCH_ALL = re.compile(r"^(?:その他|そのほか|前各号に掲げるもののほか)")


def suggested_categories(text: str) -> tuple[str, ...]:
    """Codes of the 分野 whose words occur in the text, in order; of 「その他…」 only その他."""
    text = unicodedata.normalize("NFKC", text)
    if _CATCH_ALL.match(text):
        return (OTHER,)
    return tuple(code for code, pattern in _PATTERNS.items() if pattern.search(text))
