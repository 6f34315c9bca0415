from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.agreement_text import AgreementText, ItemText, compare
from agreements.domain.text_diff import Op

words = st.text(max_size=12)
items = st.lists(
    st.builds(
        ItemText,
        words,
        st.lists(st.sampled_from(["01", "99"]), max_size=2, unique=True).map(tuple),
        st.one_of(st.none(), st.integers(1, 6)),
    ),
    max_size=6,
    unique_by=lambda item: item.id if item.id is not None else object(),
).map(tuple)
numbers = st.one_of(st.none(), st.integers(0, 60))
agreement_texts = st.builds(
    AgreementText,
    title=words,
    title_kana=words,
    purpose=words,
    first_expiry=st.one_of(st.none(), st.dates(date(1947, 1, 1))),
    auto_renew=st.booleans(),
    renewal_months=numbers,
    notice_months=numbers,
    notice_days=numbers,
    renewal_text=words,
    items=items,
)


@given(agreement_texts)
def test_a_stored_text_comes_back_as_it_was(text):
    assert AgreementText.from_json(text.as_json()) == text


@given(agreement_texts)
def test_a_text_does_not_differ_from_itself_but_for_items_nobody_can_pair(text):
    changed = [each for each in compare(text, text) if each.is_changed]
    assert all(each.label.startswith("連携事項") for each in changed)
    assert len(changed) <= 2 * sum(item.id is None for item in text.items)


@given(agreement_texts, agreement_texts)
def test_every_item_of_both_texts_is_in_the_comparison(old, new):
    pieces = [each.pieces for each in compare(old, new) if each.label.startswith("連携事項")]

    def sides(left_out):
        joined = ("".join(piece.text for piece in each if piece.op is not left_out) for each in pieces)
        return sorted(filter(None, joined))

    assert sides(Op.ADDED) == sorted(item.text for item in old.items if item.text)
    assert sides(Op.REMOVED) == sorted(item.text for item in new.items if item.text)


def test_items_are_paired_by_what_they_are_not_by_their_place():
    old = AgreementText(items=(ItemText("観光", id=1), ItemText("環境", id=2), ItemText("福祉", id=3)))
    new = AgreementText(items=(ItemText("福祉", id=3), ItemText("観光振興", id=1), ItemText("防災")))
    found = [(each.label, each.kind) for each in compare(old, new) if "連携事項" in each.label]
    assert found == [
        ("連携事項(1)（元は(3)）", ""),
        ("連携事項（元の(2)）", "削除"),
        ("連携事項(2)（元は(1)）", "変更"),
        ("連携事項(3)", "追加"),
    ]


def test_terms_are_compared_in_words():
    old = AgreementText(first_expiry=date(2027, 3, 31), notice_months=1)
    new = AgreementText(first_expiry=date(2030, 3, 31), auto_renew=True, renewal_months=12, notice_days=30)
    assert [each.label for each in compare(old, new) if each.is_changed] == [
        "当初の満了日",
        "更新",
        "通知期限",
    ]
