"""公開, 訂正, 取下げ: what goes out is what a manager approved, and every change of it is seen."""

from datetime import date

import pytest

from agreements.actions import publication
from agreements.actions.publication import PublicationRefused, save_profile, standing_edition
from agreements.actions.register import ChangedMeanwhile
from agreements.choices import AgreementState, EditionKind, Publication, PublicField
from agreements.models import Agreement, PublicEdition, PublicProfile
from municipalities.choices import AuditKind
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory, StaffMemberFactory

TODAY = date(2026, 10, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(fukuoka):
    return AgreementFactory(whole=True, municipality=fukuoka, purpose="目的の文")


def publish(agreement, by, **values):
    version = Agreement.objects.get(pk=agreement.pk).version
    return publication.publish(agreement=agreement, by=by, version=version, today=TODAY, **values)


def test_publish_writes_an_edition_and_the_day(agreement, manager):
    edition = publish(agreement, manager)
    agreement.refresh_from_db()
    assert (agreement.publication, agreement.published_on) == (Publication.PUBLISHED, TODAY)
    assert (edition.number, edition.kind, edition.by) == (1, EditionKind.PUBLISHED, manager)
    assert edition.facts["purpose"] == "目的の文"
    assert standing_edition(agreement) == edition
    assert AuditEvent.objects.filter(kind=AuditKind.PUBLICATION, object_pk=str(agreement.pk)).exists()


def test_publish_is_for_managers_of_the_municipality(agreement, editor, neighbour):
    for person in (editor, neighbour, StaffMemberFactory(editor=True, department=agreement.department)):
        with pytest.raises(PublicationRefused):
            publish(agreement, person)
    agreement.refresh_from_db()
    assert (agreement.publication, agreement.version) == (Publication.PRIVATE, 1)


@pytest.mark.parametrize("state", ["proposed", "reviewing", "negotiating", "approving", "declined"])
def test_publish_refuses_what_is_not_signed(agreement, manager, state):
    Agreement.objects.filter(pk=agreement.pk).update(state=AgreementState(state))
    agreement.refresh_from_db()
    with pytest.raises(PublicationRefused, match="締結していない"):
        publish(agreement, manager)


def test_publish_of_what_someone_changed_meanwhile_is_refused(agreement, manager):
    with pytest.raises(ChangedMeanwhile):
        publication.publish(agreement=agreement, by=manager, version=7, today=TODAY)
    assert not PublicEdition.objects.exists()


def test_a_correction_needs_a_reason_and_says_what_changed(agreement, manager):
    publish(agreement, manager)
    with pytest.raises(PublicationRefused, match="変わったところはありません"):
        publish(agreement, manager)
    Agreement.objects.filter(pk=agreement.pk).update(title="直した名称", note="内部の備考")
    assert standing_edition(agreement).title != "直した名称"
    with pytest.raises(PublicationRefused, match="理由"):
        publish(agreement, manager)
    edition = publish(agreement, manager, reason="名称の誤記のため")
    assert (edition.number, edition.kind, edition.changed) == (2, EditionKind.CORRECTED, ["協定名称"])
    assert standing_edition(agreement) == edition


def test_withdraw_leaves_a_tombstone_and_publishing_again_takes_it_back(agreement, manager):
    publish(agreement, manager)
    agreement.refresh_from_db()
    common = {"agreement": agreement, "by": manager, "version": agreement.version, "today": TODAY}
    with pytest.raises(PublicationRefused, match="理由"):
        publication.withdraw(**common, reason="")
    grave = publication.withdraw(**common, reason="相手方の申出のため")
    assert standing_edition(agreement) is None
    assert (grave.kind, grave.payload, grave.search_text) == (EditionKind.WITHDRAWN, {}, "")
    assert publish(agreement, manager).number == 3


def test_prepare_and_back(agreement, editor):
    colleague = StaffMemberFactory(
        editor=True, municipality=agreement.municipality, department=agreement.department
    )
    with pytest.raises(PublicationRefused):
        publication.prepare(agreement=agreement, by=editor, version=1)
    assert publication.prepare(agreement=agreement, by=colleague, version=1).publication == "preparing"
    assert publication.unprepare(agreement=agreement, by=colleague, version=2).publication == "private"


def test_what_leaves_the_whitelist_leaves_the_public_pages_at_once(agreement, manager):
    publish(agreement, manager)
    assert PublicEdition.objects.standing().matching("目的の文").exists()
    profile = PublicProfile(municipality=agreement.municipality, fields=[PublicField.ITEMS.value])
    assert save_profile(profile=profile, by=manager, today=TODAY) == 1
    edition = standing_edition(agreement)
    assert "purpose" not in edition.facts
    assert edition.changed[-1] == "書類（「公開する」を選んだもの）"
    assert "目的" in edition.changed
    assert not PublicEdition.objects.standing().matching("目的の文").exists()
    assert save_profile(profile=profile, by=manager, today=TODAY) == 0


def test_a_deleted_agreement_is_not_public(agreement, manager):
    publish(agreement, manager)
    Agreement.objects.update(deleted_at="2026-10-02T00:00:00+09:00")
    assert not PublicEdition.objects.standing().exists()
