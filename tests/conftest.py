"""What every test may use: people of each role with their clients, a fixed day, query counts.

The suite runs on the database of `DATABASE_URL` (SQLite without it), alone or with `pytest -n auto`.
"""

import subprocess
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.actions.amendments import start_amendment
from agreements.actions.annual_reports import submit_report
from agreements.choices import AgreementState, ExpectationRoundState, NoticeKind, SubmissionKind
from agreements.models import DepartmentOpinion, IntakeCriterion, Notice, OwnerChange, SigningCeremony
from agreements.printing.font_build import build_print_fonts
from agreements.printing.fonts import font_dir
from municipalities.models import Municipality, StaffMember
from tests.audit_triggers import emptied_past_the_audit_triggers  # noqa: F401  (a fixture of every test)
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    AnnualReportFactory,
    ApiTokenFactory,
    BackgroundJobFactory,
    ClauseFactory,
    CompanyContactFactory,
    CompanyFactory,
    CompanyMergeFactory,
    CompanySubmissionFactory,
    DepartmentFactory,
    DiagnosisResponseFactory,
    DisposalListFactory,
    DocumentFactory,
    ExpectationRoundFactory,
    ExpectationRowFactory,
    FairnessLinkFactory,
    JobFileFactory,
    LedgerImportFactory,
    MeetingFactory,
    MeetingTaskFactory,
    MunicipalityFactory,
    PlanChangeFactory,
    PlanFactory,
    PlanItemFactory,
    PlanLinkFactory,
    ProgressEntryFactory,
    RestartFactory,
    SavedViewFactory,
    ShareFileFactory,
    ShareLinkFactory,
    StaffMemberFactory,
    TextVersionFactory,
    WebhookDeliveryFactory,
    WebhookEndpointFactory,
)

# No deadline: parallel tests slow each other down at any moment. `--hypothesis-profile=ci` tries harder.
hypothesis.settings.register_profile("dev", max_examples=60, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=400, deadline=None, print_blob=True)
hypothesis.settings.load_profile("dev")


