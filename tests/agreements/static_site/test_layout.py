"""Addresses and files: pure rules."""

import posixpath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.static_site.layout import (
    Address,
    UnsafeName,
    clean_base_url,
    file_name,
    relative,
    resolve,
    without_index,
)

PAGE = Address("/open/m/401307/", "page=2")


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("", (PAGE, "")),
        ("#main", (PAGE, "main")),
        ("?", (Address(PAGE.path), "")),
        ("?page=3", (Address(PAGE.path, "page=3"), "")),
        ("feed.xml", (Address("/open/m/401307/feed.xml"), "")),
        ("/open/a/5/#top", (Address("/open/a/5/"), "top")),
        ("https://static-site.invalid/open/a/5/", (Address("/open/a/5/"), "")),
        ("https://static-site.invalid.example.jp/", None),
        ("https://www.city.example.lg.jp/", None),
        ("mailto:kikaku@example.lg.jp", None),
        ("//example.jp/x", None),
    ],
)
def test_reference_leads_where_a_browser_would_go(reference, found):
    assert resolve(PAGE, reference) == found


@pytest.mark.parametrize(
    ("rest", "query", "content_type", "file"),
    [
        ("", "", "text/html; charset=utf-8", "index.html"),
        ("", "page=2", "text/html", "page-2.html"),
        ("a/5/", "", "text/html", "a/5/index.html"),
        ("documents/12/", "", "application/pdf", "documents/12.pdf"),
        ("m/401307/logo", "", "image/png", "m/401307/logo.png"),
        ("m/401307/feed.xml", "", "application/atom+xml", "m/401307/feed.xml"),
        ("m/401307/agreements.csv", "year=2024", "text/csv", "m/401307/agreements-year-2024.csv"),
    ],
)
def test_every_address_becomes_a_file_that_opens_by_itself(rest, query, content_type, file):
    assert file_name(rest, query, content_type) == file


@pytest.mark.parametrize("rest", ["../etc/passwd", "a//b", ".hidden", "a/..", "あ/", "a b", "/etc/x"])
def test_name_that_some_system_cannot_take_is_refused(rest):
    with pytest.raises(UnsafeName):
        file_name(rest, "", "text/html" if rest.endswith("/") else "application/pdf")


QUERIES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x30FF), min_size=1, max_size=30)


@given(QUERIES, QUERIES)
def test_two_queries_are_two_files(one, other):
    names = {file_name("s/", query, "text/html") for query in (one, other)}
    assert len(names) == len({one, other})


NAMES = st.lists(st.sampled_from(["a", "m", "401307", "index.html", "x.y"]), min_size=1, max_size=4).map(
    "/".join
)


@given(NAMES, NAMES)
def test_relative_reference_leads_back_to_the_file(source, target):
    reference = unquote(relative(source, target))
    assert posixpath.normpath(posixpath.join(posixpath.dirname(source), reference)) == posixpath.normpath(
        target
    )


def test_folder_stands_for_its_page_on_a_web_server():
    assert [without_index(each) for each in ("index.html", "a/5/index.html", "../index.html", "a.csv")] == [
        "./",
        "a/5/",
        "../",
        "a.csv",
    ]


def test_address_of_the_site_ends_with_a_slash_or_is_refused():
    assert (
        clean_base_url(" https://www.city.example.lg.jp/renkei ") == "https://www.city.example.lg.jp/renkei/"
    )
    assert clean_base_url("") == ""
    for wrong in (
        "www.example.jp",
        "ftp://a/",
        "https://a/?q=1",
        'https://a/"><x',
        "https://a/#x",
        "https://a b/",
    ):
        with pytest.raises(ValueError, match="アドレスを入力"):
            clean_base_url(wrong)
