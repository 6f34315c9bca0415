"""個人情報: the count, the search, the dossier and its export, the erasure in two steps."""

import json

import pytest
from django.urls import reverse

from agreements.views import personal_data
from municipalities.choices import AuditKind
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory, CompanyContactFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(fukuoka):
    contact = CompanyContactFactory(municipality=fukuoka, name="窓口 花子", email="hanako@example.jp")
    contact.phone = "092-000-0000"
    contact.save()
    return contact


def url(name: str, *args) -> str:
    return reverse(f"agreements:{name}", args=args)


def kinds_about(row) -> list[str]:
    events = AuditEvent.objects.filter(object_model=row._meta.label_lower, object_pk=str(row.pk))
    return list(events.order_by("sequence").values_list("kind", flat=True))


def test_personal_data_counts_the_persons_of_the_own_municipality(manager_client, contact, obuse):
    CompanyContactFactory(municipality=contact.municipality, ended_on="2020-01-01")
    CompanyContactFactory(municipality=obuse)
    response = manager_client.get(url("personal-data"))
    assert [response.context[name] for name in ("total", "current", "ended")] == [2, 1, 1]
    assert "今は必要ありません" in response.content.decode()


def test_personal_data_says_when_the_file_register_is_due(manager_client, contact, monkeypatch):
    monkeypatch.setattr(personal_data, "FILE_REGISTER_THRESHOLD", 1)
    assert (
        "個人情報ファイル簿の作成・公表が必要な人数です"
        in manager_client.get(url("personal-data")).content.decode()
    )


@pytest.mark.parametrize("text", ["花子", "HANAKO@", "092-000"])
def test_personal_data_finds_contacts(manager_client, contact, text):
    response = manager_client.get(url("personal-data"), {"q": text})
    assert response.context["contacts"] == [contact]


def test_personal_data_finds_staff_and_nobody_of_others(manager_client, fukuoka, obuse):
    ours = StaffMemberFactory(municipality=fukuoka, name="探す 太郎")
    StaffMemberFactory(municipality=obuse, name="探す 次郎")
    CompanyContactFactory(municipality=obuse, name="探す 三郎")
    response = manager_client.get(url("personal-data"), {"q": "探す"})
    assert response.context["staff"] == [ours]
    assert response.context["contacts"] == []


def test_contact_data_shows_all_that_is_held_and_is_recorded(manager_client, contact):
    page = manager_client.get(url("contact-data", contact.pk)).content.decode()
    for text in ("窓口 花子", "hanako@example.jp", "092-000-0000", "変更の履歴"):
        assert text in page
    assert kinds_about(contact) == [AuditKind.VIEW_INTERNAL]
    assert not AuditEvent.objects.filter(object_label__contains="花子").exists()


def test_contact_data_points_to_free_texts_with_the_name(manager_client, contact):
    agreement = AgreementFactory(municipality=contact.municipality, note="先方は窓口花子さん")
    page = manager_client.get(url("contact-data", contact.pk)).content.decode()
    assert agreement.get_absolute_url() in page


def test_contact_data_export_as_json(manager_client, contact):
    response = manager_client.get(url("contact-data-export", contact.pk, "json"))
    data = json.loads(response.content)
    assert data["氏名"] == "窓口 花子"
    facts = {row["項目"]: row["内容"] for row in data["内容"][0]["項目"]}
    assert (facts["メール"], facts["電話"]) == ("hanako@example.jp", "092-000-0000")
    changes = data["内容"][1]["項目"]
    assert {"項目": "電話", "変更前": "", "変更後": "092-000-0000"}.items() <= changes[0].items()
    assert "attachment" in response["Content-Disposition"]
    assert kinds_about(contact) == [AuditKind.EXPORT]


def test_contact_data_export_as_html_escapes(manager_client, contact):
    contact.section = "<script>alert(1)</script>"
    contact.save()
    page = manager_client.get(url("contact-data-export", contact.pk, "html")).content.decode()
    assert "窓口 花子" in page
    assert "<script>" not in page


def test_staff_data_export_tells_what_the_person_did_and_no_password(manager_client, viewer):
    data = json.loads(manager_client.get(url("staff-data-export", viewer.pk, "json")).content)
    assert [each["見出し"] for each in data["内容"]] == ["登録内容", "変更の履歴", "操作の記録"]
    assert viewer.password not in json.dumps(data)


def test_contact_erase_asks_twice(manager_client, contact):
    target = url("contact-erase", contact.pk)
    assert "元に戻せません" in manager_client.get(target).content.decode()
    response = manager_client.post(target, {"reason": "本人の請求"})
    assert "confirmed" in response.context["form"].errors
    assert "本人の請求" in response.content.decode()
    contact.refresh_from_db()
    assert contact.name == "窓口 花子"


def test_contact_erase_erases(manager_client, contact):
    response = manager_client.post(
        url("contact-erase", contact.pk), {"reason": "本人の請求", "confirmed": "on"}
    )
    assert response.url == url("personal-data")
    contact.refresh_from_db()
    assert contact.erased_at
    assert manager_client.get(url("contact-data", contact.pk)).status_code == 404
    company_page = manager_client.get(contact.company.get_absolute_url()).content.decode()
    assert "花子" not in company_page


def test_company_page_with_contacts_is_recorded_where_they_are_kept(viewer_client, neighbour_client, contact):
    for client in (viewer_client, neighbour_client):  # the neighbour sees no contact there
        client.get(contact.company.get_absolute_url())
    event = AuditEvent.objects.get(kind=AuditKind.VIEW_INTERNAL, object_model="agreements.company")
    assert event.chain.municipality == contact.municipality
