"""廃棄目録: the agreements of one disposal list, for the approval and for the archive."""

from datetime import date
from typing import Any

from agreements.models import DisposalList
from municipalities import access
from municipalities.wareki import format_wareki

from .page_choices import APPROVAL_BOXES
from .renderer import render_pdf


def print_disposal_list(listed: DisposalList, *, user: Any, today: date) -> bytes:
    """The list as PDF, A4 landscape; open ones with a 決裁欄. Raises `renderer.PrintError`."""
    if not access.is_manager(user):
        raise PermissionError("Disposal lists are for managers.")
    context = {
        "listed": listed,
        "municipality": str(listed.municipality),
        "items": listed.items.all(),
        "printed": f"{format_wareki(today)}　{user}",
        "boxes": APPROVAL_BOXES if listed.is_open else (),
    }
    title = f"廃棄目録　{listed}"
    return render_pdf("print/disposal_list.html", context, title=title, author=str(listed.municipality))
