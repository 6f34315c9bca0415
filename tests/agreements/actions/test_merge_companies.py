"""相手方の統合: agreements of everyone move, names as signed stay, and all of it can be taken back."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.actions.merge_companies import merge_companies, preview_merge, undo_merge
from agreements.actions.register import ChangedMeanwhile
from agreements.actions.transition import NotAllowed
from agreements.models import Agreement, Company, CompanyMerge, Party
from tests.factories import AgreementFactory, CompanyContactFactory, CompanyFactory, PartyFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def source():
    return CompanyFactory(name="旧見本銀行株式会社", name_kana="きゅうみほんぎんこう")


@pytest.fixture
def target():
    return CompanyFactory(name="新見本銀行株式会社", name_kana="しんみほんぎんこう")


@pytest.fixture
def agreements(source):
    """Of two municipalities; the second party has no name of its own."""
    first, second = (AgreementFactory(whole=True, whole__company=source, published=True) for _ in range(2))
    second.parties.filter(company=source).update(name_as_signed="")
    return first, second


def fresh(company):
    return Company.objects.get(pk=company.pk)


def merge(source, target, by):
    seen = (fresh(source).updated_at, fresh(target).updated_at)
    return merge_companies(source=source, target=target, seen=seen, by=by, now=NOW)


def test_merge_moves_everything_and_keeps_the_names_as_signed(source, target, agreements, manager):
    contact = CompanyContactFactory(company=source)
    preview = preview_merge(source, target)
    assert (preview.agreements, preview.contacts, preview.names) == (2, 1, ("旧見本銀行株式会社",))
    merge(source, target, manager)
    parties = Party.objects.filter(company=target)
    assert {party.name for party in parties} == {"旧見本銀行株式会社"}
    assert {party.agreement for party in parties} == set(agreements)
    contact.refresh_from_db()
    assert contact.company == target
    assert fresh(source).deleted_at
    for word in ("旧見本銀行", "新見本銀行"):
        assert set(Agreement.objects.matching(word, manager)) == set(agreements), word
        assert target in Company.objects.alive().matching(word)
    assert {each.version for each in Agreement.objects.all()} == {2}
    record = parties.first().history.first()
    assert (record.history_type, record.history_user) == ("~", manager)


def test_merge_is_taken_back(source, target, agreements, manager):
    own = AgreementFactory(whole=True, whole__company=target)
    undo_merge(merge=merge(source, target, manager), by=manager, now=NOW)
    assert set(Agreement.objects.with_company(source)) == set(agreements)
    assert set(Agreement.objects.with_company(target)) == {own}
    assert not fresh(source).deleted_at
    assert not fresh(target).former_names.exists()
    assert own not in Agreement.objects.matching("旧見本銀行", manager)
    with pytest.raises(NotAllowed, match="すでに取り消されています"):
        undo_merge(merge=CompanyMerge.objects.get(), by=manager, now=NOW)


def test_merges_are_taken_back_in_reverse_order(source, target, agreements, manager):
    last = CompanyFactory()
    first = merge(source, target, manager)
    second = merge(target, last, manager)
    with pytest.raises(NotAllowed, match="先にそちらを元に戻してください"):
        undo_merge(merge=first, by=manager, now=NOW)
    undo_merge(merge=second, by=manager, now=NOW)
    undo_merge(merge=first, by=manager, now=NOW)
    assert set(Agreement.objects.with_company(source)) == set(agreements)


def test_merge_is_refused_when_both_are_parties_of_one_agreement(source, target, agreements, manager):
    PartyFactory(agreement=agreements[0], company=target, order=3)
    with pytest.raises(NotAllowed, match="両方が当事者"):
        merge(source, target, manager)
    assert not fresh(source).deleted_at


def test_merge_tells_who_was_slower(source, target, manager):
    seen = (source.updated_at, target.updated_at)
    merge(source, target, manager)
    with pytest.raises(ChangedMeanwhile):
        merge_companies(source=source, target=target, seen=seen, by=manager, now=NOW)


def test_merge_pages_preview_merge_and_undo(manager_client, editor_client, source, target, agreements):
    page = reverse("agreements:company-merge", args=[source.pk])
    assertContains(manager_client.get(source.get_absolute_url()), page)
    assertNotContains(editor_client.get(source.get_absolute_url()), page)
    assertContains(manager_client.get(page, {"q": "新見本"}), f"?into={target.pk}")
    preview = manager_client.get(page, {"into": target.pk})
    assertContains(preview, "協定 2件の当事者")
    data = {
        "into": target.pk,
        "source_seen": source.updated_at.isoformat(),
        "target_seen": target.updated_at.isoformat(),
    }
    response = manager_client.post(page, data, follow=True)
    assertContains(response, "統合を取り消す")
    assertContains(response, "観光・シティプロモーション・国際")  # 連携の分野
    again = manager_client.post(page, data)
    assert again.status_code == 404  # put away
    undo = reverse("agreements:company-merge-undo", args=[CompanyMerge.objects.get().pk])
    assertContains(manager_client.post(undo, follow=True), "取り消しました")
    assert not fresh(source).deleted_at
