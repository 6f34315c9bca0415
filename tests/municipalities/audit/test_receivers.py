"""What records itself: logins and their failures, credentials, rights, publications, deletions."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.actions.register import delete_agreement, restore_agreement
from agreements.choices import Publication
from municipalities.audit.verification import first_fault
from municipalities.choices import AuditKind, Role
from municipalities.login import lockout
from municipalities.models import AuditChain, AuditEvent, StaffMember
from tests.factories import (
    PASSWORD,
    AgreementFactory,
    CompanyFactory,
    DepartmentFactory,
    StaffMemberFactory,
)

pytestmark = pytest.mark.django_db


def events(kind: AuditKind, **conditions) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(kind=kind, **conditions).order_by("chain", "sequence"))


def log_in(client: Client, username: str, password: str = PASSWORD):
    return client.post(
        reverse("account_login"), {"login": username, "password": password}, REMOTE_ADDR="192.0.2.9"
    )


# -- Logins -------------------------------------------------------------------------------------------
def test_login_and_logout_are_recorded(editor):
    client = Client()
    log_in(client, editor.username)
    client.post(reverse("account_logout"))
    (login,), (logout,) = events(AuditKind.LOGIN), events(AuditKind.LOGOUT)
    assert (login.actor, login.ip, login.chain.municipality) == (editor, "192.0.2.9", editor.municipality)
    assert logout.actor == editor


def test_failed_login_names_the_account_and_never_the_password(editor):
    log_in(Client(), editor.username.upper(), "himitsu-no-kotoba")
    (event,) = events(AuditKind.LOGIN_FAILED)
    assert (event.actor, event.object_pk, event.chain.municipality) == (
        None,
        str(editor.pk),
        editor.municipality,
    )
    assert "himitsu" not in str(vars(event))


def test_failed_login_with_an_unknown_name_keeps_it_in_outline_only(editor):
    log_in(Client(), "himitsu-no-kotoba", "x")
    (event,) = events(AuditKind.LOGIN_FAILED)
    assert event.chain.municipality is None
    assert event.details == {"入力された名前": "hi…（17文字）"}


def test_password_change_is_recorded(editor):
    client = Client()
    log_in(client, editor.username)
    new = "atarashii-Kotoba-2026"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), data)
    (event,) = events(AuditKind.CREDENTIAL_CHANGE)
    assert (event.actor, event.details["内容"]) == (editor, "パスワードを変更")
    assert new not in event.details_text


def test_unlocking_an_account_is_recorded(editor):
    log_in(Client(), editor.username, "falsch")
    lockout.unlock(editor)
    lockout.unlock(editor)  # nothing to forget any more
    (event,) = events(AuditKind.CREDENTIAL_CHANGE)
    assert event.object_pk == str(editor.pk)


# -- Rights -------------------------------------------------------------------------------------------
def test_new_person_is_recorded_with_the_rights_given(fukuoka):
    section = DepartmentFactory(municipality=fukuoka, name="健康課")
    member = StaffMemberFactory(municipality=fukuoka, department=section, role=Role.EDITOR)
    (event,) = events(AuditKind.PERMISSION_CHANGE, object_pk=str(member.pk))
    assert event.details["変更"] == {
        "自治体": ["", "福岡市"],
        "課": ["", "健康課"],
        "役割": ["閲覧", "編集（自課）"],
    }


def test_change_of_rights_is_recorded_before_and_after(viewer, manager):
    start = AuditEvent.objects.count()
    viewer.role, viewer.is_active = Role.MANAGER, False
    viewer.save()
    event = AuditEvent.objects.filter(object_pk=str(viewer.pk)).order_by("sequence").last()
    assert AuditEvent.objects.count() == start + 1
    assert event.details["変更"]["役割"] == ["閲覧", "管理（企画課）"]
    assert [*event.details["変更"].values()][1] == ["はい", "いいえ"]


def test_other_changes_of_a_person_are_no_change_of_rights(viewer):
    start = AuditEvent.objects.count()
    viewer.name = "別の名前"
    viewer.save()
    viewer.last_login = timezone.now()
    viewer.save(update_fields=["last_login"])
    StaffMember.objects.get(pk=viewer.pk).save()
    assert AuditEvent.objects.count() == start


# -- Agreements ---------------------------------------------------------------------------------------
def test_publication_is_recorded_whoever_saves_it(fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    assert not events(AuditKind.PUBLICATION)
    agreement.publication = Publication.PUBLISHED
    agreement.save()
    (event,) = events(AuditKind.PUBLICATION)
    assert event.details["変更"] == {"公開区分": ["非公開", "公開"]}
    assert event.chain.municipality == fukuoka


def test_deletion_and_restoration_are_recorded(fukuoka):
    agreement = AgreementFactory(municipality=fukuoka)
    delete_agreement(agreement=agreement)
    restore_agreement(agreement=agreement)
    assert [event.object_pk for event in events(AuditKind.DELETION)] == [str(agreement.pk)]
    assert [event.object_pk for event in events(AuditKind.RESTORATION)] == [str(agreement.pk)]


def test_deletion_of_a_company_is_recorded():
    company = CompanyFactory()
    company.deleted_at = timezone.now()
    company.save(update_fields=["deleted_at"])
    assert len(events(AuditKind.DELETION, object_model="agreements.company")) == 1


def test_chains_of_all_that_verify(editor, manager):
    client = Client()
    log_in(client, editor.username, "falsch")
    log_in(client, editor.username)
    assert [first_fault(chain) for chain in AuditChain.objects.all()] == [None] * AuditChain.objects.count()
