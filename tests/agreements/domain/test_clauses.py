"""First drafts say what the ledger knows, leave the rest blank, and invent nothing."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.choices import ClauseKind, ClauseUse
from agreements.domain.clauses import (
    ClauseText,
    LedgerFacts,
    PartyFacts,
    as_aim,
    compose,
    departures,
    is_usual,
    months,
    refill,
    values,
)
from agreements.domain.legal_references import LEDGER_NAMES, check, check_names
from agreements.domain.legal_text import depth_problems, parse
from agreements.domain.legal_typeset import compare, plain_text, typeset
from agreements.domain.usual_clauses import USUAL_CLAUSES

FUKUOKA = PartyFacts(
    "福岡市", "甲", is_own=True, is_municipality=True, address="福岡市中央区", person="市長名"
)
LAWSON = PartyFacts("株式会社ローソン", "乙", title="代表取締役社長", person="社長名")
FACTS = LedgerFacts(
    title="地域共働事業に関する包括連携協定",
    purpose="地域の活性化を図る。",
    parties=(FUKUOKA, LAWSON),
    items=("観光に関すること", "その他{}に関すること"),
    signed_on=date(2011, 4, 22),
)
SENDAI = LedgerFacts(
    title="仙台市と山形市との連携に関する協定",
    parties=(
        PartyFacts("仙台市", is_own=True, is_municipality=True),
        PartyFacts("山形市", is_municipality=True),
    ),
    signed_on=date(2016, 11, 2),
    first_expiry=date(2017, 3, 31),
    auto_renew=True,
    renewal_months=12,
    notice_months=1,
)


def draft(facts: LedgerFacts, clauses=USUAL_CLAUSES):
    return compose([each for each in clauses if is_usual(each, facts)], facts)


def read(text) -> str:
    return plain_text(typeset(text), day="")


def test_the_usual_clauses_are_right_in_themselves():
    kinds, uses = set(ClauseKind.values), set(ClauseUse.values)
    for each in USUAL_CLAUSES:
        assert each.kind in kinds
        assert each.use in uses
        assert not list(check_names(each.text)), each.heading
        assert not list(depth_problems(parse(each.text))), each.heading
    wanted = kinds - {ClauseKind.OTHER.value}
    assert {each.kind for each in USUAL_CLAUSES} == wanted


def test_the_draft_of_sendai_and_yamagata_says_what_is_known_and_no_more():
    text = draft(SENDAI)
    said = read(text)
    order = [
        "（目的）",
        "（連携事項）",
        "（協議の実施）",
        "（費用負担）",
        "（有効期間）",
        "（疑義の決定）",
        "本書2通",
    ]
    assert [said.index(each) for each in order] == sorted(said.index(each) for each in order)
    assert "仙台市と山形市（以下「両市」という。）は、次のとおり協定を締結する。" in said
    assert (
        "平成29年3月31日までとする。ただし、当該有効期間満了の日の1か月前までに、両市のいずれからも解約の意思表示が"
        "ないときは、自動的に1年間更新されるものとし、その後も同様とする。" in said
    )
    assert [(gap.place, gap.what) for gap in typeset(text).gaps if "署名" not in gap.place] == [
        ("第1条（目的）", "目的"),
        ("第2条（連携事項）", "連携事項"),
    ]
    assert check(text) == []
    assert list(departures(said, text, SENDAI)) == []


def test_items_become_numbered_lines_verbatim():
    said = read(draft(FACTS))
    assert "　(1)　観光に関すること\n　(2)　その他{}に関すること\n" in said
    assert "第1条　本協定は、地域の活性化を図ることを目的とする。" in said
    assert "福岡市（以下「甲」という。）と株式会社ローソン（以下「乙」という。）は、" in said
    assert "本書2通" in said


def test_an_item_of_several_lines_stays_one_item():
    text = draft(replace(FACTS, items=("次の事項\n(1) 観光\nア 夜間", "防災")))
    units = next(each for each in text.articles if each.kind == "items").units
    assert [unit.text for unit in units[1:]] == ["次の事項\n(1) 観光\nア 夜間", "防災"]


@pytest.mark.parametrize(
    ("parties", "called", "introduced"),
    [
        ("甲乙", "甲及び乙", "一市（以下「甲」という。）と二社（以下「乙」という。）"),
        (
            "甲乙丙",
            "甲、乙及び丙",
            "一市（以下「甲」という。）、二社（以下「乙」という。）及び三社（以下「丙」という。）",
        ),
        ("乙甲", "甲及び乙", "二社（以下「甲」という。）と一市（以下「乙」という。）"),
        (["両者", "両者"], "両者", "一市と二社（以下「両者」という。）"),
        (["", ""], "両者", "一市と二社（以下「両者」という。）"),
        (["", "", ""], "当事者", "一市、二社及び三社（以下「当事者」という。）"),
        (["甲", ""], "甲及び二社", "一市（以下「甲」という。）と二社"),
        (["甲"], "甲", "一市（以下「甲」という。）"),
    ],
)
def test_parties_are_called_by_their_labels_in_their_order(parties, called, introduced):
    names = ["一市", "二社", "三社"]
    facts = LedgerFacts(
        parties=tuple(
            PartyFacts(name, label, is_municipality=name == "一市")
            for name, label in zip(names, parties, strict=False)
        )
    )
    known = values(facts)
    assert (known["当事者"], known["当事者の表示"]) == (called, introduced)
    assert known["通数"] == str(len(parties))


def test_a_witness_signs_below_and_counts_for_no_original():
    witness = PartyFacts("福岡県", "", is_municipality=True, is_witness=True)
    text = draft(replace(FACTS, parties=(witness, LAWSON, FUKUOKA)))
    assert [(each.label, each.name) for each in text.signatories] == [
        ("甲", "福岡市"),
        ("乙", "株式会社ローソン"),
        ("立会人", "福岡県"),
    ]
    assert "本書2通" in read(text)


@pytest.mark.parametrize(
    ("purpose", "aim"),
    [
        ("地域の活性化", "地域の活性化"),
        ("地域の活性化を図る", "地域の活性化を図ること"),
        ("本協定は、地域の活性化を図ることを目的とする。", "地域の活性化を図ること"),
        ("二つの文。から成る。", ""),
        ("", ""),
    ],
)
def test_a_purpose_fits_into_its_sentence_or_stands_by_itself(purpose, aim):
    assert as_aim(purpose) == aim


def test_a_word_for_all_parties_stands_before_none_of_their_signatures():
    both = tuple(replace(party, label="両市") for party in SENDAI.parties)
    text = draft(replace(SENDAI, parties=both))
    assert [each.label for each in text.signatories] == ["", ""]


def test_a_purpose_of_several_sentences_is_the_article_verbatim():
    article = draft(replace(FACTS, purpose="市は困っている。\n共に働く。")).articles[0]
    assert [unit.text for unit in article.units] == ["市は困っている。", "共に働く。"]


def test_the_wording_agreed_upon_wins_over_the_clause():
    text = draft(replace(SENDAI, renewal_text="この協定の有効期間は、当分の間とする。"))
    assert "（有効期間）\n第5条　この協定の有効期間は、当分の間とする。" in read(text)
    assert list(departures(read(text), text, SENDAI)) == [
        "台帳の満了日（平成29年3月31日）が、本文にありません。",
        "台帳では自動更新ですが、本文に更新の定めがありません。",
    ]


def test_terms_in_words():
    assert [months(count) for count in (None, 6, 12, 18, 60)] == ["", "6か月間", "1年間", "18か月間", "5年間"]
    later = replace(SENDAI, effective_on=date(2016, 12, 1), notice_months=None, notice_days=30)
    assert values(later)["有効期間"] == "平成28年12月1日から平成29年3月31日まで"
    assert values(later)["通知期限"] == "30日前"


def test_blanks_are_filled_once_the_ledger_knows():
    text = draft(replace(SENDAI, first_expiry=None))
    assert "満了日" in [gap.what for gap in typeset(text).gaps]
    assert read(refill(text, SENDAI)) == read(draft(SENDAI))
    assert refill(draft(SENDAI), SENDAI) == draft(SENDAI)


def test_what_departs_from_the_ledger_is_said():
    text = draft(FACTS)
    now = replace(FACTS, parties=(FUKUOKA,), items=("農業に関すること",))
    found = list(departures(read(text), text, now))
    assert [each[:8] for each in found] == ["署名欄の当事者が", "台帳の連携事項(", "本文の通数は2通"]


_texts = st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cs")), max_size=30)
_parties = st.lists(
    st.builds(
        PartyFacts,
        name=_texts.filter(str.strip),
        label=st.sampled_from(["甲", "乙", "丙", "", "両市"]),
        is_own=st.booleans(),
        is_municipality=st.booleans(),
        is_witness=st.booleans(),
    ),
    max_size=5,
).map(tuple)
_facts = st.builds(
    LedgerFacts,
    title=_texts,
    purpose=_texts,
    parties=_parties,
    items=st.lists(_texts.filter(str.strip), max_size=4).map(tuple),
    first_expiry=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    auto_renew=st.booleans(),
    renewal_months=st.none() | st.integers(1, 600),
    notice_months=st.none() | st.integers(0, 24),
)


@given(_facts)
def test_any_ledger_gives_a_draft_that_prints_and_says_every_item(facts):
    text = draft(facts)
    paper = typeset(text)
    said = "".join(plain_text(paper, day="").split())
    assert all("".join(item.split()) in said for item in facts.items)
    assert {gap.what for gap in paper.gaps} <= {*LEDGER_NAMES, "住所", "名称", "氏名"} | {
        gap.what for gap in paper.gaps if gap.what.startswith("「")
    }
    assert not any(each.is_changed for each in compare(text, text))


def test_two_versions_are_compared_article_by_article_wherever_they_stand():
    old = draft(FACTS)
    purpose, items, *rest = old.articles
    changed = replace(items, text=items.text.replace("観光に", "産業に"))
    new = replace(old, articles=(changed, purpose, *rest[:-1]), closing=f"{old.closing}以上")
    kinds = {each.label: each.kind for each in compare(old, new) if each.kind}
    # The moved 目的 changes the number in those that refer to it.
    assert kinds["第1条（元は第2条）"] == "変更"
    assert "第2条（元は第1条）" not in kinds
    assert kinds["元の第6条（疑義の決定）"] == "削除"
    assert kinds["後書き"] == "変更"


def test_a_clause_may_be_a_page_of_its_own():
    text = compose([ClauseText("annex", "特記事項", "1　{甲}は\n2　{乙}は")], FACTS)
    assert [(each.label, each.heading, each.text) for each in text.annexes] == [
        ("別記", "特記事項", "1　甲は\n2　乙は")
    ]
    assert text.articles == ()


def test_a_clause_may_name_what_is_not_there():
    text = compose([ClauseText("other", "特則", "{丙}は{条:目的}による。")], FACTS)
    assert [gap.what for gap in typeset(text).gaps[:2]] == ["丙", "条:目的"]
    assert len(check(text)) == 1
