"""What a company's contact does behind a 相手方リンク: fill in, keep a draft, attach, send, leave.

Reached with the session of a link alone (`share_access`), never with a login. What is sent waits for staff.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from agreements.actions.share_access import leave, session_behind, who
from agreements.actions.share_drafts import Refused, attach_file, detach_file, draft_of, save_draft
from agreements.actions.transition import NotAllowed
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
from .partner_tasks import PartnerTask, task_of

_LONGEST_KEY = 19


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
        done = next((key for key in ("saved", "sent") if key in request.GET), "")
        return self.show(task, self.started(task), done=done)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = task_of(self.link)
        if task.closed:
            return redirect("agreements:partner-home", pk=pk)
        form = task.form(request.POST)
        save_draft(link=self.link, values=typed_values(form))
        refusals = self.take_files(form)
        removed = request.POST.get("remove", "")
        if removed.isdecimal() and len(removed) < _LONGEST_KEY:
            detach_file(link=self.link, pk=int(removed))
        elif "send" in request.POST:
            return self.send(task, form, refusals)
        if refusals:
            return self.show(task, self.started(task), refusals=refusals, done="saved")
        return redirect(f"{reverse('agreements:partner-home', args=[pk])}?saved=1")

    def started(self, task: PartnerTask) -> Any:
        """The form as it was left; None while nothing is asked for."""
        return None if task.closed else task.form(initial={**task.initial(), **draft_of(self.link)})

    def send(self, task: PartnerTask, form: Any, refusals: list[dict[str, str]]) -> HttpResponse:
        if refusals or not form.is_valid():
            return self.show(task, form, refusals=refusals)
        try:
            task.deliver(form, now=timezone.now())
        except NotAllowed as refusal:
            for blocker in refusal.blockers:
                form.add_error(None, blocker.message)
            return self.show(task, form)
        record(AuditKind.UPLOAD, actor_name=who(self.link), target=self.link, 内容="送信")
        return redirect(f"{reverse('agreements:partner-home', args=[self.link.pk])}?sent=1")

    def take_files(self, form: Any) -> list[dict[str, str]]:
        """Keeps the files that came along; returns those refused, with the reason."""
        refusals = []
        about = {f"a{each.pk}-files": each.pk for each in getattr(form, "actions", ())}
        for field, subject in {"files": None, **about}.items():
            for file in self.request.FILES.getlist(field):
                try:
                    attach_file(link=self.link, file=file, name=file.name or "", about=subject)
                except Refused as refusal:
                    refusals.append({"name": file.name or "", "message": str(refusal)})
        return refusals

    def show(
        self,
        task: PartnerTask,
        form: Any,
        *,
        refusals: list[dict[str, str]] | None = None,
        done: str = "",
    ) -> HttpResponse:
        context = {
            "page_title": task.title,
            "municipality": self.link.agreement.municipality,
            "agreement": self.link.agreement,
            "link": self.link,
            "task": task,
            "form": form,
            "rows": form.rows() if form else [],
            "files_field": PartnerFilesForm()["files"],
            "files": self.link.files.unsent(),  # type: ignore[attr-defined]
            "sent": task.sent(),
            "sent_files": self.link.files.exclude(submission=None),  # type: ignore[attr-defined]
            "refusals": refusals or [],
            "done": done,
            **task.context(),
        }
        return render(self.request, task.template, context)
