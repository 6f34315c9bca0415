"""協定書 on paper: text order, watermark, tags, signatories whole, every real agreement."""

import io
import json
import re
import subprocess
from datetime import date

import pypdf
import pytest

from agreements.actions.agreement_texts import compose_text
from agreements.actions.clauses import add_usual_clauses
from agreements.choices import AgreementState, ApprovalDecision
from agreements.domain.clauses import is_usual
from agreements.domain.legal_text import Annex, Article, LegalText, Signatory
from agreements.models import Clause, TextVersion
from agreements.models.ledger_facts import read_facts
from agreements.printing.agreement_text import plain_agreement_text, print_agreement_text
from tests.agreements.printing.test_sheet import FACTS, real_agreement
from tests.factories import AgreementFactory, ApprovalFactory, StaffMemberFactory, TextVersionFactory

TODAY = date(2026, 10, 1)
pytestmark = pytest.mark.django_db


def first_draft(agreement) -> TextVersion:
    """Composed of the clause library, as for an agreement taken over from paper."""
    agreement.backfilled = True
    agreement.save()
    add_usual_clauses(municipality=agreement.municipality)
    facts = read_facts(agreement)
    library = [each for each in Clause.objects.all() if is_usual(each.as_text, facts)]
    return compose_text(agreement=agreement, clauses=library, by=None, base=0)


def printed(version: TextVersion) -> bytes:
    user = StaffMemberFactory(manager=True, municipality=version.agreement.municipality, name="髙﨑 𠮷子")
    return print_agreement_text(version, user=user, today=TODAY)


def pages_of(pdf: bytes, tmp_path) -> list[str]:
    """The text of each page in the order of the paper, without spaces and breaks of lines."""
    file = tmp_path / "pages.pdf"
    file.write_bytes(pdf)
    raw = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, check=True).stdout.decode()
    return [compact(page) for page in raw.split("\f")[:-1]]


def compact(text: str) -> str:
    return "".join(text.split())


def assert_in_order(text: str, *parts: str) -> None:
    at = 0
    for part in map(compact, parts):
        found = text.find(part, at)
        assert found >= 0, f"{part} is not behind {text[max(at - 20, 0) : at]} in {text}"
        at = found + len(part)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["title"] or "untitled")
def test_every_real_agreement_prints_as_an_agreement_text(fact, text_of):
    agreement = real_agreement(fact)
    version = first_draft(agreement)
    text = compact(text_of(printed(version)))
    signing = [
        each["name"] for each in [*fact["municipalities"], *fact["companies"]] if each["role"] == "締結者"
    ]
    assert_in_order(
        text, "第1条", "第2条", *(fact["items"] or ()), "第6条", f"本書{len(signing)}通", *signing
    )
    assert text.count("印") == len(signing) + 1  # and 記名押印
    assert "シグマクシス" not in text  # took part without signing
    if fact["title"]:
        assert compact(fact["title"]) in text
    assert "案第" not in text  # signed long ago
    assert "原本ではありません" in text


def test_sendai_and_yamagata_have_every_part_of_an_agreement(text_of, tmp_path):
    fact = next(fact for fact in FACTS if (fact["title"] or "").startswith("仙台市と山形市"))
    pdf = printed(first_draft(real_agreement(fact)))
    assert_in_order(
        compact(text_of(pdf)),
        "仙台市と山形市との連携に関する協定書",
        "仙台市と山形市（以下「両市」という。）は、次のとおり協定を締結する。",
        "（目的）第1条",
        "（連携事項）第2条",
        "(1)",
        "（協議の実施）第3条",
        "2　第2条に掲げる事項の具体的な内容",
        "（費用負担）第4条",
        "（有効期間）第5条",
        "平成29年3月31日までとする。ただし、当該有効期間満了の日の1か月前までに、"
        "両市のいずれからも解約の意思表示がないときは、自動的に1年間更新されるものとし、その後も同様とする。",
        "（疑義の決定）第6条",
        "本協定の締結を証するため、本書2通を作成し、それぞれ記名押印の上、各自その1通を保有する。",
        "平成28年11月2日",
        "住所",
        "仙台市",
        "印",
        "住所",
        "山形市",
        "印",
    )
    assert len(pages_of(pdf, tmp_path)) == 1


