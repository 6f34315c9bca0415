"""What a municipality may tune: weights, thresholds, periods and word lists, with the defaults of the
method."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# I01 is not here: it caps, it has no weight.
WEIGHTED_RULES = (
    *("C01", "C02", "C03", "C04", "C05", "C06", "C07"),
    *("E01", "E02", "E03", "E04", "E05", "E06"),
    *("V01", "V02", "V03", "V04", "V05", "V06"),
)

# Counters that make a number an amount (「2店舗」「1,200人」). Left out because the number is no amount of
# work there: 歳 代 年 月 日 次 期 号 世代 者 (三者協定) 地域・拠点 (二地域居住) G (5G).
_UNITS = """
    回 人 名 件 店 店舗 か所 箇所 ヶ所 ケ所 カ所 ヵ所 個所 台 校 社 団体 組織 世帯 冊 枚 部 本 個 セット 箱 袋
    食 杯 缶 トン t kg kWh kW MW kl リットル % パーセント ポイント 割 円 千円 万円 億円 点 種類 品目 品 講座
    コース 地区 区画 ha ヘクタール m2 平方メートル km 組 基 戸 棟 床 便 席 施設 会場 事業 自治体 市町村 媒体
    ページ 記事 アカウント ダウンロード アクセス 時間
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every number and word the diagnosis uses. Raises ValueError with a Japanese message for impossible
    ones.

    `weights` holds only those that differ from the rule's own weight (points of 100; 0 = shown, but costs
    nothing). A grade begins at its threshold. Periods are in months; `report_due` is (month, day) after the
    fiscal year's end. An ending that ends in る is a verb, every other a noun that may be followed by する;
    both match in their usual forms (努めます, 検討を行う). Word lists are matched after NFKC.
    """

    weights: Mapping[str, int] = field(default_factory=dict, hash=False)
    a_from: int = 80
    b_from: int = 60
    c_from: int = 40
    pending_months: int = 6
    meeting_months: int = 12
    confirmation_months: int = 12
    contact_months: int = 12
    update_months: int = 6
    response_months: int = 12
    tacit_renewals: int = 2
    report_due: tuple[int, int] = (5, 31)
    catch_all_prefixes: tuple[str, ...] = ("その他", "そのほか", "前各号に掲げるもののほか")
    catch_all_phrases: tuple[str, ...] = ("必要と認める事項",)
    vague_endings: tuple[str, ...] = ("努める", "検討", "推進", "支援", "協力", "図る")
    vague_phrases: tuple[str, ...] = (
        "必要に応じて",
        "必要に応じ、",
        "適宜",
        "随時",
        "可能な範囲",
        "その都度",
    )
    units: tuple[str, ...] = tuple(_UNITS.split())

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", dict(self.weights))
        if unknown := sorted(set(self.weights) - set(WEIGHTED_RULES)):
            raise ValueError(f"重みを変えられない規則です: {'、'.join(unknown)}")
        if not all(0 <= weight <= 100 for weight in self.weights.values()):
            raise ValueError("重みは0〜100の範囲で入力してください。")
        if not 0 < self.c_from < self.b_from < self.a_from <= 100:
            raise ValueError("評価の境目は、C、B、Aの順に大きくなるように1〜100の範囲で入力してください。")
        months = (
            self.pending_months,
            self.meeting_months,
            self.confirmation_months,
            self.contact_months,
            self.update_months,
            self.response_months,
        )
        if not all(0 <= value <= 120 for value in months):
            raise ValueError("期間は0〜120か月の範囲で入力してください。")
        if self.tacit_renewals < 1:
            raise ValueError("見直しなしの自動更新の回数は1以上で入力してください。")
        month, day = self.report_due
        if not (
            1 <= month <= 12 and 1 <= day <= (28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)
        ):
            raise ValueError("実績報告の期限は、ある日付を入力してください。")
        for words in (
            self.catch_all_prefixes,
            self.catch_all_phrases,
            self.vague_endings,
            self.vague_phrases,
        ):
            if not all(word.strip() for word in words):
                raise ValueError("空の語句は登録できません。")
