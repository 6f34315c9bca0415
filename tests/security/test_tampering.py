"""Forms sent back with what they never asked for: further fields of the model, and rows of somebody else.

Every form on every page of the sweep is driven by what stands on its page, so a new form is attacked too.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from agreements.models import Agreement
from municipalities.models import Department, StaffMember
from tests.conftest import client_of
from tests.factories import (
    AgreementFactory,
    CompanyContactFactory,
    DepartmentFactory,
    DocumentFactory,
    MeetingFactory,
    StaffMemberFactory,
)
from tests.journeys.clerk import Page
from tests.test_urls import ARGUMENTS, PEOPLE, TABLE, address

pytestmark = pytest.mark.django_db
MANAGER = PEOPLE.index("manager")
OUR_APPS = ("agreements", "municipalities")
UNSENT = {"csrfmiddlewaretoken"}
DRAWN = {"token_hash", "prefix", "secret_box"}  # at random, when a row is made


def form_pages(rows: dict) -> list[str]:
    """Pages that the manager opens and sends back, one for each view."""
    found = {}
    for (name, about), answers in TABLE.items():
        get, post = (each.split()[MANAGER] for each in answers)
        if get == "200" and post in {"200", "302", "409"}:
            found.setdefault(name, address(name, about, rows))
    return list(found.values())


def forms_on(client: Client, url: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Where each form of the page goes and what it would send untouched."""
    for form in Page(client.get(url)).forms:
        if form.method == "post" and "logout" not in form.action:
            values = {name: given for name, given in form.values.items() if name not in UNSENT}
            for name in form.names - values.keys() - UNSENT:
                values[name] = []
            for button in form.buttons[:1]:
                if button.name:
                    values[button.name] = [button.value]
            yield form.action or url, values


def filled(values: dict[str, list[str]]) -> dict[str, list[str]]:
    """As a hasty person would fill it in: a word wherever nothing stands."""
    return {name: given or [] for name, given in values.items()} | {
        name: ["見本"] for name, given in values.items() if given == [""] and name.endswith(("name", "title"))
    }


def our_models() -> list[type[models.Model]]:
    return [
        model
        for label in OUR_APPS
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.startswith(("Historical", "Audit"))
    ]


def stored(known: dict[str, set]) -> dict[str, list[dict[str, Any]]]:
    """Everything in our tables, but for the moments of writing, the random part of no password and new keys.

    `known` are the keys of before, by model: a sequence of PostgreSQL goes on after a rollback.
    """
    moments = {"created_at", "updated_at", "at", "decided_at", "date_joined", "staged_at"}

    def is_new(model: type[models.Model], row: dict[str, Any]) -> bool:
        return row[model._meta.pk.attname] not in known.get(model.__name__, ())

    return {
        model.__name__: [
            {
                field.attname: _comparable(field, row[field.attname], known)
                for field in model._meta.concrete_fields
                if field.name not in moments and (field.name not in DRAWN or not is_new(model, row))
            }
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in our_models()
    }


def keys() -> dict[str, set]:
    return {model.__name__: set(model._base_manager.values_list("pk", flat=True)) for model in our_models()}


def _comparable(field: Any, value: Any, known: dict[str, set]) -> Any:
    if field.name == "password" and value.startswith("!"):
        return "!"
    target = field.related_model if field.is_relation else field.model if field.primary_key else None
    if target is not None and value is not None and value not in known.get(target.__name__, {value}):
        return "new"
    return _without_keys(value) if isinstance(field, models.JSONField) else value


def _without_keys(value: Any) -> Any:
    """JSON lists the keys of what was made, for its undoing; a sequence never gives the same twice."""
    if isinstance(value, dict):
        return {key: _without_keys(each) for key, each in value.items()}
    if isinstance(value, list):
        return ["key" if type(each) is int else _without_keys(each) for each in value]
    return value


def unasked(form_names: set[str]) -> dict[str, str]:
    """Every field of every model of ours that the form does not ask for, with a value that would fit."""
    found = {}
    for model in our_models():
        for field in model._meta.get_fields():
            for name in {field.name, getattr(field, "attname", field.name)} - form_names:
                found[name] = _fitting(field)
    return found


def _fitting(field: Any) -> str:
    if getattr(field, "choices", None):
        return str([key for key, _ in field.flatchoices][-1])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateField):
        return "2020-01-01"
    if isinstance(field, models.CharField | models.TextField):
        return "planted"
    return "1"


def after(client: Client, url: str, data: dict) -> tuple[int, dict]:
    """The status of sending the form, and what is stored then; undone."""
    with transaction.atomic():
        known = keys()
        status = client.post(url, data).status_code
        found = stored(known)
        transaction.set_rollback(True)
    return status, found


def test_fields_a_form_does_not_ask_for_change_nothing(people, rows, today):
    client = client_of(people["manager"])
    tried = saved = 0
    for page in form_pages(rows):
        for url, values in forms_on(client, page):
            data = filled(values)
            plain = after(client, url, data)
            names = {name.rpartition("-")[2] for name in values} | {*values}
            more = unasked(names)
            prefixes = {name.rpartition("-")[0] + "-" for name in values if "-" in name}
            more |= {
                f"{prefix}{name}": value for prefix in prefixes for name, value in unasked(names).items()
            }
            more = {name: value for name, value in more.items() if name not in values and name not in MEANT}
            polluted = after(client, url, {**more, **data})
            tried += 1
            saved += plain[0] == 302
            assert polluted == plain, url
    assert tried >= 20
    assert saved >= 8


