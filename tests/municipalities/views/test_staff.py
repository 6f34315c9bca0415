"""A manager invites, changes, disables and brings back the staff of the own municipality."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from municipalities.choices import AuditKind, Role
from municipalities.invitations import token_for
from municipalities.login import mfa_adapter
from municipalities.models import AuditEvent, StaffMember
from tests.conftest import client_of
from tests.factories import DepartmentFactory, StaffMemberFactory

PASSWORD = "correct-horse-Battery-9"


@pytest.fixture
def manager_client(manager):
    return client_of(manager)


@pytest.fixture
def department(fukuoka):
    return DepartmentFactory(municipality=fukuoka)


def invitation(department, **changes):
    return {
        "name": "博多 三郎",
        "name_kana": "はかた さぶろう",
        "username": "hakata",
        "email": "hakata@example.jp",
        "department": department.pk,
        "role": Role.EDITOR,
        "delivery": "print",
        **changes,
    }


def link_in(text: str) -> str:
    start = text.index("/invitation/")
    return text[start:].split('"')[0].split()[0]


def test_invited_person_sets_the_first_password_and_logs_in(manager_client, client, department, fukuoka):
    page = manager_client.post(reverse("municipalities:staff-invite"), invitation(department))
    link = link_in(page.content.decode())
    member = StaffMember.objects.get(username="hakata")
    assert (member.municipality, member.role, member.is_invited) == (fukuoka, Role.EDITOR, True)

    assert "博多 三郎" in client.get(link).content.decode()
    weak = client.post(link, {"password": "123", "again": "123"})
    assert weak.context["form"].errors["password"]
    apart = client.post(link, {"password": PASSWORD, "again": PASSWORD + "x"})
    assert "一致しません" in str(apart.context["form"].errors["again"])

    assert client.post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert client.get(link).status_code == 410, "a link is used once"
    logged_in = client.post(reverse("account_login"), {"login": "hakata", "password": PASSWORD})
    assert logged_in.status_code == 302
    assert client.get(reverse("agreements:today")).status_code == 200


def test_invitation_by_mail_holds_the_link_and_needs_an_address(manager_client, client, department):
    without = manager_client.post(
        reverse("municipalities:staff-invite"), invitation(department, delivery="mail", email="")
    )
    assert "メールアドレスが必要です" in str(without.context["form"].errors["email"])
    manager_client.post(reverse("municipalities:staff-invite"), invitation(department, delivery="mail"))
    assert mail.outbox[0].to == ["hakata@example.jp"]
    assert client.get(link_in(mail.outbox[0].body)).status_code == 200


@pytest.mark.parametrize("spoil", ["renewed", "late", "altered", "disabled"])
def test_invitation_that_is_not_good_any_more_shows_one_page(manager_client, client, department, spoil):
    manager_client.post(reverse("municipalities:staff-invite"), invitation(department))
    member = StaffMember.objects.get(username="hakata")
    token = token_for(member)
    if spoil == "renewed":
        manager_client.post(reverse("municipalities:staff-invitation", args=[member.pk]))
    if spoil == "altered":
        token = token[:-2] + ("AA" if not token.endswith("AA") else "BB")
    if spoil == "disabled":
        manager_client.post(reverse("municipalities:staff-disable", args=[member.pk]))
    url = reverse("municipalities:invitation", args=[token])
    if spoil == "late":
        with time_machine.travel(timezone.now() + timedelta(days=15)):
            response = client.get(url)
    else:
        response = client.get(url)
    assert response.status_code == 410
    assert "博多" not in response.content.decode()
    assert (
        client.post(url, {"password": PASSWORD, "again": PASSWORD}).status_code in {403, 410}
        or spoil == "late"
    )
    member.refresh_from_db()
    if spoil != "late":
        assert not member.has_usable_password()


def test_invitation_survives_a_rotation_of_the_secret_key(manager, client, settings, department):
    member = StaffMemberFactory(editor=True, municipality=manager.municipality)
    member.set_unusable_password()
    member.save()
    token = token_for(member)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" * 20, [settings.SECRET_KEY]
    assert client.get(reverse("municipalities:invitation", args=[token])).status_code == 200


def test_staff_invite_refuses_what_cannot_be(manager_client, department, obuse, fukuoka):
    elsewhere = DepartmentFactory(municipality=obuse)
    url = reverse("municipalities:staff-invite")
    assert manager_client.post(url, invitation(elsewhere)).context["form"].errors["department"]
    assert manager_client.post(url, invitation(department, role="admin")).context["form"].errors["role"]
    lost = manager_client.post(url, {**invitation(department), "department": ""})
    assert "課が必要です" in str(lost.context["form"].errors["department"])
    StaffMemberFactory(editor=True, municipality=obuse, username="Hakata")
    assert manager_client.post(url, invitation(department)).context["form"].errors
    assert not StaffMember.objects.filter(username="hakata").exists()
    # Nothing beyond the form can be set, whatever is posted.
    manager_client.post(
        url, invitation(department, username="free", is_superuser="on", is_staff="on", municipality=obuse.pk)
    )
    free = StaffMember.objects.get(username="free")
    assert (free.is_superuser, free.is_staff, free.municipality) == (False, False, fukuoka)


def test_disabled_person_is_out_at_once_and_comes_back(manager_client, editor):
    theirs = client_of(editor)
    assert theirs.get(reverse("agreements:today")).status_code == 200
    manager_client.post(reverse("municipalities:staff-disable", args=[editor.pk]))
    assert theirs.get(reverse("agreements:today")).status_code == 302
    manager_client.post(reverse("municipalities:staff-enable", args=[editor.pk]))
    editor.refresh_from_db()
    assert editor.is_active


def test_the_last_manager_stays(manager, manager_client, fukuoka):
    second = StaffMemberFactory(manager=True, municipality=fukuoka)
    second.set_password(PASSWORD)
    second.save()
    manager.set_password(PASSWORD)
    manager.save()
    manager_client.force_login(manager)
    own = reverse("municipalities:staff-update", args=[manager.pk])
    down = {"name": manager.name, "role": Role.VIEWER, "department": "", "email": "", "name_kana": ""}
    manager_client.post(reverse("municipalities:staff-disable", args=[second.pk]))
    refused = manager_client.post(own, down)
    assert "一人もいなくなります" in str(refused.context["form"].errors["role"])
    assert manager_client.post(reverse("municipalities:staff-disable", args=[manager.pk])).status_code == 403
    manager_client.post(reverse("municipalities:staff-enable", args=[second.pk]))
    assert manager_client.post(own, down).status_code == 302


def test_staff_list_shows_the_own_municipality_only_and_finds(manager_client, fukuoka, obuse):
    StaffMemberFactory(viewer=True, municipality=fukuoka, name="天神 花")
    StaffMemberFactory(viewer=True, municipality=obuse, name="栗 太郎")
    url = reverse("municipalities:staff-list")
    page = manager_client.get(url).content.decode()
    assert "天神 花" in page
    assert "栗 太郎" not in page
    assert "天神 花" not in manager_client.get(url, {"q": "博多"}).content.decode()
    assert manager_client.get(url, {"role": "king"}).context["filter"].form.errors


def test_staff_list_asks_the_same_queries_for_1_and_3_people(manager_client, fukuoka, assert_same_queries):
    url = reverse("municipalities:staff-list")
    assert_same_queries(
        lambda: manager_client.get(url), lambda: StaffMemberFactory(viewer=True, municipality=fukuoka)
    )


def test_department_keeps_its_name_once_and_its_municipality(manager_client, fukuoka, obuse):
    url = reverse("municipalities:department-create")
    manager_client.post(
        url, {"name": "観光課", "name_kana": "かんこうか", "order": "１", "valid_from": "R8.4.1"}
    )
    department = fukuoka.departments.get(name="観光課")
    assert department.valid_from.isoformat() == "2026-04-01"
    again = manager_client.post(url, {"name": "観光課", "order": 1})
    assert "同じ名前の課" in str(again.context["form"].errors)
    foreign = DepartmentFactory(municipality=obuse)
    assert (
        manager_client.get(reverse("municipalities:department-update", args=[foreign.pk])).status_code == 404
    )


def test_manager_takes_away_a_lost_second_factor(manager, manager_client, viewer):
    TOTP.activate(viewer, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    page = reverse("municipalities:staff-update", args=[viewer.pk])
    reset = reverse("municipalities:staff-mfa-reset", args=[viewer.pk])
    assert reset in manager_client.get(page).content.decode()
    told = manager_client.post(reset, follow=True).content.decode()
    assert f"{viewer.name}さんの二段階認証を解除しました" in told
    assert not mfa_adapter.is_set_up_by(viewer)
    event = AuditEvent.objects.get(kind=AuditKind.CREDENTIAL_CHANGE)
    assert (event.actor, event.object_pk) == (manager, str(viewer.pk))
    assert reset not in manager_client.get(page).content.decode()
    assert "設定していません" in manager_client.post(reset, follow=True).content.decode()


def test_nobody_takes_away_the_own_second_factor_past_the_fresh_login(manager, manager_client):
    TOTP.activate(manager, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    page = reverse("municipalities:staff-update", args=[manager.pk])
    reset = reverse("municipalities:staff-mfa-reset", args=[manager.pk])
    assert reset not in manager_client.get(page).content.decode()
    assert manager_client.post(reset).status_code == 403
    assert mfa_adapter.is_set_up_by(manager)
