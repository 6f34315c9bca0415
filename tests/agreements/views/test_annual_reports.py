import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.actions import annual_reports as verbs
from agreements.choices import NoticeKind, ReportState
from agreements.models import AnnualReport, ReportDeadline
from agreements.notifications import collect_due
from municipalities.models import AuditEvent
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    AnnualReportLineFactory,
    CompanyFactory,
    PartyFactory,
    ReportDeadlineFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(fukuoka, editor, today):
    agreement = AgreementFactory(
        municipality=fukuoka, department=editor.department, signed_on=date(2020, 9, 23), title="見本の協定"
    )
    PartyFactory(agreement=agreement, company=CompanyFactory(name="見本電力"))
    return agreement


@pytest.fixture
def ready(agreement):
    report = AnnualReportFactory(
        agreement=agreement, fiscal_year=2025, next_policy="来年も続ける", issues="人手が足りない"
    )
    AnnualReportLineFactory(
        report=report,
        title="公開の取組",
        evaluation="as_planned",
        target_value=120,
        result_value=90,
        unit="人",
        effect_yen=1_234_567,
        effect_method="単価×人数",
        settled_yen=300_001,
        funding="municipal_budget",
        is_public=True,
    )
    AnnualReportLineFactory(report=report, title="内部の取組", evaluation="delayed", settled_yen=20)
    return report


@pytest.fixture
def accepted(ready, editor, manager, today):
    verbs.submit_report(report=ready, by=editor, today=today)
    return verbs.accept_report(report=ready, by=manager, today=today)


def url(name, *args):
    return reverse(f"agreements:{name}", args=args)


def form_data(page, **changes):
    """What the browser would send back from the form."""
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    rows = form.rows
    data |= {f"{rows.prefix}-TOTAL_FORMS": len(rows.forms), f"{rows.prefix}-INITIAL_FORMS": 0}
    for row in rows.forms:
        for name in row.fields:
            value = row[name].value()
            if value not in (None, "", False):
                data[row.add_prefix(name)] = value
    return data | changes


def test_report_goes_from_draft_to_acceptance_in_the_browser(
    editor_client, manager_client, agreement, manager
):
    ActionItemFactory(agreement=agreement, title="出張健診", due_on=date(2026, 3, 31))
    response = editor_client.post(url("report-begin", agreement.pk, 2025))
    report = AnnualReport.objects.get()
    assert response.url == url("report-update", report.pk)
    page = editor_client.get(response.url)
    data = form_data(
        page,
        **{
            "next_policy": "回数を増やす",
            "partner_confirmed_on": "令和8年5月20日",
            "lines-0-evaluation": "as_planned",
            "lines-0-effect_yen": "１，０００円",
            "lines-0-settled_yen": "500,000",
        },
    )
    again = editor_client.post(response.url, data)
    assert "効果額の算定方法を入力してください。" in again.content.decode()
    assert "回数を増やす" in again.content.decode()
    data["lines-0-effect_method"] = "単価×人数"
    assert editor_client.post(response.url, data).status_code == 302
    line = report.lines.get()
    assert (line.effect_yen, line.settled_yen) == (1000, 500_000)
    editor_client.post(url("report-submit", report.pk))
    assert "受理を待つ年度実績報告" in manager_client.get(url("today")).content.decode()
    assert editor_client.post(url("report-accept", report.pk)).status_code == 403
    manager_client.post(url("report-accept", report.pk))
    report.refresh_from_db()
    assert (report.state, report.decided_by) == (ReportState.ACCEPTED, manager)
    assert (
        "提出した報告は、書き換えられません"
        in editor_client.get(url("report-update", report.pk), follow=True).content.decode()
    )


def test_numbers_without_a_unit_are_refused_at_the_field(editor_client, ready):
    page = editor_client.get(url("report-update", ready.pk))
    data = form_data(page, **{"lines-0-unit": "", "lines-1-result_value": "多い"})
    response = editor_client.post(url("report-update", ready.pk), data)
    rows = response.context["form"].rows.forms
    assert "単位を入力してください" in str(rows[0].errors["unit"])
    assert "数字で入力してください" in str(rows[1].errors["result_value"])


def test_second_writer_sees_both_versions(editor_client, ready):
    page = editor_client.get(url("report-update", ready.pk))
    later = timezone.now() + timedelta(minutes=1)
    AnnualReport.objects.filter(pk=ready.pk).update(issues="先に書いた課題", updated_at=later)
    response = editor_client.post(url("report-update", ready.pk), form_data(page, issues="後の課題"))
    assert response.status_code == 409
    html = response.content.decode()
    assert "先に書いた課題" in html
    assert "後の課題" in html


def test_return_without_a_reason_is_refused_and_the_reason_is_shown(
    manager_client, editor_client, ready, editor
):
    verbs.submit_report(report=ready, by=editor, today=date(2026, 10, 1))
    response = manager_client.post(url("report-return", ready.pk), {"reason": ""}, follow=True)
    assert "差戻しの理由を入力してください。" in response.content.decode()
    manager_client.post(url("report-return", ready.pk), {"reason": "決算額を確かめてください"})
    assert "決算額を確かめてください" in editor_client.get(url("report-update", ready.pk)).content.decode()


