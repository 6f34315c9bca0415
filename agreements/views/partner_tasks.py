"""What a company is asked for, by the purpose of its link: the form, where it starts, where it goes."""

from datetime import datetime
from typing import Any

from agreements.models import Agreement, CompanyContact, ShareLink


class PartnerTask:
    """One purpose. `closed` says in words why there is nothing to fill in (now)."""

    title: str
    lead: str
    template = "partner/task.html"
    form_class: Any

    def __init__(self, link: ShareLink) -> None:
        self.link = link
        self.agreement: Agreement = link.agreement
        self.contact: CompanyContact = link.contact

    @property
    def closed(self) -> str:
        return ""

    def form(self, data: Any = None, *, initial: Any = None) -> Any:
        return self.form_class(data, initial=initial)

    def initial(self) -> dict[str, Any]:
        """What stands in the fields before anybody types."""
        return {}

    def context(self) -> dict[str, Any]:
        return {}

    def deliver(self, form: Any, *, now: datetime) -> None:
        """Hand over what a valid form says; staff accept it or not."""
        raise NotImplementedError


TASKS: dict[str, type[PartnerTask]] = {}


def task_of(link: ShareLink) -> PartnerTask:
    return TASKS[link.purpose](link)
