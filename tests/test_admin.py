"""Every model's pages in the admin: they open, stay fast with many rows, and keep to the strict CSP."""

import io
import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.tasks import async_task
from simple_history.models import HistoricalChanges

from agreements.models import Agreement, Company
from municipalities.admin_site import ReadOnlyMixin
from municipalities.models import Department, Municipality, StaffMember
from tests import factories
from tests.factories import (
    AgreementFactory,
    CompanyFactory,
    DepartmentFactory,
    MunicipalityFactory,
    StaffMemberFactory,
)

# The pages of the job queue are django-q2's own; `test_admin_of_the_queue_opens_without_inline_code`.
RECORDED = {model for model in admin.site._registry if model._meta.app_label != "django_q"}
MODELS = sorted(RECORDED, key=lambda model: model._meta.label)
WITH_HISTORY = [model for model in MODELS if hasattr(model, "history")]
READ_ONLY = [model for model in MODELS if isinstance(admin.site.get_model_admin(model), ReadOnlyMixin)]
WITHOUT_PAGE = {
    "agreements.CalendarFeed": "a secret address, renewed by the person whose it is",
    "agreements.CooperationFieldCategory": "chosen on the page of its agreement",
    "agreements.DocumentText": "derived from the file",
    "agreements.NationalCount": "counted each night; read on the page 全国の公開協定",
    "agreements.PublicCopy": "derived from the file",
    "agreements.SearchDocument": "derived from the agreement, whose page rebuilds it",
    "agreements.ShareCode": "a secret, gone within the hour",
    "agreements.ShareDraft": "nobody but the company reads it before it is sent",
    "agreements.ShareFailure": "counted for an hour",
    "agreements.ShareFile": "the company's until it is sent; then on the page of its agreement",
    "agreements.ShareSession": "told by the audit",
    "municipalities.ApiReply": "a log of a day, for the same answer to the same request",
    "municipalities.AuditEvent": "composite primary key; read on the page 操作記録",
}
FACTORIES = {
    factory._meta.model: factory
    for name in factories.__all__
    if name.endswith("Factory") and (factory := getattr(factories, name))
}
# Far fewer rows than in life, far more than any list of fixed choices.
MANY = 200
INLINE_CODE = re.compile(
    rb"<style|\sstyle=|<script(?![^>]*\ssrc=)(?![^>]*json)|\son[a-z]+=|javascript:", re.I
)

pytestmark = pytest.mark.django_db
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


@pytest.fixture
def client(system_admin_client):
    return system_admin_client