def test_correction_begins_a_new_version(editor_client, accepted):
    response = editor_client.post(url("report-correct", accepted.pk), {"reason": "金額の誤り"})
    second = AnnualReport.objects.get(version=2)
    assert response.url == url("report-update", second.pk)
    assert "（第2版）" in editor_client.get(second.get_absolute_url()).content.decode()


def test_numbers_agree_to_the_yen_on_page_sheet_print_and_summary(
    viewer_client, accepted, text_of, print_fonts
):
    page = viewer_client.get(accepted.get_absolute_url())
    summary = viewer_client.get(url("report-summary"), {"year": "2025"})
    for html in (page.content.decode(), summary.content.decode()):
        assert "1,234,567" in html
        assert "300,021" in html
    assert (summary.context["summary"].partner_count, summary.context["totals"].convertible) == (1, 1)
    pdf = text_of(viewer_client.get(url("report-print", accepted.pk)).content)
    assert "1,234,567円" in pdf
    assert "300,021円" in pdf
    assert "75％" in pdf
    book = openpyxl.load_workbook(io.BytesIO(viewer_client.get(url("report-export", accepted.pk)).content))
    cells = [cell.value for row in book.active.iter_rows() for cell in row]
    assert 1_234_567 in cells
    assert "300,021円" in cells
    sheet = viewer_client.get(url("report-summary-export"), {"year": "2025"}).content
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True))
    assert (1, 2, 1, 1_234_567, 300_021) in [row[:5] for row in rows]


def test_public_version_leaves_out_what_is_internal(viewer_client, accepted, text_of, print_fonts):
    response = viewer_client.get(url("report-print", accepted.pk), {"for": "public"})
    pdf = text_of(response.content)
    book = openpyxl.load_workbook(
        io.BytesIO(viewer_client.get(url("report-export", accepted.pk), {"for": "public"}).content)
    )
    sheet = " ".join(str(cell.value) for row in book.active.iter_rows() for cell in row)
    for told in (pdf, sheet):
        assert "公開の取組" in told
        assert "単価×人数" in told
        for word in (
            "内部の取組",
            "人手が足りない",
            "300,0",
            "自治体予算",
            accepted.submitted_by.name,
            "内部用",
        ):
            assert word not in told
    assert AuditEvent.objects.filter(details_text__contains="公開用").count() == 2


def test_text_never_becomes_a_formula(viewer_client, ready):
    line = ready.lines.first()
    line.title = '=HYPERLINK("http://example.invalid","x")'
    line.save()
    book = openpyxl.load_workbook(io.BytesIO(viewer_client.get(url("report-export", ready.pk)).content))
    cells = [cell for row in book.active.iter_rows() for cell in row if str(cell.value).startswith("=HYP")]
    assert [cell.data_type for cell in cells] == ["s"]


def test_today_and_agreement_tell_what_is_owed_until_it_is_handed_in(
    editor_client, agreement, ready, editor, today
):
    html = editor_client.get(url("today")).content.decode()
    assert "令和7年度の実績報告" in html
    assert "令和8年5月31日" in html
    assert "提出期限は" in editor_client.get(agreement.get_absolute_url()).content.decode()
    verbs.submit_report(report=ready, by=editor, today=today)
    assert "令和7年度の実績報告 <span" not in editor_client.get(url("today")).content.decode()


@pytest.mark.parametrize(
    ("day", "stages"),
    [
        (date(2026, 4, 30), []),
        (date(2026, 5, 1), [30]),
        (date(2026, 5, 25), [7]),
        (date(2026, 5, 31), [7]),
        (date(2026, 6, 1), [-1]),
    ],
)
def test_notice_comes_before_the_deadline_and_after_it(agreement, editor, day, stages):
    due = [each for each in collect_due(day) if each.due.kind == NoticeKind.REPORT]
    assert [each.due.stage for each in due if each.recipient == editor.pk] == stages


def test_deadline_is_the_municipalitys_own(manager_client, agreement, editor):
    response = manager_client.post(url("report-deadline"), {"month": "2", "day": "30"})
    assert "この月にない日です。" in response.content.decode()
    manager_client.post(url("report-deadline"), {"month": "６", "day": "30"})
    assert str(ReportDeadline.objects.get()) == "6月30日"
    due = [each for each in collect_due(date(2026, 6, 1)) if each.due.kind == NoticeKind.REPORT]
    assert {(each.due.due_on, each.due.stage) for each in due} == {(date(2026, 6, 30), 30)}


def test_summary_needs_as_many_queries_for_many_agreements(
    viewer_client, fukuoka, today, assert_same_queries
):
    def add():
        agreement = AgreementFactory(municipality=fukuoka, signed_on=date(2020, 4, 1))
        person = StaffMemberFactory(municipality=fukuoka)
        report = AnnualReportFactory(agreement=agreement, fiscal_year=2025, next_policy="続ける")
        AnnualReportLineFactory(report=report, evaluation="as_planned")
        verbs.submit_report(report=report, by=person, today=today)
        verbs.accept_report(report=report, by=person, today=today)

    assert_same_queries(add, lambda: viewer_client.get(url("report-summary")))


def test_summary_takes_senseless_years_for_the_newest(viewer_client, today):
    for year in ("", "x", "99999", "2099", "0001"):
        assert viewer_client.get(url("report-summary"), {"year": year}).context["summary"].year == 2025


def test_deadline_row_is_one_for_each_municipality(fukuoka):
    assert str(ReportDeadlineFactory(municipality=fukuoka)) == "5月31日"
