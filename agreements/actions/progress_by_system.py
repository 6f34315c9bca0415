"""Another system of the municipality tells how a 取組 stands, with a token of the API."""

import hashlib
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Max

from agreements.choices import ActionState
from agreements.models import ActionItem
from agreements.models.action_item import OPEN_STATES
from municipalities.audit import record
from municipalities.choices import AuditKind
from municipalities.models import ApiToken

from .action_items import NotInThisState, cancel_action, claim, complete_action, start_action
from .progress import record_progress
from .register import ChangedMeanwhile


def version_of(action: ActionItem) -> str:
    """Changes with whatever the API shows of the action: its own values, and its journal."""
    return versions_of([action])[action.pk]


def versions_of(actions: list[ActionItem]) -> dict[int, str]:
    """`version_of` each of these; one query."""
    keys = [action.pk for action in actions]
    journal = ActionItem.objects.filter(pk__in=keys, progress__deleted_at=None).order_by()
    entries = {
        key: (count, last, at)
        for key, count, last, at in journal.values_list("pk").annotate(
            Count("progress"), Max("progress"), Max("progress__updated_at")
        )
    }
    return {
        action.pk: hashlib.sha256(
            f"{action.pk}|{action.updated_at.isoformat()}|{entries.get(action.pk)}".encode()
        ).hexdigest()[:24]
        for action in actions
    }


@transaction.atomic
def report_progress(
    *,
    action: ActionItem,
    token: ApiToken,
    version: str,
    on: date,
    value: Decimal | None,
    text: str,
    state: str,
) -> None:
    """Record how the action stands; with `state` also move it to 実施中, 完了 or 中止.

    `version` is the one that the system saw. The history names the token. Raises `ChangedMeanwhile`,
    `NotInThisState`.
    """
    current = claim(action)
    if version_of(current) != version:
        raise ChangedMeanwhile
    if current.state not in OPEN_STATES:
        raise NotInThisState(f"「{current}」はすでに「{current.get_state_display()}」になっています。")
    why = f"API：{token}"
    if state == ActionState.DONE:
        values = {"completed_on": on, "result_value": value, "result_text": text}
        complete_action(action=current, seen=None, by=None, values=values, why=why)
    elif state == ActionState.CANCELLED:
        cancel_action(action=current, seen=None, by=None, reason=text, why=why)
    elif value is None and not text:
        start_action(action=current, by=None, why=why)
    else:
        record_progress(action=current, by=None, on=on, value=value, text=text, system=token.name, why=why)
    record(
        AuditKind.IMPORT,
        actor_name=f"API：{token}",
        target=current,
        内容="取組の進捗",
        状態=state or "変更なし",
    )
