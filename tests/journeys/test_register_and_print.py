"""A clerk registers agreements as she has them on paper, finds and prints them: without JavaScript."""

import pytest
from django.urls import reverse

from agreements.models import Agreement, Company
from tests.factories import CompanyFactory, DepartmentFactory, MunicipalityFactory, StaffMemberFactory
from tests.journeys.clerk import Clerk

ITEMS = [
    "アジアを見据えた観光振興に関すること",
    "市の環境政策に関すること",
    "地産地消や地域経済の活性化に関すること",
    "地域の安全・安心の確保や災害時の支援に関すること",
    "子育てや青少年育成の支援に関すること",
    "高齢者・障がい者の支援に関すること",
    "その他市政の推進や市民サービスの提供に関すること",
]
PASTED = "\n".join(f"({number}) {item}" for number, item in enumerate(ITEMS, start=1))

pytestmark = pytest.mark.django_db


def clerk_of(**municipality) -> Clerk:
    body = MunicipalityFactory(**municipality)
    section = DepartmentFactory(municipality=body, name="企画課")
    return Clerk(StaffMemberFactory(editor=True, municipality=body, department=section))


@pytest.fixture
def fukuoka_clerk(db):
    return clerk_of(fukuoka=True)


@pytest.fixture
def obuse_clerk(db):
    return clerk_of(obuse=True)


@pytest.fixture
def sheet_of(print_fonts, text_of):
    """The text of an agreement's sheet as this clerk prints it."""

    def sheet(clerk, agreement):
        clerk.open(reverse("agreements:agreement-sheet", args=[agreement.pk]))
        assert clerk.response["Content-Type"] == "application/pdf"
        return text_of(clerk.response.getvalue()).replace(" ", "")

    return sheet


def register_lawson(clerk) -> Agreement:
    clerk.open(reverse("agreements:agreement-list")).follow("協定を登録")
    clerk.fill(
        {
            "title": "地域共働事業に関する包括連携協定",
            "title_kana": "ちいききょうどうじぎょうにかんするほうかつれんけいきょうてい",
            "signed_on": "平成23年4月22日",
            "parties-1-name": "株式会社ローソン",
            "items_pasted": PASTED,
        }
    )
    clerk.press("連携事項に分ける")
    assert [clerk.value(f"items-{index}-text") for index in range(7)] == ITEMS
    assert clerk.value("signed_on") == "平成23年4月22日"
    clerk.press("登録する")
    assert "登録されていません" in clerk.text
    clerk.fill(
        {"parties-1-new_kana": "ろーそん", "parties-1-new_corporate_number": "２０１０７０１０１９１９５"}
    )
    clerk.press("登録する")
    return Agreement.objects.get(title="地域共働事業に関する包括連携協定")


def test_clerk_registers_lawson_finds_and_prints_it(fukuoka_clerk, sheet_of):
    clerk = fukuoka_clerk
    agreement = register_lawson(clerk)
    assert clerk.url == agreement.get_absolute_url()
    assert agreement.signed_on.isoformat() == "2011-04-22"
    assert [(party.label, party.name) for party in agreement.parties.all()] == [
        ("甲", "福岡市"),
        ("乙", "株式会社ローソン"),
    ]
    assert Company.objects.get().corporate_number == "2010701019195"
    for item in ITEMS:
        assert item in clerk.text
    for word in ("観光", "ろーそん", "ﾛｰｿﾝ", "２０１０７０１０１９１９５"):
        clerk.open(reverse("agreements:agreement-list")).fill(q=word).press("検索")
        assert str(agreement) in clerk.text, word
    clerk.open(reverse("agreements:agreement-list")).fill(q="水産").press("検索")
    assert str(agreement) not in clerk.text
    sheet = sheet_of(clerk, agreement)
    for words in (*ITEMS, "株式会社ローソン", "2010701019195", "平成23年4月22日"):
        assert words in sheet


def test_clerk_of_another_municipality_sees_nothing_of_it(fukuoka_clerk, obuse_clerk):
    agreement = register_lawson(fukuoka_clerk)
    clerk = obuse_clerk
    for query in ("", "?scope=all", "?scope=others", "?q=観光", "?q=観光&scope=all", "?municipality=401307"):
        clerk.open(reverse("agreements:agreement-list") + query)
        assert str(agreement) not in clerk.text, query
    for name in ("agreement-detail", "agreement-sheet", "agreement-update", "agreement-delete"):
        clerk.open(reverse(f"agreements:{name}", args=[agreement.pk]), expect=404)
    clerk.open(Company.objects.get().get_absolute_url())
    assert str(agreement) not in clerk.text
    found = clerk.client.get(reverse("agreements:party-suggest"), {"q": "地域共働"}).json()
    assert found["results"] == []


