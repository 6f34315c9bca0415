"""The API for everyone: what it gives, that it can be walked and kept, and that nothing internal leaks."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from agreements.actions.publication import publish, withdraw
from agreements.models import Agreement, Party
from municipalities.models import Department
from tests.agreements.views.test_public import MARK, mark_internal_texts
from tests.factories import (
    AgreementFactory,
    CompanyContactFactory,
    CompanyFactory,
    DocumentFactory,
    MeetingFactory,
)

TODAY = date(2026, 10, 1)
pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"api:{name}", args=args)


def published(by, **values):
    agreement = AgreementFactory(whole=True, municipality=by.municipality, **values)
    publish(agreement=agreement, by=by, version=1, today=TODAY)
    return agreement


def walk(client, path, **query):
    """All results, page by page."""
    results, cursor = [], ""
    while True:
        data = client.get(path, {**query, **({"cursor": cursor} if cursor else {})}).json()
        results += data["results"]
        cursor = data["next"]
        if not cursor:
            return results


def test_agreements_are_the_facts_that_were_published(client, manager, today):
    agreement = published(manager, title="観光の協定")
    Agreement.objects.filter(pk=agreement.pk).update(title="後の名称", purpose="後の目的")
    (row,) = client.get(url("agreement-list")).json()["results"]
    assert (row["id"], row["title"], row["edition"]) == (agreement.pk, "観光の協定", 1)
    assert row == client.get(url("agreement", agreement.pk)).json()
    assert row["municipality"]["code"] == "401307"
    assert Client().get(row["url"]).status_code == 200
    (body,) = client.get(url("municipality-list")).json()["results"]
    assert (body["code"], body["agreements"], body["as_of"]) == ("401307", 1, "2026-10-01")
    assert body == client.get(url("municipality", "401307")).json()
    assert client.get(url("municipality", "205419")).status_code == 404


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ({"municipality": "401307"}, 1),
        ({"municipality": "205419"}, 0),
        ({"kind": "comprehensive"}, 1),
        ({"kind": "disaster"}, 0),
        ({"fiscal_year": "2024"}, 1),
        ({"fiscal_year": "2020"}, 0),
        ({"q": "観光"}, 1),
        ({"q": "観光 ない言葉"}, 0),
        ({"category": "99"}, 0),
    ],
)
def test_agreements_are_narrowed(client, manager, today, query, hits):
    published(manager, title="観光の協定")
    assert len(client.get(url("agreement-list"), query).json()["results"]) == hits


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"knid": "comprehensive"}, "knid"),
        ({"kind": "nonsense"}, "kind"),
        ({"municipality": "1"}, "municipality"),
        ({"fiscal_year": "令和"}, "fiscal_year"),
        ({"company": "99999999999999999999"}, "company"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "last"}, "cursor"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"q": "x" * 101}, "q"),
        ({"kind": ["comprehensive", "disaster"]}, "kind"),
    ],
)
def test_condition_that_makes_no_sense_is_refused_at_its_name(client, query, field):
    response = client.get(url("agreement-list"), query)
    data = response.json()
    assert response.status_code == 422
    assert [each["field"] for each in data["errors"]] == [field]
    assert (
        data["errors"][0]["message"].endswith(("。", "）", "other")) or "：" in data["errors"][0]["message"]
    )
    assert response["Access-Control-Allow-Origin"] == "*"


def test_cursors_visit_everything_once_while_rows_change(client, manager, today):
    agreements = [published(manager) for _ in range(7)]
    keys = [each.pk for each in agreements]
    first = client.get(url("agreement-list"), {"limit": 3}).json()
    # What was seen is corrected, what was not seen too; one goes, one comes.
    for position in (1, 4):
        Agreement.objects.filter(pk=keys[position]).update(title="新しい名称")
        publish(agreement=agreements[position], by=manager, version=2, today=TODAY, reason="誤記")
    withdraw(agreement=Agreement.objects.get(pk=keys[2]), by=manager, version=2, today=TODAY, reason="誤り")
    keys.append(published(manager).pk)
    rest = walk(client, url("agreement-list"), limit=3, cursor=first["next"])
    seen = [each["id"] for each in first["results"] + rest]
    assert seen == keys
    assert next(each for each in rest if each["id"] == keys[4])["title"] == "新しい名称"
    link = client.get(url("agreement-list"), {"limit": 3})["Link"]
    assert link.endswith('>; rel="next"')
    assert client.get(link[1 : link.index(">")]).json()["results"][0]["id"] == keys[4]  # keys[2] has gone


def test_withdrawn_agreement_is_gone_and_its_changes_tell_no_title(client, manager, today):
    agreement = published(manager, title="取り下げる協定")
    withdraw(
        agreement=Agreement.objects.get(pk=agreement.pk), by=manager, version=2, today=TODAY, reason="申出"
    )
    response = client.get(url("agreement", agreement.pk))
    assert response.status_code == 410
    assert "申出" in response.json()["detail"]
    editions = client.get(url("edition-list", agreement.pk)).json()["results"]
    assert [each["kind"] for each in editions] == ["withdrawn", "published"]
    changes = client.get(url("change-list")).json()["results"]
    assert [(each["kind"], each["title"]) for each in changes] == [("published", None), ("withdrawn", None)]
    assert "取り下げる協定" not in client.get(url("change-list")).content.decode()


def test_changes_since_a_moment(client, manager, today):
    agreement = published(manager, title="観光の協定")
    changes = client.get(url("change-list"), {"since": "2026-10-01T00:00:00+09:00"}).json()["results"]
    assert [(each["agreement"], each["edition"], each["title"]) for each in changes] == [
        (agreement.pk, 1, "観光の協定")
    ]
    assert client.get(url("change-list"), {"since": "2026-10-02T00:00:00+09:00"}).json()["results"] == []
    assert client.get(url("change-list"), {"since": "2026-10-02"}).status_code == 422


def test_companies_and_fields_count_what_is_published(client, manager, today):
    company, other = CompanyFactory(name="株式会社公開"), CompanyFactory(name="株式会社非公開")
    published(manager, whole__company=company)
    published(manager, whole__company=company)
    AgreementFactory(whole=True, whole__company=other, municipality=manager.municipality)
    (row,) = walk(client, url("company-list"), limit=1)
    assert (row["id"], row["name"], row["agreements"]) == (company.pk, "株式会社公開", 2)
    assert client.get(url("company", company.pk)).json() == row
    assert client.get(url("company", other.pk)).status_code == 404
    number = {"corporate_number": other.corporate_number}
    assert client.get(url("company-list"), number).json()["results"] == []
    fields = client.get(url("field-list")).json()["results"]
    assert len(fields) == 16
    assert client.get(url("company-list"), {"cursor": "MTox"}).status_code == 422


def test_answers_are_kept_until_something_public_changes(client, manager, today):
    path = url("agreement-list")
    first = client.get(path)
    assert first["Cache-Control"].startswith("public")
    assert "Cookie" not in first.get("Vary", "")
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    published(manager)
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    asked = client.options(path)
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Headers"].startswith("If-None-Match")


def test_addresses_without_an_api_answer_in_its_shape(client):
    for path in ("/api/", "/api/v1/nothing", "/api/v2/agreements"):
        response = client.get(path)
        assert response.status_code == 404
        assert "エラー番号" in response.json()["detail"]
    assert client.post(url("agreement-list")).json()["errors"] == []
    assert client.get(f"{url('agreement-list')}/").status_code == 404


def test_public_rate_is_limited_by_address(client, settings, today):
    settings.RENKEI_API_PUBLIC_RATE = 2
    path = url("field-list")
    answers = [client.get(path, REMOTE_ADDR="192.0.2.55") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert [each["RateLimit-Remaining"] for each in answers] == ["1", "0", "0"]
    assert answers[2]["Retry-After"] == "60"
    assert answers[2]["Access-Control-Allow-Origin"] == "*"
    assert client.get(path, REMOTE_ADDR="192.0.2.56").status_code == 200


def test_nothing_internal_leaks_by_the_api(client, fukuoka, manager, today):
    company = CompanyFactory(name="株式会社公開")
    agreement = AgreementFactory(
        whole=True, whole__company=company, municipality=fukuoka, purpose="公開の目的", renewing=True
    )
    AgreementFactory(whole=True, whole__company=company, municipality=fukuoka, title=f"{MARK}非公開")
    CompanyContactFactory(municipality=fukuoka, company=company)
    MeetingFactory(agreement=agreement)
    DocumentFactory(agreement=agreement, title="公開の書類", is_public=True)
    assert mark_internal_texts() > 20
    for department in Department.objects.all():
        Department.objects.filter(pk=department.pk).update(name=f"{MARK}{department.pk}")
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    Agreement.objects.filter(pk=agreement.pk).update(title=f"{MARK}後の名称", purpose=MARK)
    Party.objects.update(name_as_signed=MARK)
    lists = ("municipality-list", "agreement-list", "change-list", "company-list", "field-list")
    paths = [*(url(name) for name in lists), url("openapi-json"), url("documentation")]
    paths += [url("municipality", "401307"), url("agreement", agreement.pk), url("company", company.pk)]
    paths += [url("edition-list", agreement.pk), f"{url('agreement-list')}?q=公開"]
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, path
        assert MARK not in str(response.headers) + response.content.decode(), path
    assert "公開の書類" in client.get(url("agreement", agreement.pk)).content.decode()
    assert client.get(url("agreement-list"), {"q": MARK}).json()["results"] == []


def test_public_lists_need_as_many_queries_for_three_as_for_one(client, manager, assert_same_queries):
    names = ("municipality-list", "agreement-list", "change-list", "company-list", "field-list")
    assert_same_queries(
        lambda: published(manager, whole__company=CompanyFactory()),
        lambda: [client.get(url(name)) for name in names],
    )
