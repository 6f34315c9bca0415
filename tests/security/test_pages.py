"""Hostile text in every field of every row: no page, printout or export makes anything but text of it."""

import csv
import io
import json
import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from agreements.models import AgreementDocument
from tests.conftest import client_of
from tests.test_urls import ARGUMENTS, OPEN, OWN_LOGIN, PEOPLE, TABLE, address

from .markup import MARK, Markup, header_problems
from .planting import FORMULA, MARKUP, plant, text_fields

pytestmark = pytest.mark.django_db
# What a template would make of {{7*7}} in the planted texts. Tokens are random: a 49 alone says nothing.
COUNTED = re.compile(r"x-mark(?: x-mark=1)?(?:>|&gt;)49")


def pages_of(person: str, rows: dict) -> list[str]:
    """Every page of the sweep that this person may see, without printouts."""
    place = PEOPLE.index(person)
    return [
        address(name, about, rows)
        for (name, about), answers in TABLE.items()
        if answers[0].split()[place] == "200" and not name.endswith(("-sheet", "-print"))
    ]


def admin_pages() -> list[str]:
    found = [reverse("admin:index"), reverse("admin:app_list", args=["agreements"])]
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._base_manager.first()
        found.append(reverse(f"{base}_changelist"))
        if row:
            pages = ("change", "history") if hasattr(model, "history") else ("change",)
            found += [reverse(f"{base}_{page}", args=[row.pk]) for page in pages]
    return found


def visit(client: Client, urls: list[str]) -> tuple[list[str], int]:
    """What is wrong with these pages, and how many of them show planted text."""
    problems, shown = [], 0
    for url in urls:
        response = client.get(url)
        if response.status_code != 200:
            problems.append(f"{url}: {response.status_code}")
        problems += [f"{url}: {problem}" for problem in header_problems(response)]
        if "no-store" not in response.get("Cache-Control", ""):
            problems.append(f"{url}: may be kept in a cache")
        if response["Content-Type"].startswith("text/html"):
            html = b"".join(response).decode()
            page = Markup(html)
            problems += [f"{url}: {problem}" for problem in page.problems]
            if COUNTED.search(html):
                problems.append(f"{url}: a template ran")
            shown += page.is_shown
    return problems, shown


def test_planting_reaches_the_fields_people_type_into():
    names = {f"{model.__name__}.{field.name}" for model, fields in text_fields() for field in fields}
    assert {"Agreement.title", "Company.name", "StaffMember.name", "Meeting.summary", "Party.label"} <= names
    assert {"HistoricalAgreement.note", "Municipality.name", "CompanyContact.email"} <= names


@pytest.mark.parametrize(
    "html",
    [
        "<p><x-mark>",
        "<input value=''x-mark=1>",
        "<a href=' java\nscript:x()'>",
        "<p onclick=x()>",
        "<p style='x'>",
        "<script>x()</script>",
        "<style>p{}</style>",
        "<img src=//elsewhere.example/x>",
    ],
)
def test_markup_notices_what_would_run(html):
    assert Markup(html).problems


def test_markup_takes_escaped_text_for_text():
    page = Markup("<p title='&lt;x-mark&gt;'>&lt;script&gt;x-mark</p><script src='/a.js'></script>")
    assert page.is_shown
    assert not page.problems


@pytest.mark.parametrize(("person", "at_least"), [("manager", 40), ("other_viewer", 4)])
def test_no_page_runs_what_stands_in_the_data(people, rows, person, at_least):
    urls = pages_of(person, rows)
    assert plant(MARKUP) > 200
    problems, shown = visit(client_of(people[person]), urls)
    assert not problems, "\n".join(problems)
    assert shown >= at_least


def test_no_admin_page_runs_what_stands_in_the_data(people, rows):
    plant(MARKUP)
    problems, shown = visit(client_of(people["system_admin"]), admin_pages())
    assert not problems, "\n".join(problems)
    assert shown >= 15


def test_pages_of_the_login_and_of_errors_are_as_strict(people, rows):
    plant(MARKUP)
    manager = client_of(people["manager"])
    anonymous = [Client().get(reverse(name, args=ARGUMENTS.get(name, []))) for name in sorted(OPEN)]
    own = [manager.get(reverse(name, args=ARGUMENTS.get(name, []))) for name in sorted(OWN_LOGIN)]
    errors = [
        manager.get(f"/<{MARK}>/"),
        manager.get(reverse("agreements:agreement-list"), {"q": MARKUP[0], "page": f"<{MARK}>"}),
        client_of(people["viewer"]).get(reverse("agreements:agreement-create")),
        Client(enforce_csrf_checks=True).post(reverse("account_login")),
        Client().get("/", headers={"host": f"<{MARK}>"}),
    ]
    assert [each.status_code for each in errors[2:]] == [403, 403, 400]
    for response in [*anonymous, *own, *errors]:
        problems = header_problems(response)
        if response["Content-Type"].startswith("text/html") and not response.streaming:
            problems += Markup(response.content.decode()).problems
        assert not problems, (response.request["PATH_INFO"], problems)


def test_printouts_print_the_data_and_hold_nothing_active(people, rows, text_of, print_fonts):
    plant(MARKUP)
    client = client_of(people["manager"])
    for name, about in (
        ("agreements:agreement-sheet", "private"),
        ("agreements:disposal-print", "disposal_list"),
    ):
        pdf = b"".join(client.get(address(name, about, rows)))
        assert MARK in text_of(pdf)
        for active in (b"/JavaScript", b"/JS", b"/Launch", b"/SubmitForm", b"/OpenAction"):
            assert active not in pdf


def test_exports_hold_no_formula_and_no_markup(people, rows):
    plant(FORMULA)
    client = client_of(people["manager"])
    client.get(address("agreements:contact-data-export", "managed_contact", rows))  # recorded with a name
    lines = b"".join(client.get(reverse("municipalities:audit-export"))).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(lines)) for cell in row]
    assert any(MARK in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    exported = client.get(address("agreements:contact-data-export", "managed_contact", rows))
    assert "json" in exported["Content-Type"]
    assert exported["Content-Disposition"].startswith("attachment")
    assert json.loads(b"".join(exported))


def test_names_of_files_cannot_write_headers(people, rows):
    document = rows["document"]
    AgreementDocument.objects.filter(pk=document.pk).update(
        original_name='x"; filename="x.html\r\nSet-Cookie: a=b'
    )
    response = client_of(people["manager"]).get(address("agreements:document-download", "document", rows))
    assert "Set-Cookie" not in response
    assert "\n" not in response["Content-Disposition"]
    assert response["Content-Type"] == "application/pdf"