def page(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def pages(model, row):
    found = [page(model, "changelist"), page(model, "change", row.pk)]
    if model in WITH_HISTORY:
        found.append(page(model, "history", row.pk))
    if model not in [*READ_ONLY, Municipality]:  # the master comes from its file
        found.append(page(model, "add"))
    return found


def make(model):
    """A row with all its parts."""
    return AgreementFactory(whole=True) if model is Agreement else FACTORIES[model]()


def test_admin_has_pages_for_every_model_and_all_are_tested_here():
    own = {
        model
        for app in ("agreements", "municipalities")
        for model in apps.get_app_config(app).get_models()
        if not issubclass(model, HistoricalChanges)
    }
    inlines = {inline.model for model in MODELS for inline in admin.site.get_model_admin(model).inlines}
    assert {model._meta.label for model in own - set(MODELS) - inlines} == set(WITHOUT_PAGE)
    assert set(MODELS) <= set(FACTORIES)


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_admin_of_records_lets_nobody_write(client, model):
    row = make(model)
    stored = model.objects.filter(pk=row.pk).values().get()
    assert client.get(page(model, "add")).status_code == 403
    for name in ("change", "delete"):
        assert client.post(page(model, name, row.pk), {"post": "yes"}).status_code == 403, name
    client.post(
        page(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    )
    assert model.objects.filter(pk=row.pk).values().get() == stored
    html = client.get(page(model, "change", row.pk)).content.decode()
    assert 'name="_save"' not in html


def test_admin_of_records_shows_no_secrets(client):
    seen = {
        "agreements.AgreementDocument": ["file", "sha256"],
        "agreements.JobFile": ["file"],
        "agreements.LedgerImport": ["file", "sha256"],
        "agreements.ShareLink": ["seed", "token_hash", "token"],
        "agreements.StagedUpload": ["file", "sha256"],
        "municipalities.AuditChain": ["last_hash", "removed_hash"],
        "municipalities.LoginFailure": ["login_key"],
        "municipalities.PasswordHistory": ["password"],
    }
    for label, fields in seen.items():
        model = apps.get_model(label)
        row = make(model)
        for url in pages(model, row):
            html = client.get(url).content.decode()
            for field in fields:
                assert str(getattr(row, field)) not in html, (url, field)


def test_admin_of_rows_without_a_history_offers_none(client):
    assert set(MODELS) - set(WITH_HISTORY)
    for model in set(MODELS) - set(WITH_HISTORY):
        row = make(model)
        assert b"historylink" not in client.get(page(model, "change", row.pk)).content
        assert client.get(page(model, "history", row.pk)).status_code == 404
    company = CompanyFactory()
    assert b"historylink" in client.get(page(Company, "change", company.pk)).content


@each_model
def test_admin_pages_open_without_inline_code(client, model):
    row = make(model)
    for url in pages(model, row):
        response = client.get(url)
        assert response.status_code == 200, url
        assert not INLINE_CODE.search(response.content), (url, INLINE_CODE.search(response.content))


def test_admin_pages_never_list_every_body(client):
    municipality = MunicipalityFactory(fukuoka=True)
    MunicipalityFactory.create_batch(MANY)
    Company.objects.bulk_create(CompanyFactory.build_batch(MANY))
    Department.objects.bulk_create(DepartmentFactory.build_batch(MANY, municipality=municipality))
    StaffMember.objects.bulk_create(
        StaffMemberFactory.build_batch(MANY, municipality=municipality, department=None, password="!")
    )
    Agreement.objects.bulk_create(
        AgreementFactory.build_batch(MANY, municipality=municipality, department=None)
    )
    for model in MODELS:
        for url in pages(model, make(model)):
            html = client.get(url).content.decode()
            assert html.count("<option") < MANY, url
            assert html.count("<li") < MANY, url


@each_model
def test_admin_changelist_needs_as_many_queries_for_many_rows(client, model, assert_same_queries):
    assert_same_queries(lambda: make(model), lambda: client.get(page(model, "changelist")))


@pytest.mark.parametrize("model", WITH_HISTORY, ids=lambda model: model.__name__)
def test_admin_history_needs_as_many_queries_for_many_records(client, model, assert_same_queries):
    row = make(model)
    client.get(page(model, "history", row.pk))
    assert_same_queries(row.save, lambda: client.get(page(model, "history", row.pk)))


@each_model
@pytest.mark.parametrize("term", ["見本", "福岡市 企画課", "401307", "ＡＢＣ", "%", "x" * 500])
def test_admin_search_accepts_any_words(client, model, term):
    make(model)
    assert client.get(page(model, "changelist"), {"q": term}).status_code == 200


@each_model
def test_admin_is_for_system_admins_only(manager_client, model):
    response = manager_client.get(page(model, "changelist"))
    assert response.status_code == 302
    assert "/login/" in response.url


@pytest.mark.parametrize("model", [Municipality, Department, StaffMember, Company, Agreement])
def test_admin_never_deletes_what_others_hang_on(client, model):
    row = make(model)
    assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    client.post(
        page(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "1"}
    )
    assert model.objects.filter(pk=row.pk).exists()


def test_admin_history_tells_who_changed_what_in_words(client, system_admin):
    agreement = AgreementFactory(title="旧い名称", note="内部の覚え")
    agreement.title = "新しい名称"
    agreement.publication = "published"
    agreement._history_user = system_admin
    agreement.save()
    html = client.get(page(Agreement, "history", agreement.pk)).content.decode()
    assert re.search(r"協定名称</strong>：旧い名称 → 新しい名称", html)
    assert re.search(r"公開区分</strong>：非公開 → 公開\s", html)
    assert re.search(r"締結日</strong>：令和6年4月1日", html)
    assert "<strong>ID</strong>" not in html
    assert str(system_admin) in html


def test_admin_autocomplete_tells_namesakes_apart(client):
    for name in ("fukuoka", "obuse"):
        DepartmentFactory(name="企画課", municipality=MunicipalityFactory(**{name: True}))
    url = reverse("admin:autocomplete")
    source = {"app_label": "agreements", "model_name": "agreement", "field_name": "department"}
    found = client.get(url, {"term": "企画課", **source}).json()["results"]
    assert {row["text"] for row in found} == {"福岡市 企画課", "小布施町 企画課"}
    found = client.get(url, {"term": "福岡 企画", **source}).json()["results"]
    assert [row["text"] for row in found] == ["福岡市 企画課"]


def test_admin_autocomplete_needs_as_many_queries_for_many_rows(client, assert_same_queries):
    source = {"app_label": "agreements", "model_name": "agreement", "field_name": "department"}
    assert_same_queries(
        lambda: DepartmentFactory(name=f"総務課{Department.objects.count()}"),
        lambda: client.get(reverse("admin:autocomplete"), {"term": "総務課", **source}),
    )


def form_data(response):
    """The values of every field of an admin page, as a browser would send them back."""
    data = {}
    forms = [response.context["adminform"].form]
    for formset in response.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            data[bound.html_name] = value
    return data


def test_admin_saves_an_agreement_with_its_parts_and_refreshes_the_search(client):
    agreement = AgreementFactory(whole=True, whole__items=["観光の振興に関すること"])
    url = page(Agreement, "change", agreement.pk)
    data = form_data(client.get(url))
    data |= {
        "title": "健康づくりの協定",
        "signed_on": "令和6年5月1日",
        "cooperation_fields-0-text": "健康の増進に関すること",
        "cooperation_fields-0-categories": ["05", "06"],
    }
    response = client.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    agreement.refresh_from_db()
    assert (agreement.title, agreement.signed_on.isoformat()) == ("健康づくりの協定", "2024-05-01")
    item = agreement.cooperation_fields.get()
    assert {row.category for row in item.categories.all()} == {"05", "06"}
    assert agreement in Agreement.objects.matching("健康の増進", StaffMemberFactory(system_admin=True))
    assert agreement.version == 2


def test_admin_refuses_to_overwrite_what_someone_else_saved_meanwhile(client):
    agreement = AgreementFactory(whole=True)
    url = page(Agreement, "change", agreement.pk)
    stale = form_data(client.get(url))
    assert client.post(url, stale | {"title": "先に保存した名称"}).status_code == 302
    response = client.post(url, stale | {"title": "後から保存した名称"})
    assert response.status_code == 200
    assert "ほかの人が保存しました" in response.content.decode()
    agreement.refresh_from_db()
    assert agreement.title == "先に保存した名称"


def test_admin_save_tells_a_clerk_who_has_the_form_open(client):
    agreement = AgreementFactory(whole=True)
    action = agreement.actions.get()
    for model, row in ((Agreement, agreement), (type(action), action)):
        version = Agreement.objects.get().version
        url = page(model, "change", row.pk)
        assert client.post(url, form_data(client.get(url)) | {"title": "管理画面で変更"}).status_code == 302
        assert Agreement.objects.get().version == version + 1
    assert Agreement.objects.matching("管理画面で変更", StaffMemberFactory(system_admin=True)).exists()


def test_admin_adds_an_agreement_with_parties_named_as_signed(client, system_admin, obuse):
    company = CompanyFactory(name="株式会社Goolight", name_kana="ぐーらいと")
    url = page(Agreement, "add")
    data = form_data(client.get(url)) | {
        "municipality": obuse.pk,
        "ledger_number": "2020-001",
        "title": "次世代型インフラの協定",
        "parties-TOTAL_FORMS": 1,
        "parties-0-order": 1,
        "parties-0-role": "signatory",
        "parties-0-company": company.pk,
        "parties-0-label": "乙",
    }
    response = client.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    agreement = Agreement.objects.get(ledger_number="2020-001")
    assert agreement.created_by == system_admin
    assert agreement.parties.get().name_as_signed == "株式会社Goolight"
    assert agreement in Agreement.objects.matching("ぐーらいと", system_admin)


def test_admin_shows_an_error_for_a_party_that_is_nobody(client, obuse):
    agreement = AgreementFactory(municipality=obuse)
    url = page(Agreement, "change", agreement.pk)
    data = form_data(client.get(url)) | {
        "parties-TOTAL_FORMS": 1,
        "parties-0-order": 1,
        "parties-0-role": "signatory",
        "parties-0-label": "乙",
    }
    response = client.post(url, data)
    assert response.status_code == 200
    assert "どちらか一方を選んでください" in response.content.decode()


def test_admin_renaming_a_company_keeps_both_names_searchable(client, system_admin):
    company = CompanyFactory(name="旧商事株式会社", name_kana="きゅうしょうじ")
    agreement = AgreementFactory(whole=True, whole__company=company)
    url = page(Company, "change", company.pk)
    data = form_data(client.get(url)) | {
        "name": "新星株式会社",
        "name_kana": "しんせい",
        "former_names-TOTAL_FORMS": 1,
        "former_names-0-name": "旧商事株式会社",
    }
    response = client.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    for word in ("新星", "旧商事"):
        assert company in Company.objects.matching(word)
        assert agreement in Agreement.objects.matching(word, system_admin)


def test_admin_puts_agreements_away_and_brings_them_back(client):
    agreement = AgreementFactory()
    url = page(Agreement, "changelist")
    client.post(url, {"action": "put_away", "_selected_action": agreement.pk})
    assert not Agreement.objects.alive().exists()
    client.post(url, {"action": "bring_back", "_selected_action": agreement.pk})
    assert Agreement.objects.alive().get() == agreement


def test_admin_adds_staff_with_municipality_and_role(client, obuse):
    url = page(StaffMember, "add")
    data = {
        "username": "obuse-hanako",
        "name": "小布施 花子",
        "municipality": obuse.pk,
        "role": "editor",
        "usable_password": "true",
        "password1": factories.PASSWORD,
        "password2": factories.PASSWORD,
    }
    response = client.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    member = StaffMember.objects.get(username="obuse-hanako")
    assert (member.municipality, member.role, member.is_staff) == (obuse, "editor", False)
    assert member.check_password(factories.PASSWORD)


def test_admin_refuses_staff_that_belong_nowhere(client):
    data = {
        "username": "nowhere",
        "name": "無所属",
        "role": "viewer",
        "usable_password": "true",
        "password1": factories.PASSWORD,
        "password2": factories.PASSWORD,
    }
    response = client.post(page(StaffMember, "add"), data)
    assert "自治体を選んでください" in response.content.decode()
    assert client.post(page(StaffMember, "add"), data | {"is_superuser": "on"}).status_code == 302
    assert StaffMember.objects.get(username="nowhere").is_staff


def test_admin_password_page_opens(client, editor):
    assert client.get(reverse("admin:auth_user_password_change", args=[editor.pk])).status_code == 200


def test_admin_offers_an_action_only_the_items_of_its_agreement(client):
    own = AgreementFactory(whole=True, whole__items=["自分の事項"])
    AgreementFactory(whole=True, whole__items=["よその事項"])
    html = client.get(page(own.actions.model, "change", own.actions.get().pk)).content.decode()
    assert "自分の事項" in html
    assert "よその事項" not in html


def test_admin_of_the_queue_opens_without_inline_code(client):
    call_command("schedule_jobs", stdout=io.StringIO())
    async_task("agreements.tasks.notices")
    schedule = Schedule.objects.first()
    queued = OrmQ.objects.get()
    urls = [page(model, "changelist") for model in (Schedule, Success, Failure, OrmQ)]
    urls += [page(Schedule, "change", schedule.pk), page(Schedule, "add"), page(OrmQ, "change", queued.pk)]
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200, url
        assert not INLINE_CODE.search(response.content), url