def foreign_rows(obuse) -> dict[str, models.Model]:
    """Rows of 小布施町 to which nothing else points."""
    department = DepartmentFactory(municipality=obuse)
    agreement = AgreementFactory(municipality=obuse, department=department)
    return {
        "department": DepartmentFactory(municipality=obuse),
        "staff": StaffMemberFactory(editor=True, municipality=obuse, department=department),
        "agreement": agreement,
        "contact": CompanyContactFactory(municipality=obuse),
        "document": DocumentFactory(agreement=agreement),
        "meeting": MeetingFactory(agreement=agreement),
    }


def references_to(row: models.Model) -> int:
    """How many rows of ours point to this one, its own parts of before included."""
    count = 0
    for relation in row._meta.related_objects:
        if relation.related_model._meta.app_label in OUR_APPS:
            name = relation.field.name
            count += relation.related_model._base_manager.filter(**{name: row.pk}).count()
    return count


def test_no_form_takes_a_row_of_another_municipality(people, rows, obuse, today):
    client = client_of(people["manager"])
    foreign = foreign_rows(obuse)
    before = {kind: (references_to(row), _values(row)) for kind, row in foreign.items()}
    tried = 0
    for page in form_pages(rows):
        for url, values in forms_on(client, page):
            chosen = [name for name in values if name.rpartition("-")[2] in CHOSEN]
            for name in chosen:
                for kind in CHOSEN[name.rpartition("-")[2]]:
                    row = foreign[kind]
                    data = {**filled(values), name: [str(row.pk)]}
                    with transaction.atomic():
                        status = client.post(url, data).status_code
                        found = (references_to(row), _values(row))
                        transaction.set_rollback(True)
                    assert found == before[kind], (url, name, kind)
                    assert status in {200, 302, 400, 403, 404, 409}, (url, name, kind, status)
                    tried += 1
    assert tried >= 15


# What a field with such a name could name.
CHOSEN = {
    "department": ("department",),
    "departments": ("department",),
    "related_departments": ("department",),
    "new": ("department",),
    "old": ("department",),
    "person_in_charge": ("staff",),
    "received_by": ("staff",),
    "person": ("staff",),
    "documents": ("document",),
    "id": ("agreement", "document", "meeting"),
    "agreement": ("agreement",),
    "agreements": ("agreement",),
    "parent_number": ("agreement",),
}
# Names by which a form is told what to do, though a model has a field of that name too.
MEANT: set[str] = set()


def _values(row: models.Model) -> dict[str, Any]:
    return type(row)._base_manager.filter(pk=row.pk).values().get()


def foreign_addresses(foreign: dict[str, models.Model]) -> Iterator[str]:
    """Every URL of the sweep that takes one of these kinds, about the foreign row."""
    kinds = {
        "private": "agreement",
        "prepared": "agreement",
        "document": "document",
        "meeting": "meeting",
        "contact": "contact",
        "managed_contact": "contact",
        "person": "staff",
        "section": "department",
    }
    for name, about in TABLE:
        if about in kinds:
            yield reverse(name, args=[foreign[kinds[about]].pk, *ARGUMENTS.get(name, [])])


@pytest.mark.parametrize("person", ["editor", "manager"])
def test_no_url_opens_or_changes_a_row_of_another_municipality(people, obuse, person):
    foreign = foreign_rows(obuse)
    before = {kind: (references_to(row), _values(row)) for kind, row in foreign.items()}
    client = client_of(people[person])
    urls = list(foreign_addresses(foreign))
    assert len(urls) > 30
    for url in urls:
        for method in (client.get, client.post):
            assert method(url).status_code in {403, 404, 405}, url
    assert {kind: (references_to(row), _values(row)) for kind, row in foreign.items()} == before


@pytest.mark.parametrize("key", ["-1", "0", "999999999999999999999", "1 OR 1=1", "１", "", "None"])
def test_ids_that_are_none_are_wrong_input(people, rows, key, today):
    client = client_of(people["manager"])
    for page in form_pages(rows):
        for url, values in forms_on(client, page):
            chosen = [name for name in values if name.rpartition("-")[2] in CHOSEN]
            if not chosen:
                continue
            with transaction.atomic():
                response = client.post(url, {**filled(values), **{name: [key] for name in chosen}})
                transaction.set_rollback(True)
            assert response.status_code < 500, (url, chosen)


def test_an_editor_cannot_hand_an_agreement_to_another_section(people, rows, today):
    client = client_of(people["editor"])
    url = address("agreements:agreement-update", "private", rows)
    ((target, values),) = [each for each in forms_on(client, url) if "title" in each[1]]
    elsewhere = Department.objects.get(pk=people["colleague"].department_id)
    response = client.post(target, {**values, "department": [str(elsewhere.pk)]})
    assert response.status_code == 200
    assert Agreement.objects.get(pk=rows["private"].pk).department != elsewhere


@pytest.mark.parametrize("role", ["system_admin", "superuser", "MANAGER", "admin"])
def test_nobody_gives_themselves_more_than_there_is(people, role):
    manager = people["manager"]
    client = client_of(manager)
    url = reverse("municipalities:staff-update", args=[people["viewer"].pk])
    ((target, values),) = [each for each in forms_on(client, url) if "role" in each[1]]
    client.post(target, {**values, "role": [role], "is_superuser": "on", "is_staff": "on"})
    viewer = StaffMember.objects.get(pk=people["viewer"].pk)
    assert (viewer.role, viewer.is_superuser, viewer.is_staff) == ("viewer", False, False)
