"""The company's pages behind a 相手方リンク: drafts, blind answers, confirmation, reports."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.actions.expectations import (
    Confirmer,
    confirm_rows,
    open_round,
    propose_wording,
    save_answers,
    start_round,
    submit_answers,
)
from agreements.actions.share_access import enter_code, tell_code
from agreements.actions.submissions import accept_submission, reject_submission
from agreements.choices import SharePurpose, Side, SubmissionState
from agreements.models import (
    AnnualReportLine,
    CompanySubmission,
    ExpectationConfirmation,
    ExpectationRound,
    ShareDraft,
    ShareFile,
    ShareLink,
)
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    CompanyContactFactory,
    ShareLinkFactory,
)
from tests.journeys.clerk import Page
from tests.sample_files import pdf

pytestmark = pytest.mark.django_db
CITY = "市だけの本音"


@pytest.fixture
def agreement(editor):
    return AgreementFactory(
        municipality=editor.municipality,
        department=editor.department,
        whole=True,
        whole__items=("観光の振興に関すること",),
    )


@pytest.fixture
def contact(agreement):
    company = agreement.parties.exclude(company=None).get().company
    return CompanyContactFactory(municipality=agreement.municipality, company=company, name="窓口 花子")


@pytest.fixture
def round_(agreement, editor):
    """The city has written and handed in; nothing is open."""
    round_ = start_round(agreement=agreement, by=editor)
    answers = {row.pk: {"expects": CITY, "offers": CITY, "cost": "free"} for row in round_.rows.all()}
    round_ = save_answers(round_=round_, answers=answers, by=editor, version=1)
    return submit_answers(round_=round_, by=editor, version=2, now=timezone.now())


def visitor(link):
    """The contact's browser, with the code entered."""
    client = Client()
    client.get(reverse("agreements:partner-entry", args=[link.token]))
    now = timezone.now()
    code = tell_code(link=link, by=link.created_by, now=now)
    client.cookies["renkei_partner"] = enter_code(link=link, text=code, now=now)
    return client


@pytest.fixture
def link(agreement, contact, round_, editor):
    return ShareLinkFactory(agreement=agreement, contact=contact, created_by=editor)


def home(link):
    return reverse("agreements:partner-home", args=[link.pk])


def answers_for(round_, **changes):
    values = {"expects": "店舗の認知", "kinds": ["order"], "offers": "掲示", "cost": "paid", **changes}
    filled = {"sender": "窓口 花子", "send": "1"}
    for row in round_.rows.all():
        filled |= {f"r{row.pk}-{name}": value for name, value in values.items()}
    return filled


def opened(round_, editor):
    version = ExpectationRound.objects.get(pk=round_.pk).version
    return open_round(round_=round_, by=editor, version=version, now=timezone.now())


def test_draft_keeps_what_was_typed_right_or_wrong(link, round_):
    client = visitor(link)
    row = round_.rows.get()
    data = answers_for(round_, cost_cap="十万円", cost="free", expects="途中まで\r\n2行目") | {"save": "1"}
    del data["send"]
    assert client.post(home(link), data).url.endswith("?saved=1")
    page = client.get(f"{home(link)}?saved=1")
    form = Page(page).forms[1]
    assert form.values[f"r{row.pk}-cost_cap"] == ["十万円"]
    assert form.values[f"r{row.pk}-expects"][0].splitlines() == ["途中まで", "2行目"]
    assert form.values[f"r{row.pk}-kinds"] == ["order"]
    assert "下書きを保存しました" in page.content.decode()
    assert not CompanySubmission.objects.exists()
    link.refresh_from_db()
    assert link.progress == "in_progress"


def test_sending_with_errors_keeps_everything_and_tells_where(link, round_):
    client = visitor(link)
    row = round_.rows.get()
    page = client.post(home(link), answers_for(round_, cost_cap="100", cost="free", expects=""))
    errors = page.context["form"].errors
    assert set(errors) == {f"r{row.pk}-expects", f"r{row.pk}-cost_cap"}
    assert ShareDraft.objects.get(link=link).values[f"r{row.pk}-offers"] == "掲示"


