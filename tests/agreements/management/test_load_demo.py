import io
from datetime import date

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from agreements.choices import PartyRole
from agreements.management.commands import load_demo
from agreements.management.commands._demo_samples import COMPANY, PROPOSED, RUNNING
from agreements.models import (
    ActionItem,
    Agreement,
    Company,
    CompanyContact,
    CompanySubmission,
    CooperationField,
    DepartmentOpinion,
    ExpectationAnswer,
    ExpectationRound,
    Meeting,
    MeetingTask,
    Party,
    PlanLink,
    ProgressEntry,
    Proposal,
)
from agreements.models.expectation_sheet import blocks_approval
from municipalities.models import Department, Municipality, Plan, StaffMember

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def development(settings):
    settings.DEBUG = True


def load(**options):
    output = io.StringIO()
    call_command("load_demo", stdout=output, **options)
    return output.getvalue()


def snapshot():
    """Every row of the product, history included."""
    models = [
        model for app in ("agreements", "municipalities") for model in apps.get_app_config(app).get_models()
    ]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


def test_load_demo_run_again_changes_nothing():
    load()
    before = snapshot()
    load()
    assert snapshot() == before
    assert Agreement.objects.count() == 9


def test_load_demo_keeps_what_people_changed_meanwhile():
    load()
    agreement = Agreement.objects.get(title__startswith="次世代型")
    agreement.title = "直した名称"
    agreement.save()
    editor = StaffMember.objects.get(username="obuse-editor")
    editor.set_password("another-password-1")
    editor.save()
    load()
    agreement.refresh_from_db()
    editor.refresh_from_db()
    assert agreement.title == "直した名称"
    assert editor.check_password("another-password-1")


