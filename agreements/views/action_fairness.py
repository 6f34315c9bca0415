"""Of the page of a 取組 with a contract: talks while the policy was made, linked or not."""

from typing import Any

from agreements.models import ActionItem, FairnessLink
from agreements.models.fairness_link import talks_before


def fairness_context(action: ActionItem) -> dict[str, Any]:
    """What the page of a 取組 shows; nothing is asked for one without a contract."""
    if not action.contract_method:
        return {}
    links = list(
        FairnessLink.objects.alive().filter(action=action).select_related("meeting__agreement", "by")
    )
    linked = {link.meeting_id for link in links}
    return {
        "fairness_links": links,
        "unlinked_talks": [talk for talk in talks_before(action) if talk.pk not in linked],
    }
