"""Files of companies: kept from the broom, gone with their agreement; old traces are forgotten."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from agreements.actions.documents import clean_uploads
from agreements.actions.obliterate import obliterate
from agreements.actions.share_access import clean_access, tell_code
from agreements.models import ShareCode, ShareDraft, ShareFile, ShareLink
from tests.factories import ShareFileFactory, ShareLinkFactory

pytestmark = pytest.mark.django_db


def test_broom_leaves_what_a_company_attached():
    file = ShareFileFactory()
    clean_uploads(now=timezone.now() + timedelta(days=40))
    assert file.file.storage.exists(file.file.name)


def test_disposal_takes_links_drafts_and_files_along(django_capture_on_commit_callbacks):
    file = ShareFileFactory()
    link = file.link
    ShareDraft.objects.create(link=link, values={"sender": "途中の人"})
    tell_code(link=link, by=link.created_by, now=timezone.now())
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        obliterate([link.agreement])
    for model in (ShareLink, ShareLink.history.model, ShareDraft, ShareFile, ShareCode):
        assert not model.objects.exists()
    assert not file.file.storage.exists(file.file.name)


def test_old_traces_are_forgotten():
    link = ShareLinkFactory()
    tell_code(link=link, by=link.created_by, now=timezone.now())
    assert clean_access(now=timezone.now()) == 0
    assert clean_access(now=timezone.now() + timedelta(days=40)) == 1
