import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.choices import FieldCategory
from agreements.domain.category_hints import suggested_categories


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("アジアを見据えた観光振興に関すること", "03"),
        ("市の環境政策に関すること", "12"),
        ("地産地消や地域経済の活性化に関すること", "02 04"),
        ("地域の安全・安心の確保や災害時の支援に関すること", "10 11"),
        ("子育てや青少年育成の支援に関すること", "07 08"),
        ("高齢者・障がい者の支援に関すること", "06"),
        ("スポーツ、文化、芸術の振興に関すること。", "09"),
        ("女性の活躍推進に関すること。", "15"),
        ("富士山静岡空港の利活用促進・PRに関すること", "14"),
        ("ＡＩを使った相談", "13"),
        ("MAILの活用", ""),
        ("相互の連絡に関すること", ""),
        # A catch-all item is その他 whatever it mentions.
        ("その他市政の推進や市民サービスの提供に関すること", "99"),
        ("前各号に掲げるもののほか、観光に関すること", "99"),
    ],
)
def test_words_of_published_agreements(text, codes):
    assert " ".join(suggested_categories(text)) == codes


@given(st.text())
def test_only_known_categories_each_once_in_order(text):
    codes = suggested_categories(text)
    assert set(codes) <= set(FieldCategory.values)
    assert list(codes) == sorted(set(codes))
