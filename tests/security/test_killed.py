"""A process that is killed in the middle of a save leaves nothing half done."""

import os
import signal
from datetime import date

import pytest
from django.db import connection, connections

from agreements.actions import register
from agreements.actions.drafts import ActionDraft, AgreementDraft, ItemDraft, PartyDraft
from agreements.actions.register import change_agreement, register_agreement
from agreements.models import ActionItem, Agreement, Company, CooperationField, Party
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 10, 1)


def draft() -> AgreementDraft:
    return AgreementDraft(
        values={
            "title": "途中で止まる協定",
            "title_kana": "とちゅうでとまる",
            "kind": "comprehensive",
        },
        parties=(PartyDraft(target=Company(name="株式会社見本", name_kana="みほん")),),
        items=(ItemDraft(text="観光の振興に関すること"),),
        actions=(ActionDraft(title="観光パンフレットの配布", items=(1,)),),
    )


def killed_in(place: str, act) -> None:
    """Run the act in a process of its own, which the system kills when it comes to this place."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        connection.connection = None
        setattr(register, place, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
        try:
            act()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def everything() -> list[list[dict]]:
    models = (Agreement, Party, CooperationField, ActionItem, Company, Agreement.history.model)
    return [list(model._base_manager.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("place", ["write_parties", "_write_actions"])
def test_a_registration_that_is_killed_leaves_nothing(fukuoka, manager, place):
    before = everything()

    def act():
        return register_agreement(municipality=fukuoka, draft=draft(), by=manager, today=TODAY)

    killed_in(place, act)
    assert everything() == before
    assert act().ledger_number == "2026-001"  # no number is lost, nothing is locked


def test_a_change_that_is_killed_leaves_the_agreement_as_it_was(fukuoka):
    agreement = AgreementFactory(municipality=fukuoka, whole=True, draft=True)
    before = everything()

    def act():
        return change_agreement(
            agreement=agreement, version=agreement.version, draft=draft(), today=TODAY, reason="表記の訂正"
        )

    killed_in("_write_actions", act)
    assert everything() == before
    assert act().title == "途中で止まる協定"
