"""An agreement from the proposal to its end, by people who see nothing but the pages."""

from datetime import date

import pytest
from django.urls import reverse

from agreements.models import Agreement, Transition
from tests.factories import (
    AgreementFactory,
    CompanyFactory,
    CooperationFieldFactory,
    DepartmentFactory,
    PartyFactory,
    StaffMemberFactory,
)

from .clerk import Clerk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def people(fukuoka):
    planning = DepartmentFactory(municipality=fukuoka, name="企画課")
    section = DepartmentFactory(municipality=fukuoka, name="地域連携課")
    health = DepartmentFactory(municipality=fukuoka, name="健康課")
    member = {"municipality": fukuoka}
    return {
        "clerk": StaffMemberFactory(editor=True, department=section, name="係 花子", **member),
        "manager": StaffMemberFactory(manager=True, department=planning, name="長 太郎", **member),
        "asked": StaffMemberFactory(viewer=True, department=health, name="健 次郎", **member),
    }


@pytest.fixture
def agreement(people):
    clerk = people["clerk"]
    agreement = AgreementFactory(
        municipality=clerk.municipality,
        department=clerk.department,
        draft=True,
        title="見守りに関する包括連携協定",
        created_by=clerk,
    )
    PartyFactory(agreement=agreement, municipality=clerk.municipality, label="甲", order=1)
    PartyFactory(agreement=agreement, company=CompanyFactory(name="見本乳業株式会社"))
    return agreement


def stored(agreement) -> Agreement:
    return Agreement.objects.get(pk=agreement.pk)


def test_from_the_proposal_to_the_end(people, agreement):
    clerk, manager, asked = (Clerk(people[name]) for name in ("clerk", "manager", "asked"))
    page = agreement.get_absolute_url()

    # The municipality's checklist
    manager.open(reverse("agreements:intake-criterion-list")).press("この6件から始める")
    assert "営業や販売だけを目的としていない" in manager.text

    # 提案受付: the clerk finds it among the work, writes the 提案票, and is reminded of what was not checked
    clerk.open(reverse("agreements:today"))
    assert "手続きを待っている協定" in clerk.text
    clerk.follow("見守りに関する包括連携協定")
    assert "提案票がまだありません。" in clerk.text
    clerk.follow("提案票を記録")
    assert clerk.value("proposer") == "見本乳業株式会社"
    first = next(name for name in clerk.page.forms[-1].names if name.startswith("result-"))
    clerk.fill({"summary": "高齢者の見守り", "received_on": "R8.9.1", first: "met"}).press("保存する")
    assert "受付の基準のうち5件が未確認です。" in clerk.text
    clerk.follow("庁内調整を始める").press("庁内調整を始める")
    assert stored(agreement).state == "reviewing"

    # 庁内調整: 健康課 is asked, finds the question among its work, answers
    clerk.follow("課に照会する").fill(departments=str(people["asked"].department_id)).press("照会する")
    assert "まだ意見の回答がない課があります：健康課" in clerk.text
    asked.open(reverse("agreements:today"))
    assert "回答する庁内意見" in asked.text
    asked.follow("回答する：見守りに関する包括連携協定").fill(answer="conditional").press("回答する")
    assert "条件や理由を入力してください" in asked.text
    asked.fill(text="個人情報の扱いを決めること").press("回答する")
    assert "回答する庁内意見" not in asked.open(reverse("agreements:today")).text
    clerk.open(page).follow("相手方と協議する").press("相手方と協議する")
    assert "個人情報の扱いを決めること" in clerk.text

    # 相手方協議: without an item there is no 決裁, and the page says where to put it
    assert "連携事項を1件以上登録してください。" in clerk.text
    clerk.follow("決裁に回す")
    assert "決裁に回す" not in [button.label for form in clerk.page.forms for button in form.buttons]
    CooperationFieldFactory(agreement=agreement, text="高齢者の見守りに関すること")
    clerk.open(page).follow("決裁に回す").press("決裁に回す")
    assert "決裁に回しました。" in clerk.text

    # 決裁: the text is locked, sent back once, then approved
    clerk.open(reverse("agreements:agreement-update", args=[agreement.pk]))
    assert "協定の文言は変更できません" in clerk.text
    clerk.fill(title="別の名称").press("保存する")
    assert "差し戻してください" in clerk.text
    assert "次の手続きは、企画課が行います。" in clerk.open(page).text
    manager.open(reverse("agreements:today"))
    assert "承認を記録する" in manager.text
    manager.open(page).follow("差し戻す").press("差し戻す")
    assert "必須" in manager.text
    manager.fill(comment="費用負担を書くこと").press("差し戻す")
    clerk.open(reverse("agreements:agreement-update", args=[agreement.pk]))
    clerk.fill(title="見守り等に関する包括連携協定").press("保存する")
    clerk.follow("決裁に回す").press("決裁に回す")
    manager.open(page).follow("承認を記録する")
    manager.fill(document_number="企第１２３号", decider_title="市長", on="R8.9.30")
    assert "起案日より前の日付です" in manager.press("承認を記録する", expect=409).text
    manager.fill(on="R8.10.1").press("承認を記録する")
    assert (stored(agreement).document_number, stored(agreement).approved_on) == (
        "企第123号",
        date(2026, 10, 1),
    )

    # 締結
    manager.follow("締結式を記録").fill(held_on="R8.10.1", place="応接室", own_attendees="市長 見本太郎")
    manager.press("保存する")
    manager.follow("締結する").press("締結する", expect=409)
    assert "「紙原本のみ」を選んでください" in manager.text
    manager.fill(paper_original_only="on", first_expiry="R9.3.31").press("締結する")
    assert "応接室" in manager.text
    assert stored(agreement).state == "active"

    # 休止, 再開, 終了, and back again
    manager.follow("休止する").fill(comment="災害対応のため").press("休止する")
    manager.follow("再開する").press("再開する")
    manager.follow("終了する").fill(ended_reason="mutual").press("終了する")
    assert stored(agreement).ended_reason == "mutual"
    manager.follow("直前の状態に戻す").fill(comment="終了日を間違えた").press("直前の状態に戻す")
    assert (stored(agreement).state, stored(agreement).ended_reason) == ("active", "")
    manager.follow("終了する").fill(ended_reason="mutual").press("終了する")

    # The history can be read: who, when, which move, why
    history = clerk.open(page).text
    for words in (
        "差し戻す",
        "費用負担を書くこと",
        "災害対応のため",
        "終了日を間違えた",
        "長 太郎",
        "係 花子",
    ):
        assert words in history
    assert Transition.objects.filter(agreement=agreement).count() == 11
