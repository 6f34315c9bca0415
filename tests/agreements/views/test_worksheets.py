"""The pages of すり合わせ: blind until opened, then side by side, to the confirmation; what never leaks."""

import io
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from agreements.models import (
    CompanySubmission,
    ExpectationAnswer,
    ExpectationConfirmation,
    ExpectationRound,
)
from agreements.worksheet_file.layout import FIRST_ROW, HEADER_ROW, SHEET_NAME
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory
from tests.factories.worksheets import (
    OWN_SECRET,
    PARTNER_SECRET,
    confirmed_round,
    filled_round,
    opened_round,
    stored,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def agreement(editor):
    return AgreementFactory(
        whole=True,
        draft=True,
        state="negotiating",
        municipality=editor.municipality,
        department=editor.department,
    )


def url(name, *args):
    return reverse(f"agreements:{name}", args=[getattr(arg, "pk", arg) for arg in args])


def typed(round_, **values):
    """The city's form of every row, as a browser sends it."""
    data = {"version": stored(round_).version}
    for row in round_.rows.all():
        answers = {
            "expects": "健康教室",
            "offers": "",
            "cost": "free",
            "cost_cap": "",
            "cost_note": "",
            **values,
        }
        data |= {f"row-{row.pk}-{name}": value for name, value in answers.items()}
    return data


def upload(client, round_, content, name="戻り.xlsx"):
    return client.post(url("worksheet-upload", round_), {"file": SimpleUploadedFile(name, content)})


def returned_file(client, round_, **cells):
    content = b"".join(client.get(url("worksheet-export", round_)))
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book[SHEET_NAME]
    headings = {page.cell(HEADER_ROW, at).value: at for at in range(1, page.max_column + 1)}
    for at in range(round_.rows.count()):
        for heading, value in cells.items():
            page.cell(FIRST_ROW + at, headings[heading]).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_worksheet_is_started_from_the_page_of_the_agreement(editor_client, agreement):
    assertContains(editor_client.get(agreement.get_absolute_url()), "すり合わせを始める")
    response = editor_client.post(url("worksheet-start", agreement))
    round_ = ExpectationRound.objects.get()
    assertRedirects(response, round_.get_absolute_url())
    assertContains(editor_client.get(agreement.get_absolute_url()), "自治体側の期待を記入する")
    response = editor_client.post(url("worksheet-start", agreement), follow=True)
    assertContains(response, "進行中のすり合わせがあります")


def test_answers_are_saved_and_handed_in(editor_client, agreement, editor):
    editor_client.post(url("worksheet-start", agreement))
    round_ = ExpectationRound.objects.get()
    response = editor_client.post(url("worksheet-answers", round_), typed(round_))
    assertRedirects(response, round_.get_absolute_url())
    assert stored(round_).own_submitted_at is None
    editor_client.post(url("worksheet-answers", round_), typed(round_) | {"submit": "1"})
    assert stored(round_).own_submitted_by == editor
    assertContains(editor_client.get(round_.get_absolute_url()), "相手方の回答を受け取る")
    assertContains(
        editor_client.post(url("worksheet-answers", round_), typed(round_)), "提出済み", status_code=409
    )


def test_blank_answers_stay_a_draft_with_everything_typed(editor_client, agreement):
    editor_client.post(url("worksheet-start", agreement))
    round_ = ExpectationRound.objects.get()
    data = typed(round_, cost="", offers="会場の手配") | {"submit": "1"}
    response = editor_client.post(url("worksheet-answers", round_), data)
    assertContains(response, "保存しましたが、提出できません", status_code=409)
    assertContains(response, "会場の手配", status_code=409)
    again = {**data, "version": response.context["version"]}
    again |= {name: "free" for name in data if name.endswith("-cost")}
    assert editor_client.post(url("worksheet-answers", round_), again).status_code == 302


def test_bad_answers_are_told_at_their_field_and_kept(editor_client, agreement):
    editor_client.post(url("worksheet-start", agreement))
    round_ = ExpectationRound.objects.get()
    response = editor_client.post(url("worksheet-answers", round_), typed(round_, cost_cap="５０００"))
    assertContains(response, "費用が「実費」か「有償」のとき")
    assertContains(response, "(2) 上限額（円）")
    assertContains(response, 'value="５０００"')
    assert not ExpectationAnswer.objects.exists()


def test_second_of_two_writers_sees_both_versions(editor_client, agreement):
    editor_client.post(url("worksheet-start", agreement))
    round_ = ExpectationRound.objects.get()
    stale = typed(round_, expects="私の案")
    editor_client.post(url("worksheet-answers", round_), typed(round_, expects="先に保存した案"))
    response = editor_client.post(url("worksheet-answers", round_), stale)
    for words in ("私の案", "先に保存した案", "ほかの人が先に保存しました"):
        assertContains(response, words, status_code=409)
    assert set(ExpectationAnswer.objects.values_list("expects", flat=True)) == {"先に保存した案"}
    again = stale | {"version": response.context["version"]}
    assert editor_client.post(url("worksheet-answers", round_), again).status_code == 302


def test_nothing_of_the_company_shows_anywhere_before_the_opening(
    editor_client, manager_client, system_admin_client, agreement, editor, print_fonts, text_of, mailoutbox
):
    round_ = filled_round(agreement, editor)
    submission = CompanySubmission.objects.get()
    row = round_.rows.first()
    pages = [
        agreement.get_absolute_url(),
        f"{agreement.get_absolute_url()}?history",
        round_.get_absolute_url(),
        url("submission", submission),
        url("worksheet-answers", round_),
        url("worksheet-open", round_),
        url("worksheet-upload", round_),
        reverse("agreements:today"),
        reverse("agreements:agreement-list") + f"?q={PARTNER_SECRET}",
        url("worksheet-export", round_),
    ]
    for client in (editor_client, manager_client):
        for page in pages:
            response = client.get(page)
            assert response.status_code == 200, page
            text = response.content.decode("utf-8", "replace").replace(f'value="{PARTNER_SECRET}"', "")
            text = text.replace(f"「{PARTNER_SECRET}」", "").replace(f"q={PARTNER_SECRET}", "")
            assert PARTNER_SECRET not in text or "agreements/?q" in page, page
            assert "300,000" not in text, page
    for model, row_pk in (
        ("companysubmission", submission.pk),
        ("expectationround", round_.pk),
        ("expectationrow", row.pk),
    ):
        page = reverse(f"admin:agreements_{model}_change", args=[row_pk])
        assertNotContains(system_admin_client.get(page), PARTNER_SECRET)
    pdf = editor_client.get(url("worksheet-print", round_)).content
    assert PARTNER_SECRET not in text_of(pdf)
    assert OWN_SECRET in text_of(pdf)
    pdf = editor_client.get(url("worksheet-print", round_) + "?for=partner").content
    assert OWN_SECRET not in text_of(pdf)
    assert editor_client.get(url("worksheet-row", row)).status_code == 404
    assert editor_client.get(url("worksheet-confirm", round_, "own")).status_code == 403
    response = editor_client.post(url("submission-accept", submission), {"rows": [row.pk]}, follow=True)
    assertContains(response, "この操作はできません")
    for _day in range(2):
        call_command("daily", stdout=io.StringIO())
    assert PARTNER_SECRET not in "".join(f"{mail.subject}{mail.body}" for mail in mailoutbox)
    assert PARTNER_SECRET not in "".join(AuditEvent.objects.values_list("details_text", flat=True))


def test_opening_is_posted_and_then_both_sides_show_with_the_mismatch(editor_client, agreement, editor):
    round_ = filled_round(agreement, editor)
    assertContains(editor_client.get(url("worksheet-open", round_)), "開示は取り消せません")
    response = editor_client.post(url("worksheet-open", round_), {"version": 0})
    assertContains(response, "ほかの人が変更しました", status_code=409)
    editor_client.post(url("worksheet-open", round_), {"version": round_.version})
    page = editor_client.get(url("submission", CompanySubmission.objects.get()))
    assertContains(page, PARTNER_SECRET)
    assertContains(page, "市は無償、相手方は有償と考えています。")
    assert not ExpectationAnswer.objects.filter(side="partner").exists()
    rows = [row.pk for row in round_.rows.all()][:1]
    editor_client.post(url("submission-accept", CompanySubmission.objects.get()), {"rows": rows})
    assert ExpectationAnswer.objects.filter(side="partner").count() == 1
    response = editor_client.get(round_.get_absolute_url())
    for words in (OWN_SECRET, PARTNER_SECRET, "食い違い（E03）", "市は無償、相手方は有償と考えています。"):
        assertContains(response, words)
    assertContains(editor_client.get(agreement.get_absolute_url()), "決裁に回せません")


def test_e03_blocks_the_approval_also_when_posted_directly(editor_client, agreement, editor):
    move = reverse("agreements:agreement-move", args=[agreement.pk, "approving"])
    opened_round(agreement, editor)
    assertContains(editor_client.get(agreement.get_absolute_url()), "E03")
    data = {"version": agreement.version, "on": "令和8年10月1日", "drafter": editor.pk}
    response = editor_client.post(move, data)
    assertContains(response, "双方の考えが食い違っています（E03）", status_code=response.status_code)
    agreement.refresh_from_db()
    assert agreement.state == "negotiating"


def test_order_without_procurement_blocks_too_and_agreement_lets_it_pass(editor_client, agreement, editor):
    assert not agreement.has_e03()
    round_ = opened_round(agreement, editor, cost="free", cost_cap=None, kinds=["order"])
    assert agreement.has_e03()
    for row in round_.rows.all():
        data = {
            "version": stored(round_).version,
            "agreed_wording": "公募で選ぶ",
            "procurement": "needed",
            "procurement_method": "公募型プロポーザル",
        }
        assert editor_client.post(url("worksheet-row", row), data).status_code == 302
    assert not agreement.has_e03()
    move = reverse("agreements:agreement-move", args=[agreement.pk, "approving"])
    data = {"version": agreement.version, "on": "令和8年10月1日", "drafter": editor.pk}
    assert editor_client.post(move, data).status_code == 302
    agreement.refresh_from_db()
    assert agreement.state == "approving"


def test_wording_needs_the_method_and_tells_the_second_writer(editor_client, agreement, editor):
    round_ = opened_round(agreement, editor)
    row = round_.rows.first()
    data = {"version": round_.version, "agreed_wording": "私の文案", "procurement": "needed"}
    assertContains(editor_client.post(url("worksheet-row", row), data), "その方法を入力してください")
    data |= {"procurement": "not_needed", "agreed_on": "R8.10.1"}
    first = data | {"agreed_wording": "先の文案"}
    assert editor_client.post(url("worksheet-row", row), first).status_code == 302
    response = editor_client.post(url("worksheet-row", row), data)
    for words in ("私の文案", "先の文案"):
        assertContains(response, words, status_code=409)
    row.refresh_from_db()
    assert (row.agreed_wording, row.agreed_on.isoformat()) == ("先の文案", "2026-10-01")


def test_both_confirm_and_can_withdraw(editor_client, agreement, editor):
    round_ = opened_round(agreement, editor)
    rows = [row.pk for row in round_.rows.all()]
    page = url("worksheet-confirm", round_, "own")
    data = {"version": round_.version, "rows": rows, "name": "見本 太郎", "confirmed_on": "R8.10.1"}
    assertContains(editor_client.post(page, data), "合意した内容", status_code=409)
    for row in round_.rows.all():
        wording = {"agreed_wording": "無償で行う", "agreed_cost": "free", "version": stored(round_).version}
        editor_client.post(url("worksheet-row", row), wording)
    data["version"] = stored(round_).version
    assertContains(editor_client.post(page, data | {"confirmed_on": "R8.10.2"}), "今日より後です")
    assert editor_client.post(page, data).status_code == 302
    partner = url("worksheet-confirm", round_, "partner")
    data["version"] = stored(round_).version
    assertContains(editor_client.post(partner, data), "このフィールドは必須です")  # ⑮ 証跡
    assert editor_client.post(partner, data | {"evidence": "メール"}).status_code == 302
    assert stored(round_).state == "confirmed"
    editor_client.post(url("worksheet-confirm-withdraw", round_, "partner"))
    assert stored(round_).state == "opened"
    assert ExpectationConfirmation.objects.count() == 2 * len(rows)


def test_confirmed_sheet_prints_for_both_sides(editor_client, agreement, editor, print_fonts, text_of):
    round_ = opened_round(agreement, editor)
    assert editor_client.get(url("worksheet-confirmed-print", round_)).status_code == 404
    ExpectationRound.objects.all().delete()
    round_ = confirmed_round(agreement, editor)
    response = editor_client.get(url("worksheet-confirmed-print", round_))
    text = text_of(response.content)
    for words in ("すり合わせ確認書", "年2回、健康教室を開く", "市 確認者", "相手方 確認者", round_.sheet_id):
        assert words in text
    assert "内部用" not in text
    assert AuditEvent.objects.filter(kind="print").exists()


def test_new_round_says_what_changed_since_the_confirmed_one(editor_client, agreement, editor):
    confirmed_round(agreement, editor)
    second = opened_round(agreement, editor, expects="今度は別の期待", cost="free", cost_cap=None)
    response = editor_client.get(second.get_absolute_url())
    assertContains(response, "第1回からの変更")
    assertContains(response, "今度は別の期待")
    assertContains(editor_client.get(agreement.get_absolute_url()), "すべての回 2件")


def test_cancelled_round_is_resumed(editor_client, agreement, editor):
    round_ = filled_round(agreement, editor)
    page = url("worksheet-cancel", round_)
    response = editor_client.post(page, {"version": round_.version, "reason": ""})
    assert stored(round_).state == "filling"
    editor_client.post(page, {"version": round_.version, "reason": "相手方の都合"})
    assert stored(round_).state == "cancelled"
    response = editor_client.get(round_.get_absolute_url())
    assertContains(response, "相手方の都合")
    assertContains(response, "元に戻す")
    editor_client.post(url("worksheet-resume", round_))
    assert stored(round_).state == "filling"


# -- Excel --------------------------------------------------------------------------------------------
def test_returned_file_waits_until_it_is_accepted(editor_client, agreement, editor):
    round_ = opened_round(agreement, editor)
    content = returned_file(
        editor_client, round_, **{"③期待すること": "新しい期待", "⑦費用": "無償", "⑦上限額（円）": None}
    )
    response = upload(editor_client, round_, content)
    submission = CompanySubmission.objects.pending().get()
    assertRedirects(response, url("submission", submission))
    assert submission.received_by == editor
    assert not ExpectationAnswer.objects.filter(expects="新しい期待").exists()
    page = editor_client.get(response.url)
    for words in (PARTNER_SECRET, "新しい期待", "届いた内容"):
        assertContains(page, words)
    editor_client.post(url("submission-accept", submission), {"rows": [row.pk for row in round_.rows.all()]})
    assert ExpectationAnswer.objects.filter(expects="新しい期待", cost="free").count() == 2
    page = editor_client.get(response.url)
    for words in ("取り込む前の記録", PARTNER_SECRET, "新しい期待"):
        assertContains(page, words)
    editor_client.post(url("submission-take-back", submission))
    assert ExpectationAnswer.objects.filter(side="partner", expects=PARTNER_SECRET).count() == 2


def test_returned_file_in_the_closed_round_is_sealed(editor_client, agreement, editor):
    editor_client.post(url("worksheet-start", agreement))
    round_ = ExpectationRound.objects.get()
    content = returned_file(editor_client, round_, **{"③期待すること": PARTNER_SECRET, "⑦費用": "有償"})
    page = upload(editor_client, round_, content, name="回答.xlsx")
    response = editor_client.get(page.url)
    assertNotContains(response, PARTNER_SECRET)
    assertContains(response, "開示するまで内容は表示しません")
    assertContains(response, "記入あり", count=2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("番号,期待\r\n(1),受注".encode("cp932"), "文字だけのファイル"),
        (b"PK\x03\x04broken", "壊れて"),
    ],
)
def test_bad_files_change_nothing(editor_client, agreement, editor, content, message):
    round_ = opened_round(agreement, editor)
    assertContains(upload(editor_client, round_, content), message)
    assert not CompanySubmission.objects.pending().exists()


