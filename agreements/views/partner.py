"""What a company's contact does behind a 相手方リンク: fill in, keep a draft, attach, send, leave.

Reached with the session of a link alone (`share_access`), never with a login. What is sent waits for staff.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from agreements.actions.share_access import leave, session_behind, who
from agreements.actions.share_drafts import (
    Refused,
    attach_file,
    detach_file,
    draft_of,
    mark_sent,
    save_draft,
)
from agreements.forms.partner_forms import PartnerFilesForm, typed_values
from agreements.models import ShareLink, ShareSession
from municipalities.audit import record
from municipalities.choices import AuditKind

from .partner_entry import (
    LINK_COOKIE,
    SESSION_COOKIE,
    PublicPartnerView,
    drop_cookie,
    refused,
)
from .partner_tasks import task_of


class PartnerView(PublicPartnerView):
    """Needs the session of the very link that the address names."""

    session: ShareSession
    link: ShareLink

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.COOKIES.get(SESSION_COOKIE, "")
        session = session_behind(key, link_id=kwargs["pk"], now=timezone.now()) if key else None
        if session is None:
            if request.method == "GET" and LINK_COOKIE in request.COOKIES:  # the visit is over: a new code
                return redirect("agreements:partner-code", pk=kwargs["pk"])
            return refused(request)
        self.session, self.link = session, session.link
        return super().answer(request, *args, **kwargs)


class PartnerLeaveView(PartnerView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        leave(session=self.session, now=timezone.now())
        context = {"page_title": "終わりました", "municipality": self.link.agreement.municipality}
        response = render(request, "partner/left.html", context)
        for name in (SESSION_COOKIE, LINK_COOKIE):
            drop_cookie(response, name, pk)
        return response


class PartnerHomeView(PartnerView):
    """The one page of a link: what is asked for, the draft, the attached files, what was sent."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record(AuditKind.VIEW_INTERNAL, actor_name=who(self.link), target=self.link, 画面="相手方のページ")
        task = task_of(self.link)
        form = task.form(initial={**task.initial(), **draft_of(self.link)})
        return self.show(task, form, done=next((key for key in ("saved", "sent") if key in request.GET), ""))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = task_of(self.link)
        if task.closed:
            return redirect("agreements:partner-home", pk=pk)
        form = task.form(request.POST)
        save_draft(link=self.link, values=typed_values(form))
        refusals = self.take_files()
        if request.POST.get("remove", "").isdecimal() and len(request.POST["remove"]) < 19:
            detach_file(link=self.link, pk=int(request.POST["remove"]))
        elif "send" in request.POST:
            return self.send(task, form, refusals)
        if refusals:
            return self.show(task, task.form(initial=typed_values(form)), refusals=refusals, done="saved")
        return redirect(f"{reverse('agreements:partner-home', args=[pk])}?saved=1")

    def send(self, task: Any, form: Any, refusals: list[dict[str, str]]) -> HttpResponse:
        if refusals or not form.is_valid():
            return self.show(task, form, refusals=refusals)
        now = timezone.now()
        with transaction.atomic():
            task.deliver(form, now=now)
            mark_sent(link=self.link, now=now)
        return redirect(f"{reverse('agreements:partner-home', args=[self.link.pk])}?sent=1")

    def take_files(self) -> list[dict[str, str]]:
        """Keeps the files that came along; returns those refused, with the reason."""
        refusals = []
        for file in self.request.FILES.getlist("files"):
            try:
                attach_file(link=self.link, file=file, name=file.name or "")
            except Refused as refusal:
                refusals.append({"name": file.name or "", "message": str(refusal)})
        return refusals

    def show(
        self, task: Any, form: Any, *, refusals: list[dict[str, str]] | None = None, done: str = ""
    ) -> HttpResponse:
        link = ShareLink.objects.get(pk=self.link.pk)
        context = {
            "page_title": task.title,
            "municipality": self.link.agreement.municipality,
            "agreement": self.link.agreement,
            "link": link,
            "task": task,
            "form": form,
            "files_form": PartnerFilesForm(),
            "files": self.link.files.unsent(),  # type: ignore[attr-defined]
            "sent_files": self.link.files.exclude(sent_at=None),  # type: ignore[attr-defined]
            "refusals": refusals or [],
            "done": done,
            **task.context(),
        }
        return render(self.request, task.template, context)
