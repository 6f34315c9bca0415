"""Open data go out as CSV, JSON and xlsx, and come in again: the same agreement, field by field."""

import json
from contextlib import nullcontext
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from agreements import open_data
from agreements.actions.publication import publish
from agreements.choices import AgreementState, EndedReason, PartyRole
from agreements.domain.uploads import Refused
from agreements.importing.open_data_file import json_sheets
from agreements.importing.open_data_rows import read_items
from agreements.models import Agreement, Company, PublicProfile
from tests.factories import (
    ActionItemFactory,
    AgreementFactory,
    CompanyFactory,
    CooperationFieldFactory,
    MunicipalityFactory,
    PartyFactory,
)

TODAY = date(2026, 10, 1)
READABLE = (
    b'{"version": "1.1", "agreements": [{"id": 1, "title": "x", "kind": "other", "state": "active", '
    b'"municipality": {"code": "401307", "prefecture": "", "name": ""}, "parties": [], "signed_on": null, '
    b'"effective_on": null, "ended_on": null, "edition": 1, "published_on": "2026-10-01", "url": ""}]}'
)
FIELDS = ["purpose", "items", "term", "signatories"]


@pytest.fixture
def agreements(fukuoka, obuse):
    """Three agreements with everything that open data can tell, and what is hard to tell in a cell."""
    PublicProfile.objects.create(municipality=fukuoka, fields=FIELDS)
    shop = CompanyFactory(name="株式会社見本・商店")
    whole = AgreementFactory(
        municipality=fukuoka,
        title="=観光と、健康の協定",
        title_kana="かんこうとけんこうのきょうてい",
        kind="disaster",
        purpose="第1条 目的。\n\n甲と乙は、\n(1) 連携する。",
        signed_on=date(2016, 11, 2),
        effective_on=date(2016, 12, 1),
        first_expiry=date(2017, 3, 31),
        auto_renew=True,
        renewal_months=12,
        renewal_text="…1年間更新されるものとし、\nその後も同様とする。",
    )
    PartyFactory(
        agreement=whole,
        company=CompanyFactory(unnumbered=True, name="見本大学"),
        name_as_signed="見本大学（旧称）",
        label="甲",
        order=1,
        signatory_title="学長",
        signatory_name="見本 花子",
    )
    PartyFactory(agreement=whole, municipality=fukuoka, label="乙", order=2, signatory_title="市長")
    PartyFactory(agreement=whole, company=shop, label="", role=PartyRole.PARTICIPANT, order=3)
    PartyFactory(agreement=whole, municipality=obuse, label="両市", order=4, role=PartyRole.WITNESS)
    texts = (
        ("観光に関すること、健康に関すること", ["05", "03"]),
        ("次の事項\n(1) 見守り\n(3) 防災", []),
        ("その他", ["99"]),
    )
    for number, (text, categories) in enumerate(texts, start=1):
        CooperationFieldFactory(agreement=whole, number=number, text=text, categories=categories)
    ended = AgreementFactory(
        whole=True,
        municipality=fukuoka,
        title="",
        kind="university",
        state=AgreementState.ENDED,
        signed_on=date(2010, 4, 1),
        first_expiry=date(2013, 3, 31),
        ended_on=date(2015, 3, 31),
        ended_reason=EndedReason.EXPIRED,
    )
    Agreement.objects.filter(pk=ended.pk).update(extended_to=date(2015, 3, 31))
    suspended = AgreementFactory(
        whole=True, municipality=fukuoka, state=AgreementState.SUSPENDED, signed_on=None, effective_on=None
    )
    return [whole, ended, suspended]