def test_clerk_registers_three_companies_one_of_them_a_participant(obuse_clerk, sheet_of):
    for name, kana in (("株式会社Goolight", "ぐーらいと"), ("自然電力株式会社", "しぜんでんりょく")):
        CompanyFactory(name=name, name_kana=kana, unnumbered=True)
    clerk = obuse_clerk.open(reverse("agreements:agreement-create"))
    clerk.press("当事者を追加").press("当事者を追加")
    clerk.fill(
        {
            "title": "次世代型インフラの実現に向けた包括連携協定",
            "title_kana": "じせだいがたいんふらのじつげんにむけたほうかつれんけいきょうてい",
            "signed_on": "R2.9.23",
            "parties-1-name": "Ｇｏｏｌｉｇｈｔ",
            "parties-2-name": "しぜんでんりょく",
            "parties-3-name": "株式会社シグマクシス",
            "parties-3-label": "",
            "parties-3-role": "participant",
            "parties-3-new_kana": "しぐまくしす",
            "items_pasted": "①電気・水道・通信などの協業\n②領域横断での包括連携",
        }
    )
    clerk.press("登録する")
    agreement = Agreement.objects.get()
    assert [(party.label, party.name, party.role) for party in agreement.parties.all()] == [
        ("甲", "小布施町", "signatory"),
        ("乙", "株式会社Goolight", "signatory"),
        ("丙", "自然電力株式会社", "signatory"),
        ("", "株式会社シグマクシス", "participant"),
    ]
    assert [item.text for item in agreement.cooperation_fields.all()] == [
        "電気・水道・通信などの協業",
        "領域横断での包括連携",
    ]
    assert Company.objects.count() == 3
    assert "株式会社シグマクシス" in sheet_of(clerk, agreement)


def test_clerk_registers_two_municipalities_that_renew_without_labels(today):
    MunicipalityFactory(yamagata=True)
    clerk = clerk_of(sendai=True).open(reverse("agreements:agreement-create"))
    clerk.fill(
        {
            "title": "仙台市と山形市との連携に関する協定",
            "title_kana": "せんだいしとやまがたしとのれんけいにかんするきょうてい",
            "kind": "intermunicipal",
            "parties-0-label": "",
            "parties-1-label": "",
            "parties-1-name": "山形市",
            "signed_on": "平成28年11月2日",
            "first_expiry": "平成２９年３月３１日",
            "auto_renew": "on",
            "renewal_months": "１２",
            "notice_months": "1",
        }
    )
    clerk.press("登録する")
    agreement = Agreement.objects.get()
    assert [str(party) for party in agreement.parties.all()] == ["仙台市", "山形市"]
    assert agreement.first_expiry.isoformat() == "2017-03-31"
    # The example of the domain pack: seen on 令和8年10月1日.
    assert (agreement.expires_on.isoformat(), agreement.notice_on.isoformat()) == ("2027-03-31", "2027-02-28")
    assert "令和9年3月31日" in clerk.text
    assert "令和9年2月28日" in clerk.text


def test_clerk_loses_nothing_by_wrong_input(fukuoka_clerk):
    clerk = fukuoka_clerk.open(reverse("agreements:agreement-create"))
    typed = {
        "title": "長" * 10_000,
        "signed_on": "令和2年13月1日",
        "first_expiry": "平成20年3月31日",
        "effective_on": "令和2年4月1日",
        "parties-1-name": "株式会社まちがい",
        "parties-1-new_name": "株式会社まちがい",
        "parties-1-new_kana": "まちがい",
        "parties-1-new_corporate_number": "1010701019195",
        "purpose": "見えない\x07文字",
        "items-0-text": "観光の振興に関すること",
    }
    clerk.press("当事者を追加").fill(typed).press("登録する")
    assert not Agreement.objects.exists()
    for name, value in typed.items():
        assert clerk.value(name) == value, name
    for message in ("13月", "法人番号", "制御文字", "200文字以内", "満了日"):
        assert message in clerk.text, message
    assert "当事者名を入力してください" in clerk.text  # the row that was added and left empty
    assert "入力エラー" in clerk.response.content.decode()


def test_clerk_who_saves_second_is_shown_both_versions(fukuoka_clerk):
    agreement = register_lawson(fukuoka_clerk)
    colleague = Clerk(
        StaffMemberFactory(editor=True, municipality=agreement.municipality, department=agreement.department)
    )
    url = reverse("agreements:agreement-update", args=[agreement.pk])
    fukuoka_clerk.open(url)
    colleague.open(url).fill(title="同僚が先に直した名称", change_reason="誤記のため").press("保存する")
    mine = {"title": "自分が後から直した名称", "purpose": "自分が書いた目的", "change_reason": "誤記のため"}
    fukuoka_clerk.fill(mine).press("保存する", expect=409)
    assert "同僚が先に直した名称" in fukuoka_clerk.text
    for name, value in mine.items():
        assert fukuoka_clerk.value(name) == value
    agreement.refresh_from_db()
    assert agreement.title == "同僚が先に直した名称"
    fukuoka_clerk.press("保存する")
    agreement.refresh_from_db()
    assert (agreement.title, agreement.purpose) == ("自分が後から直した名称", "自分が書いた目的")


def test_clerk_deletes_and_takes_it_back(fukuoka_clerk):
    agreement = register_lawson(fukuoka_clerk)
    clerk = fukuoka_clerk.follow("削除")
    clerk.press("削除する")
    assert not Agreement.objects.alive().exists()
    clerk.open(agreement.get_absolute_url(), expect=404)
    clerk.open(reverse("agreements:agreement-deleted-list"))
    assert str(agreement) in clerk.text
    clerk.press(f"元に戻す：{agreement}")
    assert Agreement.objects.alive().get() == agreement
    clerk.open(reverse("agreements:agreement-list") + "?q=観光")
    assert str(agreement) in clerk.text
