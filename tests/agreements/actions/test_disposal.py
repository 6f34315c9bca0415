"""廃棄: nothing is lost until a second manager approves; then only the tombstone stays."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from agreements.actions.disposal import approve, make_list, take_off, withdraw
from agreements.actions.obliterate import _references
from agreements.choices import AgreementState, DisposalState, DocumentKind, Retention
from agreements.models import (
    ActionItem,
    Agreement,
    AgreementDocument,
    CooperationField,
    DisposalItem,
    DisposalList,
    Party,
    SearchDocument,
    Transition,
)
from municipalities.choices import AuditKind
from municipalities.models import AuditEvent
from tests.factories import AgreementFactory, CompanyFactory, PartyFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)
MOVE = {"from_state": AgreementState.ACTIVE, "to_state": AgreementState.ENDED, "on": date(2015, 3, 31)}


@pytest.fixture
def second_manager(fukuoka):
    return StaffMemberFactory(manager=True, municipality=fukuoka)


@pytest.fixture
def due(fukuoka):
    """An agreement that may go, with all its parts; its 締結者 is a person."""
    agreement = AgreementFactory(
        municipality=fukuoka, disposable=True, title="古い協定", ledger_number="H22-1"
    )
    PartyFactory(agreement=agreement, municipality=fukuoka, label="甲", order=1)
    PartyFactory(agreement=agreement, company=CompanyFactory(lawson=True), signatory_name="代表 太郎")
    item = CooperationField.objects.create(agreement=agreement, number=1, text="ひみつの連携事項")
    action = ActionItem.objects.create(agreement=agreement, title="ひみつの取組")
    action.cooperation_fields.set([item])
    SearchDocument.objects.refresh([agreement.pk])
    return agreement


@pytest.fixture
def listed(due, manager):
    return make_list(
        municipality=due.municipality, agreements=[due], title="令和8年度 廃棄目録", by=manager, today=TODAY
    )


def rows_that_mention(text: str) -> list[str]:
    """Every row of every table, histories included, in which a text column holds the text."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField):
                count = model._base_manager.filter(**{f"{field.name}__contains": text}).count()
                found += [f"{model._meta.label}.{field.name}"] * count
    return found


# -- The list -----------------------------------------------------------------------------------------
def test_make_list_writes_down_what_will_stay(listed, due, manager):
    item = listed.items.get()
    assert (item.agreement, item.ledger_number, item.title) == (due, "H22-1", "古い協定")
    assert item.counterparts == "株式会社ローソン"
    assert (item.ended_on, item.retention, item.due_on) == (date(2015, 3, 31), 5, date(2020, 4, 1))
    assert (listed.state, listed.created_by, item.disposed_on) == (DisposalState.OPEN, manager, None)
    assert Agreement.objects.filter(pk=due.pk).exists()


def test_make_list_refuses_what_is_not_due(fukuoka, due, manager):
    early = AgreementFactory(municipality=fukuoka, disposable=True, retention=Retention.PERMANENT)
    with pytest.raises(ValidationError, match="廃棄できない協定"):
        make_list(municipality=fukuoka, agreements=[due, early], title="x", by=manager, today=TODAY)
    assert not DisposalList.objects.exists()


def test_make_list_refuses_what_is_listed_already_and_other_municipalities(listed, due, obuse, manager):
    theirs = AgreementFactory(municipality=obuse, disposable=True)
    for agreement in (due, theirs):
        with pytest.raises(ValidationError):
            make_list(
                municipality=due.municipality, agreements=[agreement], title="x", by=manager, today=TODAY
            )


def test_withdraw_sets_the_agreements_free(listed, due, manager):
    withdraw(listed=listed, by=manager)
    listed.refresh_from_db()
    assert listed.state == DisposalState.WITHDRAWN
    make_list(municipality=due.municipality, agreements=[due], title="もう一度", by=manager, today=TODAY)
    with pytest.raises(ValidationError, match="取りやめ"):
        withdraw(listed=listed, by=manager)


def test_take_off_leaves_the_others(fukuoka, due, manager):
    other = AgreementFactory(municipality=fukuoka, disposable=True)
    listed = make_list(municipality=fukuoka, agreements=[due, other], title="x", by=manager, today=TODAY)
    take_off(item=listed.items.get(agreement=other), by=manager)
    assert [item.agreement for item in listed.items.all()] == [due]
    with pytest.raises(ValidationError, match="最後の1件"):
        take_off(item=listed.items.get(), by=manager)


# -- The approval -------------------------------------------------------------------------------------
def test_approve_needs_another_person(listed, due, manager):
    with pytest.raises(ValidationError, match="別の管理者"):
        approve(listed=listed, by=manager, on=TODAY, today=TODAY)
    assert Agreement.objects.filter(pk=due.pk).exists()


def test_approval_by_the_author_is_refused_by_the_database_as_well(listed, manager):
    with pytest.raises(IntegrityError), transaction.atomic():
        DisposalList.objects.filter(pk=listed.pk).update(
            state=DisposalState.APPROVED, approved_by=manager, approved_on=TODAY
        )


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), date(2020, 3, 31)])
def test_approve_refuses_days_that_make_no_sense(listed, second_manager, on):
    with pytest.raises(ValidationError) as caught:
        approve(listed=listed, by=second_manager, on=on, today=TODAY)
    assert "approved_on" in caught.value.message_dict