def test_cells_under_the_rules_of_the_form_are_named_with_their_place(editor_client, agreement, editor):
    round_ = opened_round(agreement, editor)
    content = returned_file(editor_client, round_, **{"⑦費用": "無償", "⑦費用の補足": "あ" * 301})
    response = upload(editor_client, round_, content)
    assertContains(response, f"{FIRST_ROW}行目")
    assertContains(response, "費用が「実費」か「有償」のとき")
    assertContains(response, "300文字以内")
    assert not CompanySubmission.objects.pending().exists()


def test_file_of_another_worksheet_is_refused(editor_client, agreement, editor):
    other = AgreementFactory(whole=True, municipality=editor.municipality, department=editor.department)
    content = returned_file(editor_client, opened_round(other, editor))
    round_ = opened_round(agreement, editor)
    assertContains(upload(editor_client, round_, content), "別のワークシート")


# -- Cost of the pages --------------------------------------------------------------------------------
def test_pages_need_as_many_queries_for_many_rows(editor_client, editor, assert_same_queries):
    made = []

    def add():
        items = [f"事項{number}" for number in range(len(made) * 2 + 1)]
        agreement = AgreementFactory(
            whole=True, whole__items=items, municipality=editor.municipality, department=editor.department
        )
        made.append(confirmed_round(agreement, editor))

    assert_same_queries(add, lambda: editor_client.get(made[-1].get_absolute_url()))