def test_a_draft_is_marked_on_every_page_and_the_decided_text_is_not(tmp_path):
    agreement = AgreementFactory(whole=True, draft=True, state=AgreementState.NEGOTIATING)
    text = LegalText(
        "協定書", "前文", (Article("長い条", "あ" * 3000),), "後書き", (Signatory("甲", "", "福岡市"),)
    )
    version = TextVersionFactory(agreement=agreement, number=3, body=text.as_json())
    draft = pages_of(printed(version), tmp_path)
    assert len(draft) > 1
    assert all("案第3版" in page for page in draft)
    assert "令和年月日" in draft[-1]
    assert plain_agreement_text(version).startswith("【案 第3版】\n\n協定書\n")

    agreement.state = AgreementState.APPROVING
    agreement.save()
    version = TextVersion.objects.select_related("agreement__municipality").get()
    assert "案第3版" in pages_of(printed(version), tmp_path)[0]
    ApprovalFactory(
        agreement=agreement,
        decision=ApprovalDecision.APPROVED,
        decided_on=TODAY,
        fiscal_year=2026,
        document_number="企第1号",
        decider_title="市長",
        decider_name="見本",
    )
    decided = pages_of(printed(version), tmp_path)
    assert not any("案第" in page or "印刷" in page for page in decided)
    assert "令和年月日" in decided[-1]  # nobody has signed yet
    agreement.state, agreement.signed_on = AgreementState.ACTIVE, TODAY
    agreement.save()
    version = TextVersion.objects.select_related("agreement__municipality").get()
    assert "令和8年10月1日" in pages_of(printed(version), tmp_path)[-1]
    older = TextVersionFactory(agreement=agreement, number=1, body=text.as_json())
    assert "案第1版" in pages_of(printed(older), tmp_path)[0]  # never decided about
    assert "令和年月日" in pages_of(printed(older), tmp_path)[-1]


def test_no_signatory_is_split_however_many_sign(tmp_path):
    signatories = tuple(
        Signatory(f"第{n}者", f"住所{n}の" + "長い" * 40, f"名称{n}の会社", f"職{n}", f"氏名{n}　")
        for n in range(1, 31)
    )
    text = LegalText("協定書", "前文", (Article("目的", "短い"),), "本書30通を作成する。", signatories)
    pages = pages_of(printed(TextVersionFactory(body=text.as_json())), tmp_path)
    assert len(pages) > 3
    for number in range(1, 31):
        (page,) = [page for page in pages if f"住所{number}の" in page]
        assert re.search(rf"第{number}者住所{number}の.*?名称{number}の会社職{number}氏名{number}印", page)
    everything = "".join(pages)
    assert_in_order(everything, *(f"第{number}者" for number in range(1, 31)))


def test_the_words_above_the_signatures_stay_with_them(tmp_path):
    signatories = (Signatory("甲", "", "福岡市"), Signatory("乙", "", "株式会社見本"))
    for lines in range(24, 34):  # wherever the page ends
        articles = (Article("目的", "\n".join(["行"] * lines)),)
        text = LegalText("協定書", "前文", articles, "本書2通を作成する。", signatories)
        pages = pages_of(printed(TextVersionFactory(body=text.as_json())), tmp_path)
        last = pages[-1]
        assert_in_order(last, "本書2通", "令和", "福岡市", "印", "株式会社見本", "印")


def test_title_articles_and_signatures_stand_where_a_clerk_puts_them(tmp_path):
    text = LegalText(
        "健康づくりに関する協定書",
        "前文",
        (Article("目的", "あ" * 100 + "\n(1) " + "い" * 100),),
        "後書き",
        (Signatory("甲", "福岡市中央区", "福岡市", "市長", "髙﨑"),),
    )
    file = tmp_path / "places.pdf"
    file.write_bytes(printed(TextVersionFactory(body=text.as_json())))
    html = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True).stdout.decode()
    found = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', html)
    boxes = [(*map(float, each[:4]), each[4]) for each in found]

    def box(words: str):
        return next(each for each in boxes if words in each[4])

    middle = 595 / 2  # of A4, in points
    title, heading, first = box("健康づくり"), box("（目的）"), box("第1条")
    assert abs((title[0] + title[2]) / 2 - middle) < 1
    assert abs((title[2] - title[0]) / len("健康づくりに関する協定書") - 14) < 0.2
    assert heading[1] < first[1]  # above its article
    wrapped = [each for each in boxes if re.fullmatch("[あ、]+", each[4]) and each[1] > first[1]]
    assert all(abs(each[0] - first[0] - 10.5) < 1 for each in wrapped)
    item, wrapped = box("(1)"), [each for each in boxes if re.fullmatch("い+", each[4])]
    assert abs(min(each[0] for each in wrapped) - item[0] - 21) < 1
    address, name = box("福岡市中央区"), box("市長")
    seal = next(each for each in boxes if each[4].endswith("印"))
    assert middle < address[0] == name[0] < seal[0]
    assert abs(name[1] - seal[1]) < 1  # beside the name


