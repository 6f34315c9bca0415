"""Bulk changes: row by row with reasons, in the history, undone for a week where nothing changed since."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django.asserts import assertContains, assertRedirects

from agreements import tasks
from agreements.actions import bulk as bulk_action
from agreements.actions.jobs import Run
from agreements.change_log import story
from agreements.choices import AgreementState, FieldCategory, JobState, Publication, RowOutcome
from agreements.jobs import bulk as bulk_job
from agreements.jobs import sheets as sheets_job
from agreements.models import Agreement, BackgroundJob
from municipalities.models import AuditEvent
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CooperationFieldFactory,
    DepartmentFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db
LIST = reverse("agreements:agreement-list")


@pytest.fixture
def bulk(django_capture_on_commit_callbacks):
    """Send a bulk change through its pages; returns the job, done."""

    def send(client, action, *, key="agreements", **data):
        url = reverse("agreements:list-bulk", args=[key])
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(url, {"action": action, "confirmed": "1", **data})
        assert response.status_code == 302, response.context["form"].errors
        return BackgroundJob.objects.latest("pk")

    return send


@pytest.fixture
def undo(django_capture_on_commit_callbacks):
    def send(client, job):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("agreements:job-undo", args=[job.pk]))
        return BackgroundJob.objects.latest("pk")

    return send


def outcomes(job) -> dict[str, str]:
    return dict(job.rows.values_list("label", "outcome"))


def joined(*rows) -> str:
    return ",".join(str(row.pk) for row in rows)


def test_bulk_bar_leads_to_a_page_that_says_what_will_happen(manager_client, fukuoka):
    rows = AgreementFactory.create_batch(3, municipality=fukuoka)
    url = reverse("agreements:list-bulk", args=["agreements"])
    response = manager_client.post(url, {"action": "assign", "row": [rows[0].pk, rows[1].pk], "query": ""})
    assertContains(response, "2件を変更する")
    response = manager_client.post(
        url, {"action": "assign", "everything": "3", "query": "kind=comprehensive"}
    )
    assertContains(response, "3件を変更する")
    response = manager_client.post(url, {"action": "assign", "query": "kind=comprehensive"})
    assertRedirects(response, f"{LIST}?kind=comprehensive")
    assert not BackgroundJob.objects.exists()


def test_bulk_assign_lists_each_row_and_is_in_history_and_audit(bulk, manager_client, manager, fukuoka):
    section = DepartmentFactory(municipality=fukuoka)
    person = StaffMemberFactory(municipality=fukuoka)
    moved = AgreementFactory(municipality=fukuoka, title="移す")
    same = AgreementFactory(municipality=fukuoka, title="同じ", department=section, person_in_charge=person)
    over = AgreementFactory(
        municipality=fukuoka,
        title="終了",
        state=AgreementState.ENDED,
        ended_reason="expired",
        backfilled=True,
    )
    foreign = AgreementFactory(title="よそ", published=True)
    job = bulk(
        manager_client,
        "assign",
        everything="4",
        query="scope=all",
        department=section.pk,
        person_in_charge=person.pk,
        reason="令和9年4月の異動",
    )
    assert job.state == JobState.DONE
    assert outcomes(job) == {"移す": "done", "同じ": "unchanged", "終了": "failed", "よそ": "failed"}
    assert job.rows.get(label="終了").message == "終了・見送りの協定の担当は変えられません。"
    changed = Agreement.objects.get(pk=moved.pk)
    assert (changed.department, changed.person_in_charge, changed.version) == (
        section,
        person,
        moved.version + 1,
    )
    assert story(changed)[0].reason == "令和9年4月の異動"
    assert moved.history.first().history_user == manager
    assert Agreement.objects.get(pk=foreign.pk).department != section
    assert AuditEvent.objects.filter(kind="bulk_change", details_text__contains="4").exists()
    assert same.history.count() == over.history.count() == 1


def test_bulk_undo_puts_back_all_but_what_was_changed_since(bulk, undo, manager_client, fukuoka):
    old, new, later = (DepartmentFactory(municipality=fukuoka) for _ in range(3))
    kept, back = (
        AgreementFactory(municipality=fukuoka, title=title, department=old) for title in ("後で変更", "戻す")
    )
    job = bulk(manager_client, "assign", rows=joined(kept, back), department=new.pk)
    changed = Agreement.objects.get(pk=kept.pk)
    changed.department = later
    changed.save()
    undone = undo(manager_client, job)
    assert outcomes(undone) == {"後で変更": RowOutcome.FAILED, "戻す": RowOutcome.DONE}
    assert Agreement.objects.get(pk=back.pk).department == old
    assert Agreement.objects.get(pk=kept.pk).department == later
    assert set(outcomes(undo(manager_client, job)).values()) == {RowOutcome.FAILED, RowOutcome.UNCHANGED}


def test_bulk_change_is_taken_back_within_a_week_by_who_ordered_it(
    bulk, undo, manager_client, editor_client, fukuoka
):
    section = DepartmentFactory(municipality=fukuoka)
    agreement = AgreementFactory(municipality=fukuoka)
    job = bulk(manager_client, "assign", rows=joined(agreement), department=section.pk)
    editor_client.post(reverse("agreements:job-undo", args=[job.pk]))
    BackgroundJob.objects.update(finished_at=timezone.now() - timedelta(days=8))
    undo(manager_client, job)
    assert BackgroundJob.objects.count() == 1
    assert Agreement.objects.get(pk=agreement.pk).department == section


def test_editors_change_only_what_they_may_edit(bulk, editor_client, editor, fukuoka):
    own = AgreementFactory(municipality=fukuoka, title="自課", department=editor.department)
    AgreementFactory(municipality=fukuoka, title="他課")
    person = StaffMemberFactory(municipality=fukuoka)
    job = bulk(editor_client, "assign", everything="2", person_in_charge=person.pk)
    assert outcomes(job) == {"自課": "done", "他課": "failed"}
    assert Agreement.objects.get(pk=own.pk).person_in_charge == person


def test_viewers_and_editors_are_refused_what_is_not_theirs(viewer_client, editor_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    url = reverse("agreements:list-bulk", args=["agreements"])
    for client, action in (
        (viewer_client, "assign"),
        (viewer_client, "category"),
        (editor_client, "publish"),
    ):
        assert client.post(url, {"action": action, "rows": agreement.pk}).status_code == 403


def test_bulk_category_changes_items_and_is_told_in_the_story(bulk, undo, manager_client, fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    tagged = CooperationFieldFactory(agreement=agreement, number=1, categories=[FieldCategory.TOURISM])
    bare = CooperationFieldFactory(agreement=agreement, number=2, categories=[])
    empty = AgreementFactory(municipality=fukuoka, title="項目なし")
    job = bulk(manager_client, "category", rows=joined(agreement, empty), category="10", mode="missing")
    assert outcomes(job) == {str(agreement): "done", "項目なし": "failed"}
    assert list(bare.categories.values_list("category", flat=True)) == ["10"]
    assert list(tagged.categories.values_list("category", flat=True)) == ["03"]
    assert "分野「防災・災害時支援」を付ける" in story(agreement)[0].reason
    undo(manager_client, job)
    assert not bare.categories.exists()
    assert tagged.categories.count() == 1


def test_bulk_publish_follows_the_rules_and_records_each(bulk, undo, manager_client, fukuoka):
    signed = AgreementFactory(municipality=fukuoka, title="締結済み")
    AgreementFactory(municipality=fukuoka, title="協議中", state=AgreementState.NEGOTIATING)
    job = bulk(manager_client, "publish", everything="2", publication="published")
    assert outcomes(job) == {"締結済み": "done", "協議中": "failed"}
    assert AuditEvent.objects.filter(kind="publication").count() == 1
    assert signed.public_editions.get().is_current
    undo(manager_client, job)
    # It was public for a while: a tombstone says so.
    assert Agreement.objects.get(pk=signed.pk).publication == Publication.WITHDRAWN
    assert [each.kind for each in signed.public_editions.order_by("number")] == ["published", "withdrawn"]


def test_bulk_assign_of_actions(bulk, undo, manager_client, fukuoka):
    section = DepartmentFactory(municipality=fukuoka)
    action = ActionItemFactory(agreement=AgreementFactory(municipality=fukuoka))
    job = bulk(manager_client, "assign", key="actions", rows=joined(action), department=section.pk)
    action.refresh_from_db()
    assert action.department == section
    undo(manager_client, job)
    action.refresh_from_db()
    assert action.department != section


def test_killed_job_goes_on_where_it_was_and_changes_nothing_twice(
    manager, fukuoka, monkeypatch, django_capture_on_commit_callbacks
):
    section = DepartmentFactory(municipality=fukuoka)
    rows = AgreementFactory.create_batch(3, municipality=fukuoka)
    with django_capture_on_commit_callbacks():
        job = bulk_action.order_bulk(
            list_key="agreements",
            action="assign",
            title="担当",
            rows=[row.pk for row in rows],
            values={"department": section.pk},
            reason="異動",
            by=manager,
        )
    change, seen = bulk_job.change_row, []

    def killed_at_the_second(**kwargs):
        seen.append(kwargs["pk"])
        if len(seen) == 2:
            raise SystemExit
        return change(**kwargs)

    monkeypatch.setattr(bulk_job, "change_row", killed_at_the_second)
    with pytest.raises(SystemExit):
        tasks.run_job(job.pk)
    assert job.rows.count() == 1
    BackgroundJob.objects.update(leased_until=timezone.now() - timedelta(minutes=1))
    assert tasks.run_waiting_jobs() == 1
    assert seen == [rows[0].pk, rows[1].pk, rows[1].pk, rows[2].pk]
    assert {row.history.count() for row in rows} == {2}


def test_sheets_of_many_agreements_are_one_pdf(bulk, viewer_client, fukuoka, print_fonts):
    rows = AgreementFactory.create_batch(2, municipality=fukuoka, title="見本協定")
    job = bulk(viewer_client, "sheets", rows=joined(*rows), form="internal", duplex="on")
    kept = job.files.get()
    pdf = PdfReader(BytesIO(kept.file.read()))
    assert len(pdf.pages) >= 2
    assert len([each for each in pdf.outline if not isinstance(each, list)]) == 2
    assert pdf.metadata.title == "協定シート（2件）"
    assert list(outcomes(job).values()) == [RowOutcome.DONE]  # both of one name
    assert AuditEvent.objects.filter(kind="print").count() == 1


def test_sheets_come_as_a_zip_with_the_choices_and_what_fails_is_named(
    bulk, manager_client, fukuoka, print_fonts, monkeypatch
):
    rows = [AgreementFactory(municipality=fukuoka, title=f"協定{n}/{n}") for n in (1, 2)]
    real = sheets_job.sheet_html
    monkeypatch.setattr(
        sheets_job,
        "sheet_html",
        lambda data: "<div>" * 2000 if data.title == "協定2/2" else real(data),
    )
    gone = AgreementFactory(municipality=fukuoka)
    everything = joined(*rows, gone)
    monkeypatch.setattr(
        "agreements.models.agreement.AgreementQuerySet.in_bulk",
        lambda found, keys: {each.pk: each for each in found.filter(pk__in=keys).exclude(pk=gone.pk)},
    )
    job = bulk(
        manager_client, "sheets", rows=everything, chosen="1", form="partner", package="zip", is_archive="on"
    )
    with ZipFile(job.files.get().file) as archive:
        (name,) = archive.namelist()
        pdf = PdfReader(BytesIO(archive.read(name)))
    assert name.endswith("_協定1_1.pdf")
    assert "内部用" not in pdf.pages[0].extract_text()
    data = json.loads(pdf.attachments["agreement.json"][0])
    assert data["title"] == "協定1/1"
    assert "filing" not in data
    failed = dict(job.rows.filter(outcome=RowOutcome.FAILED).values_list("object_id", "message"))
    assert set(failed) == {rows[1].pk, gone.pk}
    assert "組版できない" in failed[rows[1].pk]
    assert job.report["notes"]["印刷できなかった協定"].startswith("2件")


def test_wrong_choices_order_no_sheets(manager_client, fukuoka):
    row = AgreementFactory(municipality=fukuoka)
    order = {"action": "sheets", "confirmed": "1", "rows": str(row.pk), "chosen": "1", "form": "internal"}
    response = manager_client.post(
        reverse("agreements:list-bulk", args=["agreements"]),
        {**order, "package": "zip", "issued_on": "きのう"},
    )
    assert "issued_on" in response.context["form"].errors
    assert not BackgroundJob.objects.exists()


def test_cancelled_print_stops_its_processes_and_leaves_no_file(
    bulk, manager_client, fukuoka, print_fonts, monkeypatch
):
    row = AgreementFactory(municipality=fukuoka)
    advance = Run.advance

    def cancelled(run, *args, **kwargs):
        BackgroundJob.objects.update(cancel_requested_at=timezone.now())
        advance(run, *args, **kwargs)

    monkeypatch.setattr(Run, "advance", cancelled)
    job = bulk(manager_client, "sheets", rows=joined(row))
    assert job.state == JobState.CANCELLED
    assert not job.files.exists()