def test_today_shows_what_waits(editor_client, neighbour_client, agreement, editor, today):
    home = reverse("agreements:today")
    round_ = filled_round(agreement, editor)
    response = editor_client.get(home)
    assertContains(response, "相手方から届いた回答")
    assert [due.waits_for for due in response.context["worksheets_due"]] == ["開示"]
    assert not neighbour_client.get(home).context["worksheets_due"]
    round_.delete()
    confirmed_round(agreement, editor)
    assert not editor_client.get(home).context["worksheets_due"]
    agreement.state = "active"
    agreement.save()
    ExpectationConfirmation.objects.update(confirmed_on=today.replace(year=2025))
    assert not editor_client.get(home).context["worksheets_due"]
    ExpectationConfirmation.objects.update(confirmed_on=date(2025, 9, 30))
    response = editor_client.get(home)
    assert [due.waits_for for due in response.context["worksheets_due"]] == ["双方の確認から1年を超えました"]


def test_items_changed_since_are_told_at_every_stage(editor_client, agreement, editor):
    editor_client.post(url("worksheet-start", agreement))
    round_ = ExpectationRound.objects.get()
    agreement.cooperation_fields.filter(number=1).update(text="書き直した事項")
    assertContains(editor_client.get(round_.get_absolute_url()), "連携事項の変更を取り込む")
    editor_client.post(url("worksheet-items", round_), {"version": round_.version})
    assertContains(editor_client.get(round_.get_absolute_url()), "書き直した事項")
    round_.delete()
    round_ = opened_round(agreement, editor)
    agreement.cooperation_fields.filter(number=1).update(text="また書き直した事項")
    assertContains(editor_client.get(round_.get_absolute_url()), "連携事項が変わっています")


def test_page_survives_an_item_that_is_gone(editor_client, agreement, editor):
    round_ = opened_round(agreement, editor)
    agreement.cooperation_fields.first().delete()
    assertContains(editor_client.get(round_.get_absolute_url()), PARTNER_SECRET)
    assert agreement.has_e03()


def test_system_admin_and_strangers(system_admin_client, neighbour_client, agreement, editor):
    round_ = filled_round(agreement, editor)
    assertNotContains(system_admin_client.get(round_.get_absolute_url()), PARTNER_SECRET)
    for page in ("worksheet", "worksheet-export", "worksheet-print"):
        assert neighbour_client.get(url(page, round_)).status_code == 404