def test_an_annex_begins_a_page_and_keeps_its_lines(tmp_path):
    annexes = (Annex("別記", "区域", "一丁目\n　　二丁目"), Annex("別表", "", "表の中身"))
    text = LegalText("協定書", "前文", (Article("区域", "{別記:区域}のとおり。"),), "後書き", (), annexes)
    pages = pages_of(printed(TextVersionFactory(body=text.as_json())), tmp_path)
    assert "第1条別記のとおり。" in pages[0]
    assert "別記区域一丁目二丁目" in pages[1]
    assert "別表表の中身" in pages[2]


def test_the_pdf_is_tagged_titled_and_has_bookmarks(tmp_path):
    articles = (Article("目的", "本文\n(1) 号"), Article("", "二"))
    signing = (Signatory("甲", "住所地", "福岡市", "市長", "見本"),)
    version = TextVersionFactory(text=LegalText("見本協定書", "前の文", articles, "後の文", signing))
    file = tmp_path / "tagged.pdf"
    file.write_bytes(printed(version))
    pdf = pypdf.PdfReader(io.BytesIO(file.read_bytes()))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "ja"
    assert pdf.metadata.title == "見本協定書（案 第1版）"
    assert [each.title for each in pdf.outline[1]] == ["第1条（目的）"]
    told = subprocess.run(["pdfinfo", "-struct-text", file], capture_output=True, check=True).stdout.decode()
    tree = compact(re.sub(r"Span \(inline\)|[\"]", "", told))
    assert_in_order(
        tree,
        "H1(block)見本協定書",
        "P(block)前の文",
        "H2(block)（目的）",
        "P(block)第1条本文",
        "P(block)(1)号",
        "P(block)第2条二",
        "P(block)後の文",
        "令和年月日",
        *("甲", "住所地", "福岡市", "市長見本", "印"),
    )
    assert "案" not in tree  # the mark is no part of the text that is read aloud


def test_for_the_archive_it_is_pdf_a_with_its_text_as_data():
    version = first_draft(real_agreement(FACTS[0]))
    user = StaffMemberFactory(manager=True, municipality=version.agreement.municipality)
    pdf = pypdf.PdfReader(io.BytesIO(print_agreement_text(version, user=user, today=TODAY, is_archive=True)))
    assert b"pdfaid" in pdf.trailer["/Root"]["/Metadata"].get_data()
    data = json.loads(pdf.attachments["agreement-text.json"][0])
    assert LegalText.from_json(data["text"]) == version.text
    assert data["municipality"]["code"] == version.agreement.municipality.code
    assert "agreement-text.json" not in pypdf.PdfReader(io.BytesIO(printed(version))).attachments


def test_hostile_and_very_long_texts_end_in_time(tmp_path):
    articles = (
        Article("条", "あ" * 20_000),
        Article("<b>条</b>", "{{<script>}}" + "w" * 5_000),
        *(Article(f"{n}", "甲は、\n(1) 乙\nア 丙\n(ア) 丁\n＋続き") for n in range(60)),
    )
    text = LegalText("協" * 200, "前文", articles, "後書き", ())
    pages = pages_of(printed(TextVersionFactory(body=text.as_json())), tmp_path)
    assert "{<script>}" in "".join(pages)
    assert "".join(pages).count("丁続き") == 60


def test_strangers_get_nothing():
    version = TextVersionFactory()
    with pytest.raises(PermissionError):
        print_agreement_text(version, user=StaffMemberFactory(manager=True), today=TODAY)
