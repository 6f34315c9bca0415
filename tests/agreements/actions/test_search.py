"""Whatever changes what an agreement says or who may see it, the index follows."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from agreements.actions import owners, search
from agreements.actions.register import delete_agreement, restore_agreement
from agreements.models import Agreement, SearchDocument
from municipalities.models import MunicipalityFormerName
from tests.factories.agreements import AgreementFactory, PartyFactory
from tests.factories.municipalities import DepartmentFactory, MunicipalityFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return StaffMemberFactory(manager=True)


@pytest.fixture
def agreement(manager):
    department = DepartmentFactory(municipality=manager.municipality, name="企画課")
    return AgreementFactory(municipality=manager.municipality, department=department, whole=True)


def found(word, user):
    return set(Agreement.objects.matching(word, user))


def in_step():
    return not SearchDocument.objects.repair()


def test_a_deleted_agreement_is_found_again_after_its_restoration(agreement, manager):
    delete_agreement(agreement=agreement)
    assert not found("観光", manager)
    assert in_step()
    restore_agreement(agreement=agreement)
    assert found("観光", manager) == {agreement}
    assert in_step()


def test_a_renamed_department_finds_its_agreements_by_the_new_name(agreement, manager):
    related = DepartmentFactory(municipality=manager.municipality, name="広報課")
    agreement.related_departments.add(related)
    for department, name in ((agreement.department, "未来政策課"), (related, "魅力発信室")):
        department.name = name
        department.save()
        assert found(name, manager) == {agreement}
    assert in_step()


def test_municipalities_are_found_by_new_and_former_names(agreement, manager):
    body = MunicipalityFactory(name="平成市", name_kana="へいせいし")
    PartyFactory(agreement=agreement, municipality=body)
    body.name, body.name_kana = "令和市", "れいわし"
    body.save()
    assert found("令和市", manager) == {agreement}
    former = MunicipalityFormerName.objects.create(
        municipality=body, name="昭和村", name_kana="しょうわむら", until=date(2024, 4, 1)
    )
    assert found("昭和村", manager) == {agreement}
    former.delete()
    assert not found("昭和村", manager)
    assert in_step()


def test_reorganisation_and_its_undoing_reach_the_index(agreement, manager):
    successor = DepartmentFactory(municipality=manager.municipality, name="総合政策局")
    change = owners.reorganise(
        predecessor=agreement.department, successor=successor, on=date(2027, 4, 1), by=manager
    )
    assert found("総合政策局", manager) == {agreement}
    assert in_step()
    owners.undo_owner_change(change=change, by=manager)
    assert found("企画課", manager) == {agreement}
    assert in_step()


def test_names_of_many_agreements_are_left_to_the_queue(
    agreement, monkeypatch, django_capture_on_commit_callbacks
):
    queued = []
    monkeypatch.setattr(search, "AT_ONCE", 0)
    monkeypatch.setattr(search, "async_task", lambda *call: queued.append(call))
    with django_capture_on_commit_callbacks(execute=True):
        agreement.department.name = "未来政策課"
        agreement.department.save()
    assert queued == [("agreements.tasks.refresh_search", [agreement.pk])]


def test_drift_is_told_in_the_log(agreement, caplog):
    assert not search.repair_index()
    assert not caplog.records
    Agreement.objects.filter(pk=agreement.pk).update(title="静かな変更")
    assert search.repair_index().outdated == 1
    assert "search index had drifted: 1 documents outdated" in caplog.text


def test_rebuild_search_tells_its_progress(agreement, manager):
    SearchDocument.objects.all().delete()
    out = StringIO()
    call_command("rebuild_search", stdout=out)
    assert "1 / 1" in out.getvalue()
    assert found("観光", manager) == {agreement}
    Agreement.objects.filter(pk=agreement.pk).update(title="静かな変更")
    out = StringIO()
    call_command("rebuild_search", "--check", stdout=out)
    assert "確認 1件、直したずれ 1件、直した抜け 0件" in out.getvalue()
