"""Mails about views: what newly matches, each row once, to whom still may see it."""

from datetime import date

import pytest
from django.core import mail
from django.utils import timezone

from agreements.jobs.view_mails import post_view_mails
from agreements.models import NoticeMail, NoticePreference
from agreements.notifications import deliver
from tests.factories import AgreementFactory, SavedViewFactory, SavedViewUseFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)


@pytest.fixture
def use(editor):
    editor.email = "editor@example.lg.jp"
    editor.save()
    view = SavedViewFactory(owner=editor, query="kind=disaster", name="災害")
    return SavedViewUseFactory(view=view, person=editor, mails=True)


def test_each_new_match_is_told_once(use, fukuoka):
    assert post_view_mails(today=TODAY) == 0
    AgreementFactory(municipality=fukuoka, kind="disaster", title="災害時の協定")
    AgreementFactory(municipality=fukuoka, title="別の協定")
    assert post_view_mails(today=TODAY) == 1
    assert post_view_mails(today=TODAY) == 0
    deliver(now=timezone.now())
    (sent,) = mail.outbox
    assert "災害時の協定" in sent.body
    assert "別の協定" not in sent.body
    assert sent.to == ["editor@example.lg.jp"]


def test_nobody_is_told_who_wants_no_mail_or_lost_the_view(use, fukuoka, editor):
    AgreementFactory(municipality=fukuoka, kind="disaster")
    preference = NoticePreference.objects.create(person=editor, frequency="none")
    assert post_view_mails(today=TODAY) == 0
    preference.delete()
    use.view.deleted_at = timezone.now()
    use.view.save()
    assert post_view_mails(today=TODAY) == 0
    use.view.deleted_at = None
    use.view.save()
    assert post_view_mails(today=TODAY) == 1  # nothing was lost meanwhile


def test_a_view_that_makes_no_sense_any_more_stops_no_other(use, fukuoka, editor):
    broken = SavedViewFactory(owner=editor, query="kind=nonsense")
    SavedViewUseFactory(view=broken, person=editor, mails=True)
    AgreementFactory(municipality=fukuoka, kind="disaster")
    assert post_view_mails(today=TODAY) == 1
    assert NoticeMail.objects.count() == 1