def test_answers_wait_unread_and_neither_side_sees_the_other(link, round_, editor, editor_client):
    client = visitor(link)
    page = client.get(home(link)).content.decode()
    assert CITY not in page
    assert "まだ見えません" in page
    data = answers_for(round_, expects="社だけの本音")
    assert client.post(home(link), data).url.endswith("?sent=1")
    assert "社だけの本音" in client.get(home(link)).content.decode()  # its own
    assert CITY not in client.get(home(link)).content.decode()
    sent = CompanySubmission.objects.get()
    agreement = link.agreement
    for url in (
        agreement.get_absolute_url(),
        round_.get_absolute_url(),
        reverse("agreements:submission", args=[sent.pk]),
        reverse("agreements:today"),
        reverse("agreements:company-report", args=[sent.pk]),
    ):
        assert "社だけの本音" not in editor_client.get(url).content.decode()
    link.refresh_from_db()
    assert link.progress == "submitted"
    opened(round_, editor)
    assert CITY in client.get(home(link)).content.decode()
    shown = editor_client.get(reverse("agreements:submission", args=[sent.pk])).content.decode()
    assert "社だけの本音" in shown


def test_sending_again_replaces_what_still_waits(link, round_):
    client = visitor(link)
    client.post(home(link), answers_for(round_))
    client.post(home(link), answers_for(round_, expects="考え直した"))
    states = list(CompanySubmission.objects.order_by("pk").values_list("state", flat=True))
    assert states == [SubmissionState.REPLACED, SubmissionState.PENDING]


def test_answers_of_another_company_are_not_shown(link, round_, agreement, contact):
    client = visitor(link)
    client.post(home(link), answers_for(round_, expects="自社の秘密"))
    other = ShareLinkFactory(
        agreement=agreement,
        contact=CompanyContactFactory(municipality=agreement.municipality),
        created_by=link.created_by,
    )
    assert "自社の秘密" not in visitor(other).get(home(other)).content.decode()


def test_rejected_answers_tell_the_reason_and_stay_to_be_mended(link, round_, editor):
    client = visitor(link)
    client.post(home(link), answers_for(round_, expects="もう少し"))
    opened(round_, editor)
    reject_submission(
        submission=CompanySubmission.objects.get(), by=editor, now=timezone.now(), reason="費用を確かめて"
    )
    page = client.get(home(link)).content.decode()
    assert "費用を確かめて" in page
    assert "もう少し" in page


def test_files_go_with_what_is_sent(link, round_):
    client = visitor(link)
    file = SimpleUploadedFile("会社案内.pdf", pdf())
    client.post(home(link), {"files": file, "save": "1"})
    gone = ShareFile.objects.get()
    client.post(home(link), {"remove": gone.pk})
    assert not ShareFile.objects.exists()
    file.seek(0)
    client.post(home(link), {**answers_for(round_), "files": file})
    kept = ShareFile.objects.get()
    assert kept.submission == CompanySubmission.objects.get()
    client.post(home(link), {"remove": kept.pk})
    assert ShareFile.objects.filter(pk=kept.pk).exists()


def test_confirmation_holds_for_what_the_company_read(link, round_, editor, contact):
    ask = ShareLinkFactory(
        agreement=link.agreement, contact=contact, created_by=editor, purpose=SharePurpose.CONFIRMATION
    )
    client = visitor(ask)
    assert "いまお願いしていることはありません" in client.get(home(ask)).content.decode()
    visitor(link).post(home(link), answers_for(round_, cost="free", kinds=[]))
    now, today = timezone.now(), timezone.localdate()
    stored = opened(round_, editor)
    accept_submission(submission=CompanySubmission.objects.get(), by=editor, now=now, today=today)
    row = round_.rows.get()
    wording = {"agreed_wording": "店頭で年4回掲示する。", "agreed_cost": "free"}
    version = ExpectationRound.objects.get(pk=stored.pk).version
    propose_wording(round_=round_, rows={row.pk: wording}, by=editor, version=version)
    page = client.get(home(ask))
    assert "店頭で年4回掲示する。" in page.content.decode()
    form = Page(page).forms[1]
    data = dict(form.values)
    data |= {f"r{row.pk}-confirm": "on", "sender": "部長 見本", "send": "1", "evidence": "役員会"}
    # Meanwhile the wording changes: the company has read something else.
    version = ExpectationRound.objects.get(pk=stored.pk).version
    changed = {"agreed_wording": "店頭で年6回掲示する。"}
    propose_wording(round_=round_, rows={row.pk: changed}, by=editor, version=version)
    refused = client.post(home(ask), data)
    assert "画面を開いた後に内容が変わりました" in refused.content.decode()
    again = dict(Page(refused).forms[1].values) | {"send": "1"}
    assert client.post(home(ask), again).url.endswith("?sent=1")
    assert not ExpectationConfirmation.objects.exists()
    sent = CompanySubmission.objects.get(kind="confirmation")
    accept_submission(submission=sent, by=editor, now=now, today=today)
    made = ExpectationConfirmation.objects.get()
    assert (made.side, made.name, made.evidence) == (Side.PARTNER, "部長 見本", "役員会")
    version = ExpectationRound.objects.get(pk=stored.pk).version
    confirm_rows(
        round_=round_,
        side=Side.OWN,
        rows=[row.pk],
        confirmer=Confirmer(name="課長", confirmed_on=today),
        by=editor,
        version=version,
        now=now,
        today=today,
    )
    assert "双方の確認まで終わりました" in visitor(link).get(home(link)).content.decode()