def test_load_demo_is_refused_outside_development_unless_forced(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--force"):
        load()
    assert not StaffMember.objects.exists()
    output = load(force=True)
    assert StaffMember.objects.exists()
    # The password of the source code must never open an installation that others can reach.
    assert load_demo.PASSWORD not in output
    assert not Client().login(username="demo-admin", password=load_demo.PASSWORD)


def test_load_demo_keeps_made_up_work_away_from_real_agreements():
    load()
    samples = Agreement.objects.filter(title__startswith="（見本）")
    real = Agreement.objects.exclude(pk__in=samples)
    assert samples.count() == 2
    assert not samples.exclude(publication="private").exists()
    assert not ActionItem.objects.filter(agreement__in=real).exclude(target_value=None, funding="").exists()
    assert not ProgressEntry.objects.filter(action__agreement__in=real).exists()
    for model in (ExpectationRound, Meeting, Proposal, DepartmentOpinion, CompanySubmission):
        assert model.objects.exists()
        assert not model.objects.filter(agreement__in=real).exists()
    assert not Party.objects.filter(agreement__in=real, company__name=COMPANY).exists()


def test_every_word_of_a_sample_says_that_it_is_one():
    load()
    samples = Agreement.objects.filter(title__startswith="（見本）")
    texts = [
        text
        for model, names in (
            (Agreement, ("title", "purpose", "note", "renewal_text")),
            (CooperationField, ("text",)),
            (ActionItem, ("title", "budget_project", "result_text", "partner_in_charge")),
            (ProgressEntry, ("text",)),
            (Meeting, ("summary", "decisions")),
            (MeetingTask, ("what",)),
            (ExpectationAnswer, ("expects", "offers")),
            (Proposal, ("proposer", "summary")),
            (DepartmentOpinion, ("question",)),
        )
        for row in model.objects.all()
        for name in names
        if _agreement_of(row) in samples and (text := getattr(row, name))
    ]
    assert len(texts) > 20
    assert [text for text in texts if not text.startswith("（見本）")] == []
    contacts = CompanyContact.objects.all()
    assert [contact.name for contact in contacts if "デモ" not in contact.name] == []


def _agreement_of(row):
    if isinstance(row, Agreement):
        return row
    return row.meeting.agreement if isinstance(row, MeetingTask) else row.agreement


def test_samples_show_work_in_every_state():
    load()
    running = Agreement.objects.get(ledger_number=RUNNING)
    today = timezone.localdate()
    assert {action.state for action in running.actions.all()} == {"planned", "in_progress", "done"}
    assert [action.is_overdue(today) for action in running.actions.all()].count(True) == 1
    assert running.expectation_rounds.get().is_opened
    assert blocks_approval(running)
    assert Agreement.objects.get(ledger_number=PROPOSED).state == "reviewing"


@pytest.mark.parametrize("day", ["2026-04-01", "2027-03-31", "2028-02-29"])
def test_samples_are_sound_on_every_day_of_the_year(day, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: date.fromisoformat(day))
    load()
    assert Agreement.objects.filter(title__startswith="（見本）").count() == 2


def test_load_demo_fails_as_a_whole(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(load_demo, "register_agreement", broken)
    with pytest.raises(RuntimeError):
        load()
    assert not Municipality.objects.exists()
    assert not StaffMember.objects.exists()


def test_load_demo_prints_logins_that_work():
    output = load()
    for username in ("fukuoka-viewer", "obuse-editor", "saitama-manager", "demo-admin"):
        assert username in output
        assert Client().login(username=username, password=load_demo.PASSWORD)
    assert load_demo.PASSWORD in output


def test_load_demo_marks_what_is_made_up():
    load()
    assert all("（デモ）" in member.name for member in StaffMember.objects.all())
    assert all(
        number.startswith("デモ-") for number in Agreement.objects.values_list("ledger_number", flat=True)
    )
    made_up = Department.objects.exclude(name="都市戦略本部行財政改革推進部")
    assert all("（デモ）" in section.name for section in made_up)


def test_load_demo_registers_the_facts_and_invents_nothing():
    load()
    obuse = Agreement.objects.get(municipality__code="205419", ledger_number="デモ-2")
    parties = [(party.label, party.name, party.role) for party in obuse.parties.all()]
    assert parties == [
        ("甲", "小布施町", PartyRole.SIGNATORY),
        ("乙", "株式会社Goolight", PartyRole.SIGNATORY),
        ("丙", "自然電力株式会社", PartyRole.SIGNATORY),
        ("", "株式会社シグマクシス", PartyRole.PARTICIPANT),
    ]
    sendai = Agreement.objects.get(municipality__code="041009")
    assert sendai.kind == "intermunicipal"
    assert (sendai.auto_renew, sendai.renewal_months, sendai.notice_months) == (True, 12, 1)
    assert sendai.expires_on > sendai.first_expiry
    assert not sendai.cooperation_fields.exists()
    mukawa = Agreement.objects.get(municipality__code="015865")
    assert (mukawa.title, mukawa.first_expiry, mukawa.document_number) == ("", None, "")
    saitama = Agreement.objects.get(municipality__code="111007")
    assert saitama.actions.count() == 5
    assert Company.objects.get(name="株式会社ローソン").corporate_number == "2010701019195"


def test_load_demo_shows_tenancy():
    load()
    fukuoka = Agreement.objects.get(municipality__code="401307")
    neighbour = StaffMember.objects.get(username="obuse-manager")
    own = StaffMember.objects.get(username="fukuoka-editor")
    seen = Agreement.objects.visible_to(neighbour)
    assert fukuoka not in seen
    assert seen.exclude(title__contains="（見本）").count() == 6
    assert fukuoka in Agreement.objects.editable_by(own)
    assert fukuoka in Agreement.objects.matching("観光", own)


def test_load_demo_knows_the_plans_name_and_marks_what_it_made_up():
    load()
    plan = Plan.objects.get()
    assert (plan.name, plan.period, plan.municipality.name) == ("第六次総合計画", "", "小布施町")
    assert all("見本" in item.name and "デモ" in item.name for item in plan.items.all())
    assert PlanLink.objects.get().agreement.municipality == plan.municipality