def published(municipality, by):
    """The facts of what is published, without keys and without what names the body."""
    found = []
    for agreement in Agreement.objects.filter(municipality=municipality):
        facts = publish(agreement=agreement, by=by, version=agreement.version, today=TODAY).facts
        facts = {key: value for key, value in facts.items() if key not in {"id", "municipality"}}
        facts["parties"] = [
            {
                **party,
                "company": bool(party["company"]),
                **(
                    {"municipality_code": "own", "name": "own"}
                    if party["municipality_code"] == municipality.code
                    else {}
                ),
            }
            for party in facts["parties"]
        ]
        found.append(facts)
    return sorted(found, key=lambda each: json.dumps(each, sort_keys=True, ensure_ascii=False))


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["same-body", "other-body"])
def test_open_data_come_back_through_the_importer_of_another_installation(
    client, agreements, fukuoka, manager, registered, form, elsewhere
):
    before = published(fukuoka, manager)
    content = client.get(f"/open/m/401307/agreements.{form}").content
    # Another installation: it has the master of all bodies and nothing else.
    Agreement.objects.all().delete()
    Company.objects.all().delete()
    body = MunicipalityFactory() if elsewhere else fukuoka
    manager.municipality = body
    manager.save()
    PublicProfile.objects.update_or_create(municipality=body, defaults={"fields": FIELDS})
    ledger = registered(content, f"agreements-401307.{form}")
    assert ledger.counts["create"] == 3
    assert published(body, manager) == before
    notes = [agreement.note for agreement in Agreement.objects.all()]
    assert all(note.startswith("オープンデータ：http://testserver/open/a/") for note in notes)
    assert all(note.count("\n") == 0 for note in notes)
    assert registered(content, f"agreements-401307.{form}").counts["unchanged"] == 3


@pytest.mark.django_db
def test_json_comes_in_by_the_pages_of_the_import(client, manager_client, fukuoka, manager, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    file = SimpleUploadedFile("agreements.json", client.get("/open/m/401307/agreements.json").content)
    upload = reverse("agreements:import-create", args=["agreements"])
    html = manager_client.post(upload, {"file": file}, follow=True).content.decode()
    assert "公開ページのオープンデータです" in html
    assert '<option value="partners" selected>' in html


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "json"])
def test_actions_and_their_results_come_back_as_well(client, fukuoka, manager, registered, form):
    fields = [*FIELDS, "actions", "action_owners", "results", "effects"]
    PublicProfile.objects.create(municipality=fukuoka, fields=fields)
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    ActionItemFactory(
        agreement=agreement,
        title="=出張健診",
        starts_on=date(2025, 4, 1),
        due_on=date(2026, 3, 31),
        state="done",
        target_value=100,
        target_unit="人",
        baseline_value=Decimal("0.5"),
        result_value=Decimal("120.25"),
        result_text="6回行った。\n好評だった。",
        completed_on=date(2026, 3, 1),
        effect_yen=1_200_000,
        effect_method="単価 × 人数",
    )
    before = publish(agreement=agreement, by=manager, version=1, today=TODAY).facts["actions"]
    agreements = client.get(f"/open/m/401307/agreements.{form}").content
    actions = client.get("/open/m/401307/actions.csv").content if form == "csv" else agreements
    Agreement.objects.all().delete()
    registered(agreements, f"agreements.{form}")
    assert registered(actions, f"actions.{form}", kind="actions").counts["create"] == 2
    again = Agreement.objects.get()
    after = publish(agreement=again, by=manager, version=again.version, today=TODAY).facts["actions"]
    assert [{**each, "id": 0} for each in after] == [{**each, "id": 0} for each in before]
    assert registered(actions, f"actions.{form}", kind="actions").counts["unchanged"] == 2


