"""関連する協定: the tree of an agreement, and what of it others may know."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.actions.register import ChangedMeanwhile
from agreements.actions.succession import link_successor
from agreements.actions.transition import NotAllowed
from agreements.models import Agreement
from agreements.views.family import family_tree
from tests.factories import AgreementFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def make(fukuoka, editor):
    def make(title, **values):
        return AgreementFactory(municipality=fukuoka, department=editor.department, title=title, **values)

    return make


def shape(node) -> list:
    """[title, is_here, children …]"""
    return [node.agreement.title, node.is_here, *map(shape, node.children)]


@pytest.fixture
def family(make):
    """包括 → 災害, 健康 → クーリングシェルター; the 健康 one replaces an older one."""
    top = make("包括協定", publication="published")
    make("災害協定", parent=top, signed_on=date(2023, 4, 1), publication="published")
    health = make("健康協定", parent=top)
    shelter = make("クーリングシェルター協定", parent=health, publication="published")
    make("旧健康協定", successor=health)
    return {"top": top, "health": health, "shelter": shelter}


def test_the_whole_family_is_shown_wherever_one_stands(family, viewer, viewer_client):
    expected = [
        "包括協定",
        False,
        ["災害協定", False],
        ["健康協定", True, ["クーリングシェルター協定", False]],
    ]
    tree = family_tree(family["health"], viewer)
    assert shape(tree) == expected
    assert [old.title for old in tree.children[1].replaces] == ["旧健康協定"]
    page = viewer_client.get(family["shelter"].get_absolute_url())
    for title in ("包括協定", "災害協定", "健康協定", "旧健康協定"):
        assertContains(page, title)


def test_others_see_only_what_is_published_and_nothing_behind_it(family, neighbour, neighbour_client):
    assert shape(family_tree(family["top"], neighbour)) == ["包括協定", True, ["災害協定", False]]
    assert family_tree(family["shelter"], neighbour) is None  # its parent is not published
    page = neighbour_client.get(family["top"].get_absolute_url())
    assertContains(page, "災害協定")
    assertNotContains(page, "健康協定")
    assertNotContains(page, "クーリングシェルター")


def test_an_agreement_by_itself_has_no_family(make, viewer):
    assert family_tree(make("ひとり"), viewer) is None


def test_a_circle_in_old_data_ends(make, viewer):
    one, two = make("一"), make("二")
    Agreement.objects.filter(pk=one.pk).update(parent=two)
    Agreement.objects.filter(pk=two.pk).update(parent=one)
    one.refresh_from_db()
    assert shape(family_tree(one, viewer)) == ["二", False, ["一", True]]


def test_deleted_agreements_leave_the_family(family, viewer):
    Agreement.objects.filter(pk=family["health"].pk).update(deleted_at="2026-09-01T00:00Z")
    assert shape(family_tree(family["top"], viewer)) == ["包括協定", True, ["災害協定", False]]


def test_the_tree_needs_as_many_queries_for_many_children(family, make, viewer, assert_same_queries):
    assert_same_queries(lambda: make("子", parent=family["top"]), lambda: family_tree(family["top"], viewer))


# -- 新協定へ移行 -------------------------------------------------------------------------------------
def url(agreement) -> str:
    return reverse("agreements:agreement-successor", args=[agreement.pk])


def test_a_successor_is_named_by_its_number_and_taken_back(make, editor_client):
    old, new = make("旧協定"), make("新協定")
    response = editor_client.post(url(old), {"successor_number": new.ledger_number, "version": old.version})
    assert response.status_code == 302
    assertContains(editor_client.get(old.get_absolute_url()), "新協定へ移行：")
    assertContains(editor_client.get(new.get_absolute_url()), "移行元：")
    old.refresh_from_db()
    assert old.history.first().history_change_reason == "移行先の協定：新協定"
    editor_client.post(url(old), {"successor_number": "", "version": old.version})
    old.refresh_from_db()
    assert old.successor is None


def test_what_cannot_succeed_is_refused_at_the_field(make, editor_client, obuse):
    old, new = make("旧協定"), make("新協定")
    theirs = AgreementFactory(municipality=obuse, ledger_number="OBUSE-1")
    response = editor_client.post(url(old), {"successor_number": theirs.ledger_number, "version": 1})
    assertContains(response, "「OBUSE-1」の協定はありません")
    response = editor_client.post(url(old), {"successor_number": old.ledger_number, "version": 1})
    assertContains(response, "移行先にできません", status_code=409)
    link_successor(agreement=new, successor=old, version=1)
    response = editor_client.post(url(old), {"successor_number": new.ledger_number, "version": 1})
    assertContains(response, "移行先にできません", status_code=409)
    assert Agreement.objects.get(pk=old.pk).successor is None


def test_only_signed_agreements_have_a_successor(make):
    planned, new = make("案", draft=True), make("新協定")
    with pytest.raises(NotAllowed):
        link_successor(agreement=planned, successor=new, version=1)
    with pytest.raises(ChangedMeanwhile):
        link_successor(agreement=new, successor=None, version=9)
