"""Two people save documents at the same moment; a process is killed on the way: nothing half-done is left."""

import os
import signal
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.utils import timezone

from agreements.actions import documents
from agreements.actions.documents import DocumentDraft, clean_uploads, confirm_uploads, stage_upload
from agreements.actions.register import ChangedMeanwhile
from agreements.choices import DocumentKind
from agreements.models import AgreementDocument, StagedUpload
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agreement(fukuoka):
    return AgreementFactory(municipality=fukuoka)


def stage(agreement, by, content: bytes = b"a") -> StagedUpload:
    return stage_upload(agreement=agreement, file=SimpleUploadedFile("案.txt", content), name="案.txt", by=by)


def confirm(agreement, by, staged):
    draft = DocumentDraft(upload=staged, kind=DocumentKind.DRAFT, title="協定書案")
    return confirm_uploads(agreement=agreement, by=by, drafts=[draft])


def at_once(*acts) -> list[str]:
    ready, results = threading.Barrier(len(acts)), []

    def run(act) -> None:
        try:
            ready.wait()
            act()
            results.append("done")
        except ChangedMeanwhile:
            results.append("ChangedMeanwhile")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def test_two_uploads_at_once_get_versions_of_their_own(agreement, editor, manager):
    uploads = [(by, stage(agreement, by, name.encode())) for by, name in ((editor, "a"), (manager, "b"))]
    acts = [partial(confirm, agreement, by, staged) for by, staged in uploads]
    assert at_once(*acts) == ["done", "done"]
    assert sorted(AgreementDocument.objects.values_list("version", flat=True)) == [1, 2]


def test_the_same_upload_confirmed_twice_at_once_becomes_one_document(agreement, editor):
    staged = stage(agreement, editor)
    assert at_once(*[lambda: confirm(agreement, editor, staged)] * 2) == ["ChangedMeanwhile", "done"]
    assert AgreementDocument.objects.count() == 1


@pytest.mark.parametrize("dies_in", ["record", "SearchDocument"])
def test_a_process_killed_while_it_saves_leaves_the_file_waiting(agreement, editor, dies_in):
    staged = stage(agreement, editor)
    connections.close_all()
    child = os.fork()
    if child == 0:
        connection.connection = None

        class Deadly:
            objects = property(lambda self: os.kill(os.getpid(), signal.SIGKILL))
            __call__ = lambda self, *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731

        setattr(documents, dies_in, Deadly())
        try:
            confirm(agreement, editor, staged)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert not AgreementDocument.objects.exists()
    assert StagedUpload.objects.get() == staged
    (document,) = confirm(agreement, editor, staged)  # nothing is stuck
    assert document.file.read() == b"a"


def test_a_process_killed_before_the_row_is_written_leaves_a_file_that_is_cleaned_up(agreement, editor):
    storage = AgreementDocument._meta.get_field("file").storage
    before = set(documents._stored_names(storage))
    connections.close_all()
    child = os.fork()
    if child == 0:
        connection.connection = None
        StagedUpload.save = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
        try:
            stage(agreement, editor)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    assert not StagedUpload.objects.exists()
    (left,) = set(documents._stored_names(storage)) - before
    assert clean_uploads(now=timezone.now()) == (0, 0)  # it may belong to a request still being answered
    assert storage.exists(left)
    clean_uploads(now=timezone.now() + timedelta(hours=25))
    assert not storage.exists(left)
