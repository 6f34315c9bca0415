"""個人情報の消去: what is known of the person is nowhere any more; that it was erased stands in the audit."""

from datetime import date

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from agreements.actions.personal_data import ERASED_NAME, erase_contact
from agreements.models import CompanyContact
from municipalities.choices import AuditKind
from municipalities.models import AuditEvent
from tests.agreements.actions.test_disposal import rows_that_mention
from tests.factories import CompanyContactFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)


@pytest.fixture
def contact(fukuoka, manager):
    contact = CompanyContactFactory(
        municipality=fukuoka, name="消去 花子", section="秘密部", title="秘密長", email="himitsu@example.jp"
    )
    contact.phone = "092-000-0000"
    contact._change_reason = "消去 花子さんから電話"
    contact.save()
    LogEntry.objects.create(
        user=manager,
        content_type=ContentType.objects.get_for_model(CompanyContact),
        object_id=str(contact.pk),
        object_repr=str(contact),
        action_flag=CHANGE,
    )
    return contact


def test_erase_contact_leaves_nothing_of_the_person(contact, manager):
    erase_contact(contact=contact, by=manager, today=TODAY, reason="本人の請求")
    for word in ("花子", "秘密", "himitsu", "092-000"):
        assert rows_that_mention(word) == []


def test_erase_contact_keeps_that_it_was_erased(contact, manager):
    erase_contact(contact=contact, by=manager, today=TODAY, reason="本人の請求")
    contact.refresh_from_db()
    assert contact.name == ERASED_NAME
    assert contact.erased_at
    assert contact.ended_on == TODAY
    newest = contact.history.first()
    assert newest.history_change_reason == "個人情報の消去"
    assert contact.history.count() == 3
    event = AuditEvent.objects.get(kind=AuditKind.ERASURE)
    assert (event.actor, event.object_label) == (manager, f"相手窓口 {contact.pk}")
    assert event.details == {"相手方": contact.company.name, "理由": "本人の請求"}


def test_erase_contact_twice_is_recorded_once(contact, manager):
    for _ in range(2):
        erase_contact(contact=contact, by=manager, today=TODAY, reason="本人の請求")
    assert AuditEvent.objects.filter(kind=AuditKind.ERASURE).count() == 1


def test_erased_contact_is_found_nowhere(contact, manager):
    erase_contact(contact=contact, by=manager, today=TODAY, reason="本人の請求")
    contacts = CompanyContact.objects
    assert not contacts.visible_to(manager)
    assert not contacts.editable_by(manager)
    assert not contacts.managed_by(manager)
    assert not contacts.current(TODAY)


def test_erase_contact_leaves_others_alone(contact, fukuoka, manager):
    other = CompanyContactFactory(municipality=fukuoka, name="別人 次郎")
    erase_contact(contact=contact, by=manager, today=TODAY, reason="本人の請求")
    other.refresh_from_db()
    assert (other.name, other.history.first().name) == ("別人 次郎", "別人 次郎")