def test_approve_removes_everything_but_the_tombstone(listed, due, second_manager):
    due.note = "ひみつの備考"
    due.save()
    gone = due.parties.get(company__isnull=False)
    gone.delete()  # what was deleted long ago still stands in the history
    content_type = ContentType.objects.get_for_model(ActionItem)
    LogEntry.objects.create(
        user=second_manager,
        content_type=content_type,
        object_id=str(due.actions.get().pk),
        object_repr="ひみつの取組",
        action_flag=CHANGE,
    )
    assert approve(listed=listed, by=second_manager, on=TODAY, today=TODAY) == 1
    for secret in ("ひみつ", "代表 太郎"):
        assert rows_that_mention(secret) == []
    assert not Agreement.history.filter(id=due.pk).exists()
    assert not Party.history.filter(agreement_id=due.pk).exists()
    item = DisposalItem.objects.get()
    assert (item.agreement, item.agreement_number, item.disposed_on) == (None, due.pk, TODAY)
    assert (item.title, item.counterparts) == ("古い協定", "株式会社ローソン")
    listed.refresh_from_db()
    assert (listed.state, listed.approved_by, listed.approved_on) == (
        DisposalState.APPROVED,
        second_manager,
        TODAY,
    )
    event = AuditEvent.objects.filter(kind=AuditKind.DISPOSAL).order_by("sequence").last()
    assert (event.actor, event.details["管理番号"]) == (second_manager, ["H22-1"])


def test_approve_leaves_other_agreements_alone(listed, due, second_manager):
    other = AgreementFactory(whole=True, municipality=due.municipality)
    other.note = "残る"
    other.save()
    before = (other.history.count(), other.parties.count(), other.actions.count())
    approve(listed=listed, by=second_manager, on=TODAY, today=TODAY)
    assert (other.history.count(), other.parties.count(), other.actions.count()) == before
    assert SearchDocument.objects.filter(agreement=other).exists()


def test_approve_of_a_family_needs_no_order(fukuoka, due, manager, second_manager):
    child = AgreementFactory(municipality=fukuoka, disposable=True, parent=due)
    listed = make_list(municipality=fukuoka, agreements=[due, child], title="x", by=manager, today=TODAY)
    assert approve(listed=listed, by=second_manager, on=TODAY, today=TODAY) == 2
    assert not Agreement.objects.filter(pk__in=[due.pk, child.pk]).exists()


def test_approve_refuses_what_has_changed_since(listed, due, second_manager):
    due.retention = Retention.PERMANENT
    due.save()
    with pytest.raises(ValidationError, match="H22-1"):
        approve(listed=listed, by=second_manager, on=TODAY, today=TODAY)
    item = listed.items.get()
    assert (item.agreement, item.disposed_on) == (due, None)
    assert due.actions.exists()


def test_approve_twice_is_refused(listed, second_manager):
    approve(listed=listed, by=second_manager, on=TODAY, today=TODAY)
    with pytest.raises(ValidationError, match="承認済み"):
        approve(listed=listed, by=second_manager, on=TODAY, today=TODAY)


def test_approve_removes_the_files_when_it_is_sure(
    listed, due, second_manager, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    document = AgreementDocument.objects.create(
        agreement=due,
        kind=DocumentKind.SIGNED,
        title="協定書",
        version=1,
        file=ContentFile(b"x", name="x.pdf"),
        original_name="x.pdf",
        size=1,
        sha256="0" * 64,
        content_type="application/pdf",
    )
    storage, name = document.file.storage, document.file.name
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        approve(listed=listed, by=second_manager, on=TODAY, today=TODAY)
        assert storage.exists(name)
    for callback in callbacks:
        callback()
    assert not storage.exists(name)
    assert not AgreementDocument.objects.filter(agreement_id=due.pk).exists()


def test_deleted_agreements_can_be_disposed_of(fukuoka, manager, second_manager):
    deleted = AgreementFactory(municipality=fukuoka, disposable=True, deleted_at=timezone.now())
    listed = make_list(municipality=fukuoka, agreements=[deleted], title="x", by=manager, today=TODAY)
    assert approve(listed=listed, by=second_manager, on=TODAY, today=TODAY) == 1


def test_whatever_belongs_to_an_agreement_goes_along_or_lets_go():
    """A new model that refers to one of these rows from outside with PROTECT would make disposal fail."""
    family, waiting, holding = {Agreement}, [Agreement], set()
    while waiting:
        for relation in _references(waiting.pop()):
            if relation.on_delete is models.CASCADE and relation.related_model not in family:
                family.add(relation.related_model)
                waiting.append(relation.related_model)
            elif relation.on_delete not in {models.CASCADE, models.SET_NULL, models.DO_NOTHING}:
                holding.add((relation.related_model, relation.field.name))
    outside = {model._meta.object_name for model, _ in holding if model not in family}
    assert not outside
    # Between agreements: a parent waits for its children, a successor is let go.
    assert {name for model, name in holding if model is Agreement} <= {"parent", "successor"}


def test_approve_with_a_move_that_was_taken_back(listed, due, second_manager):
    first = Transition.objects.create(agreement=due, **MOVE)
    Transition.objects.create(agreement=due, undoes=first, **MOVE)
    approve(listed=listed, by=second_manager, on=TODAY, today=TODAY)
    assert not Transition.objects.filter(agreement_id=due.pk).exists()


def test_approve_lets_go_of_an_agreement_that_passed_into_it(listed, due, second_manager):
    before = AgreementFactory(municipality=due.municipality, disposable=True, retention=Retention.PERMANENT)
    Agreement.objects.filter(pk=before.pk).update(successor=due)
    approve(listed=listed, by=second_manager, on=TODAY, today=TODAY)
    before.refresh_from_db()
    assert before.successor is None
