"""「今日の仕事」: half imported files, failed work, agreements to put in order, and the work 課 by 課."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.choices import JobState
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    BackgroundJobFactory,
    DepartmentFactory,
    LedgerImportFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def today_page(manager_client):
    return lambda: manager_client.get(reverse("agreements:today"))


def test_work_that_failed_leads_to_its_page(fukuoka, manager, editor, today_page):
    AgreementFactory(municipality=fukuoka)
    values = {"municipality": fukuoka, "state": JobState.FAILED, "finished_at": timezone.now()}
    job = BackgroundJobFactory(by=manager, title="見本の書き出し", **values)
    BackgroundJobFactory(by=editor, **values)  # somebody else's
    answer = today_page()
    assert answer.context["jobs_failed"] == [job]
    assert reverse("agreements:job-detail", args=[job.pk]) in answer.text


def test_a_file_sent_and_left_can_be_gone_on_with(fukuoka, manager, today_page):
    AgreementFactory(municipality=fukuoka)
    ledger = LedgerImportFactory(municipality=fukuoka, by=manager)
    answer = today_page()
    assert answer.context["imports_waiting"] == [ledger]
    assert f"{ledger.original_name}の取込みを続ける" in answer.text


def test_agreements_taken_over_wait_until_they_are_in_order(fukuoka, obuse, today_page, today):
    waiting = AgreementFactory(municipality=fukuoka, backfilled=True)
    AgreementFactory(municipality=fukuoka, backfilled=True, reviewed_on=today)
    AgreementFactory(municipality=fukuoka)
    AgreementFactory(municipality=obuse, backfilled=True)
    assert today_page().context["unprepared"] == [waiting]


def test_a_manager_sees_the_work_section_by_section(fukuoka, today_page, manager_client):
    busy, calm = DepartmentFactory(municipality=fukuoka), DepartmentFactory(municipality=fukuoka)
    first = AgreementFactory(municipality=fukuoka, department=busy)
    ActionItemFactory(agreement=first, due_on=date(2020, 1, 1))
    ActionItemFactory(agreement=first, due_on=date(2020, 1, 2), department=calm)
    AgreementFactory(municipality=fukuoka, department=busy)
    answer = today_page()
    kinds = answer.context["section_kinds"]
    work = {
        row.department: dict(zip(kinds, row.cells, strict=True)) for row in answer.context["section_work"]
    }
    assert list(work) == [busy, calm]
    assert work[busy]["期限超過の取組"][0] == work[busy]["取組なし"][0] == 1
    assert work[calm]["期限超過の取組"][0] == 1
    for cells in work.values():
        for count, url in cells.values():
            if count:
                assert len(manager_client.get(url).context["page_obj"].object_list) == count


def test_an_editor_has_no_table_of_sections(fukuoka, editor_client):
    AgreementFactory(municipality=fukuoka)
    assert editor_client.get(reverse("agreements:today")).context["section_work"] == []


def test_kinds_without_work_are_not_there(fukuoka, today_page):
    ActionItemFactory(agreement=AgreementFactory(municipality=fukuoka))
    text = today_page().text
    for anchor in ("jobs-failed", "imports-waiting", "unprepared", "sections"):
        assert f'id="{anchor}"' not in text


def test_today_needs_the_same_queries_for_all_of_it(fukuoka, manager, today_page, assert_same_queries):
    def add() -> None:
        section = DepartmentFactory(municipality=fukuoka)
        agreement = AgreementFactory(municipality=fukuoka, department=section, backfilled=True)
        ActionItemFactory(agreement=agreement, due_on=date(2020, 1, 1))
        LedgerImportFactory(municipality=fukuoka, by=manager)
        BackgroundJobFactory(
            municipality=fukuoka, by=manager, state=JobState.FAILED, finished_at=timezone.now()
        )

    assert_same_queries(add, today_page)