@pytest.mark.django_db
def test_file_of_one_agreement_and_of_the_first_version_come_in_as_well(
    client, fukuoka, manager, registered, checked, today
):
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    one = client.get(f"/open/a/{agreement.pk}/agreement.json").content
    first = client.get("/open/m/401307/agreements.csv").content.decode("utf-8-sig")
    Agreement.objects.all().delete()
    lines = [",".join(line.split(",")[:20]) for line in first.splitlines() if line.count(",") > 25]
    older = checked("\n".join([*lines, ""]).encode(), "older.csv")
    assert [(row.outcome, row.errors) for row in older.rows.all()] == [("create", [])] * (len(lines) - 1)
    assert registered(one, "agreement.json").counts["create"] == 1
    assert Agreement.objects.get().title == agreement.title


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "途中で切れて"),
        (b"[" * 100_000, "途中で切れて"),
        (b"[]", "オープンデータではありません"),
        (b'{"version": "1.0"}', "オープンデータではありません"),
        (b'{"version": "9.0", "agreements": []}', "版には対応していません"),
        (b'{"version": "1.1", "agreements": [{"id": 1}]}', "1件目の協定を読み取れません"),
        (b'{"version": "1.1", "agreements": [7]}', "1件目の協定を読み取れません"),
        (READABLE, ""),
        (READABLE.replace(b'"title": "', b'"title": "\\u0000'), "1件目の協定を読み取れません"),
        (READABLE.replace(b'"title": "', b'"title": "\\ud800'), "1件目の協定を読み取れません"),
        (READABLE.replace(b'"edition": 1', b'"edition": Infinity'), "1件目の協定を読み取れません"),
    ],
)
def test_json_that_is_not_ours_is_refused_in_words(content, told):
    with pytest.raises(Refused, match=told) if told else nullcontext():
        json_sheets(content)


@pytest.mark.django_db
def test_open_data_that_somebody_spoilt_are_refused_at_the_row(client, fukuoka, manager, checked, today):
    agreement = AgreementFactory(whole=True, municipality=fukuoka)
    publish(agreement=agreement, by=manager, version=1, today=TODAY)
    content = client.get("/open/m/401307/agreements.csv").content.decode()
    for good, bad, told in (
        ("締結者；締結者", "締結者；社長", "当事者の役割「社長」"),
        ("甲；乙", "甲；乙；丙", "当事者より多く"),
        ("甲；乙", f"甲；{'乙' * 21}", "20文字まで"),
        ("(1) 観光", f"(1) {'観' * 2000}", "2,000文字以内"),
        ("(1) 03", "(1) 77", "分野の番号「77」"),
    ):
        assert good in content
        (row,) = checked(content.replace(good, bad).encode(), "data.csv").rows.all()
        assert told in row.errors[0]["message"]


_LINE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(st.lists(st.lists(_LINE, min_size=1, max_size=3).map("\n".join), max_size=5))
def test_items_come_back_as_they_were_written(texts):
    facts = {
        "id": 1,
        "municipality": {"code": "401307", "prefecture": "福岡県", "name": "福岡市"},
        "parties": [],
        "title": "",
        "kind": "other",
        "state": "active",
        "signed_on": None,
        "effective_on": None,
        "ended_on": None,
        "items": [{"number": n, "text": text, "categories": []} for n, text in enumerate(texts, start=1)],
    }
    row = open_data.csv_row(facts, on=TODAY, number=1, url="")
    cell = row[[name for name, _ in open_data.COLUMNS].index("連携事項")]
    assert read_items(cell) == tuple(texts)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_FACTS = st.fixed_dictionaries(
    {
        "published_on": _JSON | st.just("2026-10-01"),
        "edition": _JSON | st.just(1),
        "url": _JSON | st.just(""),
        "municipality": _JSON | st.just({"code": "401307", "prefecture": "福岡県", "name": "福岡市"}),
        "parties": _JSON | st.just([]),
        "title": _JSON | st.just("名称"),
        "kind": _JSON | st.just("other"),
        "state": _JSON | st.just("active"),
        "id": _JSON,
        "signed_on": _JSON,
        "effective_on": _JSON,
        "ended_on": _JSON,
    },
    optional={"term": _JSON, "items": _JSON, "purpose": _JSON, "ended_reason": _JSON, "actions": _JSON},
)


@given(_FACTS | _JSON)
def test_json_of_strangers_is_read_or_refused_and_nothing_else(facts):
    content = json.dumps({"version": "1.1", "agreements": [facts]}).encode()
    try:
        sheets = json_sheets(content)
    except Refused:
        return
    assert all(isinstance(cell, str) for rows in sheets.values() for row in rows for cell in row)