def pytest_report_header() -> str:
    return f"database: {settings.DATABASES['default']['ENGINE'].rsplit('.', 1)[-1]}"


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what touches the database: the run on PostgreSQL leaves out what cannot differ there."""
    fixtures = {"db", "transactional_db", "django_db_setup", "live_server"}
    for item in items:
        if item.get_closest_marker("django_db") or fixtures & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


# -- Time ---------------------------------------------------------------------------------------------
@pytest.fixture
def today() -> date:
    """Stops the clock at 10:00 of 令和8年10月1日 in Japan, the day of the examples in the domain pack."""
    with time_machine.travel(datetime(2026, 10, 1, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo")), tick=False):
        yield date(2026, 10, 1)


# -- People -------------------------------------------------------------------------------------------
@pytest.fixture
def fukuoka(db) -> Municipality:
    return MunicipalityFactory(fukuoka=True)


@pytest.fixture
def obuse(db) -> Municipality:
    return MunicipalityFactory(obuse=True)


@pytest.fixture
def viewer(fukuoka) -> StaffMember:
    return StaffMemberFactory(viewer=True, municipality=fukuoka)


@pytest.fixture
def editor(fukuoka) -> StaffMember:
    return StaffMemberFactory(editor=True, municipality=fukuoka)


@pytest.fixture
def manager(fukuoka) -> StaffMember:
    return StaffMemberFactory(manager=True, municipality=fukuoka)


@pytest.fixture
def neighbour(obuse) -> StaffMember:
    """A manager of another municipality: has every right there and none here."""
    return StaffMemberFactory(manager=True, municipality=obuse)


@pytest.fixture
def system_admin(db) -> StaffMember:
    return StaffMemberFactory(system_admin=True)


@pytest.fixture
def people(fukuoka, obuse) -> dict[str, StaffMember]:
    """One of each role: of 福岡市, where `colleague` edits in another 課 than `editor`, and of 小布施町."""
    section = DepartmentFactory(municipality=fukuoka)
    return {
        "viewer": StaffMemberFactory(viewer=True, municipality=fukuoka, department=section),
        "colleague": StaffMemberFactory(editor=True, municipality=fukuoka),
        "editor": StaffMemberFactory(editor=True, municipality=fukuoka, department=section),
        "manager": StaffMemberFactory(manager=True, municipality=fukuoka),
        "other_viewer": StaffMemberFactory(viewer=True, municipality=obuse),
        "other_editor": StaffMemberFactory(editor=True, municipality=obuse),
        "other_manager": StaffMemberFactory(manager=True, municipality=obuse),
        "system_admin": StaffMemberFactory(system_admin=True),
    }


@pytest.fixture
def rows(people) -> dict[str, Model]:
    """What a URL can be about: rows of 福岡市 and of the 課 of `people["editor"]`."""
    ours = {"municipality": people["editor"].municipality, "department": people["editor"].department}
    company = CompanyFactory()
    private = AgreementFactory(whole=True, **ours)
    private.note = "変更した備考"
    private.save()
    ended = AgreementFactory.create_batch(2, disposable=True, **ours)
    contact = CompanyContactFactory(municipality=ours["municipality"], company=company)
    disposal_list = DisposalListFactory(municipality=ours["municipality"], agreements=ended)
    prepared = AgreementFactory(whole=True, draft=True, state=AgreementState.NEGOTIATING, **ours)
    SigningCeremony.objects.create(agreement=prepared, held_on=date(2026, 10, 1), place="市役所")
    job = BackgroundJobFactory(municipality=ours["municipality"], by=people["editor"])
    opinion = DepartmentOpinion.objects.create(
        agreement=prepared,
        department=people["colleague"].department,
        question="ご意見を伺います。",
        asked_on=date(2026, 9, 1),
        due_on=date(2026, 9, 15),
    )
    published = AgreementFactory(whole=True, published=True, **ours)
    share_link = ShareLinkFactory(
        agreement=private, contact=contact, created_by=people["editor"], code_by_phone=True
    )
    report = CompanySubmissionFactory(
        agreement=private,
        round=None,
        kind=SubmissionKind.PROGRESS,
        contact=contact,
        payload={
            "actions": {
                str(private.actions.get().pk): {"on": "2026-09-01", "value": "12", "text": "配り始めた"}
            }
        },
    )
    opened = ExpectationRoundFactory(
        agreement__whole=True, opened=True, **{f"agreement__{k}": v for k, v in ours.items()}
    )
    plan = PlanFactory(municipality=ours["municipality"])
    plan_item = PlanItemFactory(plan=plan)
    submitted = AnnualReportFactory(agreement=private, fiscal_year=2024, next_policy="続ける")
    submit_report(report=submitted, by=people["editor"], today=date(2026, 10, 1))
    action = ActionItemFactory(agreement=private)
    return {
        "private": private,
        "share_link": share_link,
        "company_report": report,
        "company_comment": CompanySubmissionFactory(
            agreement=private,
            round=None,
            kind=SubmissionKind.COMMENT,
            contact=contact,
            payload={"report": 0, "comment": "来年度も続けたい", "confirmed_on": "2026-09-01"},
        ),
        "share_file": ShareFileFactory(link=share_link, submission=report),
        "worksheet": ExpectationRoundFactory(agreement=private),
        "opened_worksheet": opened,
        "worksheet_row": ExpectationRowFactory(round=opened),
        "confirmed_worksheet": ExpectationRoundFactory(
            agreement=opened.agreement, opened=True, state=ExpectationRoundState.CONFIRMED
        ),
        "submission": CompanySubmissionFactory(round=opened),
        "api_token": ApiTokenFactory(municipality=ours["municipality"]),
        "action": action,
        "deleted_action": ActionItemFactory(agreement=private, deleted_at=timezone.now()),
        "progress": ProgressEntryFactory(action=action),
        "deleted_progress": ProgressEntryFactory(action=action, deleted_at=timezone.now()),
        "meeting": MeetingFactory(agreement=private),
        "deleted_meeting": MeetingFactory(agreement=private, deleted_at=timezone.now()),
        "meeting_task": MeetingTaskFactory(meeting__agreement=private),
        "document": DocumentFactory(agreement=private),
        "deleted_document": DocumentFactory(agreement=private, deleted_at=timezone.now()),
        "hidden_document": DocumentFactory(agreement=published),
        "public_document": DocumentFactory(agreement=published, is_public=True),
        "amendment": start_amendment(
            agreement=AgreementFactory(whole=True, **ours),
            reason="連携の範囲を広げる",
            by=people["editor"],
            version=1,
            today=date(2026, 10, 1),
        ),
        "prepared": prepared,  # not signed yet; the 課 of `people["colleague"]` is asked
        "opinion": opinion,
        "notice": Notice.objects.create(
            recipient=people["editor"],
            agreement=private,
            kind=NoticeKind.NO_MEETING,
            object_id=private.pk,
            due_on=date(2026, 4, 1),
            stage=-1,
            created_on=date(2026, 4, 2),
        ),
        "ledger_import": LedgerImportFactory(municipality=ours["municipality"], by=people["editor"]),
        "job": job,
        "job_file": JobFileFactory(job=job),
        "saved_view": SavedViewFactory(owner=people["editor"]),
        "deleted_view": SavedViewFactory(owner=people["editor"], deleted_at=timezone.now()),
        "clause": ClauseFactory(municipality=ours["municipality"]),
        "text_version": TextVersionFactory(agreement=prepared),
        "criterion": IntakeCriterion.objects.create(municipality=ours["municipality"], text="営業でない"),
        "change": private.history.first(),
        "fairness_link": FairnessLinkFactory(action__agreement=private, meeting__agreement=private),
        "restart": RestartFactory(agreement=private),
        "response": DiagnosisResponseFactory(agreement=private),
        "person": people["viewer"],
        "section": people["colleague"].department,
        "owner_change": OwnerChange.objects.create(
            municipality=ours["municipality"], summary="担当の引継ぎ", by=people["manager"]
        ),
        "plan": plan,
        "deleted_plan": PlanFactory(municipality=ours["municipality"], deleted_at=timezone.now()),
        "plan_item": plan_item,
        "deleted_plan_item": PlanItemFactory(plan=plan, deleted_at=timezone.now()),
        "plan_link": PlanLinkFactory(agreement=private, plan_item=plan_item),
        "plan_change": PlanChangeFactory(plan=plan),
        "report": AnnualReportFactory(agreement=private, fiscal_year=2025),
        "submitted_report": submitted,
        "published_report": AnnualReportFactory(agreement=published, fiscal_year=2025),
        "managed_contact": contact,  # on pages whose 403 tells of the role alone
        "disposal_list": disposal_list,
        "disposal_item": disposal_list.items.first(),
        "published": published,
        "deleted": AgreementFactory(whole=True, deleted_at=timezone.now(), **ours),
        "company": company,
        "company_merge": CompanyMergeFactory(source__deleted_at=timezone.now()),
        "webhook": WebhookEndpointFactory(municipality=ours["municipality"]),
        "webhook_delivery": WebhookDeliveryFactory(endpoint__municipality=ours["municipality"]),
        "deleted_webhook": WebhookEndpointFactory(
            municipality=ours["municipality"], deleted_at=timezone.now()
        ),
        "deleted_company": CompanyFactory(deleted_at=timezone.now()),
        "contact": contact,
    }


def client_of(member: StaffMember) -> Client:
    """A browser in which this person is logged in."""
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def viewer_client(viewer) -> Client:
    return client_of(viewer)


@pytest.fixture
def editor_client(editor) -> Client:
    return client_of(editor)


@pytest.fixture
def manager_client(manager) -> Client:
    return client_of(manager)


@pytest.fixture
def neighbour_client(neighbour) -> Client:
    return client_of(neighbour)


@pytest.fixture
def system_admin_client(system_admin) -> Client:
    return client_of(system_admin)


# -- Queries ------------------------------------------------------------------------------------------
@pytest.fixture
def assert_same_queries() -> Callable[[Callable[[], object], Callable[[], object]], None]:
    """`assert_same_queries(add_row, visit)`: `visit()` needs as many queries with 3 rows as with 1."""

    def check(add_row: Callable[[], object], visit: Callable[[], object]) -> None:
        add_row()
        visit()  # fills what the process keeps, such as content types
        with CaptureQueriesContext(connection) as with_one:
            visit()
        add_row()
        add_row()
        with CaptureQueriesContext(connection) as with_three:
            visit()
        assert len(with_three) == len(with_one), _difference(with_one, with_three)

    return check


def _difference(with_one: CaptureQueriesContext, with_three: CaptureQueriesContext) -> str:
    known = [query["sql"] for query in with_one]
    further = [query["sql"][:400] for query in with_three if query["sql"] not in known]
    return "\n".join([f"{len(with_one)} queries with 1 row, {len(with_three)} with 3:", *further])


# -- Print --------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def print_fonts() -> Path:
    """Where the fonts of the printouts are; built once per machine (10 s)."""
    build_print_fonts(font_dir())
    return font_dir()


@pytest.fixture
def text_of(tmp_path: Path) -> Callable[[bytes], str]:
    """The text a person selects and copies, as poppler's pdftotext sees it; without the breaks of lines."""

    def extract(pdf: bytes) -> str:
        file = tmp_path / "extract.pdf"
        file.write_bytes(pdf)
        raw = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, check=True).stdout
        return raw.decode().replace("\n", "")

    return extract