def test_progress_is_reported_by_figure_text_and_photo(agreement, contact, editor):
    link = ShareLinkFactory(
        agreement=agreement, contact=contact, created_by=editor, purpose=SharePurpose.PROGRESS
    )
    client = visitor(link)
    action = agreement.actions.get()
    prefix = f"a{action.pk}"
    wrong = {"sender": "見本", "send": "1", f"{prefix}-on": "令和99年1月1日", f"{prefix}-value": "たくさん"}
    page = client.post(home(link), wrong)
    assert set(page.context["form"].errors) == {f"{prefix}-on", f"{prefix}-value"}
    assert client.post(home(link), {"sender": "見本", "send": "1"}).context["form"].non_field_errors()
    right = {
        "sender": "見本",
        "send": "1",
        f"{prefix}-value": "１，２００",
        f"{prefix}-text": "配り終えた",
        f"{prefix}-files": SimpleUploadedFile("配布.pdf", pdf()),
    }
    assert client.post(home(link), right).url.endswith("?sent=1")
    sent = CompanySubmission.objects.get()
    today = timezone.localdate().isoformat()
    assert sent.payload["actions"] == {str(action.pk): {"on": today, "value": "1200", "text": "配り終えた"}}
    assert ShareFile.objects.get().about == action.pk


def test_page_has_the_same_queries_for_more_rows(agreement, contact, editor, assert_same_queries):
    link = ShareLinkFactory(
        agreement=agreement, contact=contact, created_by=editor, purpose=SharePurpose.PROGRESS
    )
    client = visitor(link)
    assert_same_queries(lambda: ActionItemFactory(agreement=agreement), lambda: client.get(home(link)))


def test_nothing_of_the_company_changes_the_record_or_the_links_count(link, round_):
    client = visitor(link)
    for _ in range(3):
        client.get(home(link))
    assert ShareLink.objects.get(pk=link.pk).uses == 1


def test_comment_goes_into_the_annual_report_when_staff_take_it_over(
    agreement, contact, editor, editor_client
):
    link = ShareLinkFactory(
        agreement=agreement, contact=contact, created_by=editor, purpose=SharePurpose.REPORT
    )
    client = visitor(link)
    assert "いまお願いしていることはありません" in client.get(home(link)).content.decode()
    action = agreement.actions.get()
    report = AnnualReportFactory(agreement=agreement, issues="内部だけの課題")
    other = ActionItemFactory(agreement=agreement, partner_contact=CompanyContactFactory())
    for each, title in ((action, "自社の取組"), (other, "他社の取組")):
        AnnualReportLine.objects.create(report=report, action=each, order=each.pk, title=title)
    text = client.get(home(link)).content.decode()
    assert "自社の取組" in text
    assert "他社の取組" not in text
    assert "内部だけの課題" not in text
    data = {"sender": "窓口 花子", "comment": "来年度も続けたい", "confirmed_on": "R1.5.1", "send": "1"}
    assert client.post(home(link), data).url.endswith("?sent=1")
    report.refresh_from_db()
    assert report.partner_comment == ""
    sent = CompanySubmission.objects.get()
    url = reverse("agreements:company-comment", args=[sent.pk])
    assert url in editor_client.get(reverse("agreements:today")).content.decode()
    assert "来年度も続けたい" in editor_client.get(url).content.decode()
    editor_client.post(url, {"accept": "1"})
    report.refresh_from_db()
    assert (report.partner_comment, str(report.partner_confirmed_on)) == ("来年度も続けたい", "2019-05-01")
    editor_client.post(reverse("agreements:company-report-undo", args=[sent.pk]))
    report.refresh_from_db()
    assert (report.partner_comment, report.partner_confirmed_on) == ("", None)
