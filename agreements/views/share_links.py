"""相手方リンク, as staff see them: issue, remind, tell a code, revoke, issue again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from agreements.actions.share_access import tell_code
from agreements.actions.share_links import (
    NotSent,
    TooSoon,
    claim_reminder,
    issue_again,
    issue_link,
    mail_link,
    revoke_link,
)
from agreements.domain import share_links
from agreements.domain.share_links import Closed, Progress
from agreements.forms.share_link_forms import ShareLinkForm, contacts_for
from agreements.models import Agreement, CompanySubmission, ShareFile, ShareLink
from municipalities import access

from .agreement_parts import OfAgreementView, PartStepView, back_to
from .company_reports import submission_url
from .undo import offer_undo

SECTION = "links"
_PROGRESS = {
    Progress.UNOPENED: ("未開封", "gray", "mail"),
    Progress.IN_PROGRESS: ("記入中", "blue", "pencil"),
    Progress.SUBMITTED: ("提出済", "green", "circle-check"),
}
_CLOSED = {
    Closed.REVOKED: ("失効", "gray", "ban"),
    Closed.CONTACT_GONE: ("窓口終了", "gray", "user-x"),
    Closed.EXPIRED: ("期限切れ", "orange", "calendar-x"),
    Closed.USED_UP: ("回数切れ", "orange", "circle-slash"),
}


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link with what the page says about it: badges as (word, tone, icon)."""

    link: ShareLink
    progress: tuple[str, str, str]
    closed: tuple[str, str, str] | None
    is_revoked: bool
    may_remind: bool
    contact_label: str


def links_context(agreement: Agreement, user: Any, now: datetime) -> dict[str, Any]:
    """What the section 相手方とのやり取り shows; a fixed number of queries."""
    links = agreement.share_links.select_related("contact__company", "created_by")  # type: ignore[attr-defined]
    may_edit = access.may_edit(user, agreement)
    today = timezone.localdate(now)
    return {
        "share_links": [_row(link, now) for link in links],
        "arrived_by_link": [
            {"submission": each, "url": submission_url(each)}
            for each in CompanySubmission.objects.pending()
            .filter(agreement=agreement, round=None)
            .select_related("agreement")
        ],
        "share_files": ShareFile.objects.readable()
        .filter(link__agreement=agreement)
        .select_related("document"),
        "may_share": may_edit and agreement.parties.exclude(company=None).exists(),  # type: ignore[attr-defined]
        "has_contacts": may_edit and contacts_for(agreement, today).exists(),
    }


def _row(link: ShareLink, now: datetime) -> LinkRow:
    closed = link.closed_because(now)
    may_remind = share_links.may_remind(
        sent_on=link.sent_on, reminded_on=link.reminded_on, today=timezone.localdate(now)
    )
    return LinkRow(
        link=link,
        progress=_PROGRESS[link.progress],
        closed=_CLOSED[closed] if closed else None,
        is_revoked=closed is Closed.REVOKED,
        may_remind=closed is None
        and may_remind
        and bool(link.contact.email)
        and link.progress is not Progress.SUBMITTED,
        contact_label=f"{link.contact.company.name}　{link.contact}",
    )


def hand_over(request: HttpRequest, link: ShareLink, *, by_mail: bool) -> HttpResponse:
    """Mail the link, or show it in this answer and never again."""
    by: Any = request.user
    address = entry_address(request, link)
    if by_mail:
        try:
            mail_link(link=link, address=address, by=by)
        except NotSent:
            messages.error(
                request, "メールを送れませんでした。リンクを下に表示します。別の方法で伝えてください。"
            )
        else:
            messages.success(request, f"{link.contact}さんにリンクをメールで送りました。")
            return back_to(link.agreement, SECTION)
    context = {
        "page_title": "相手方リンク",
        "agreement": link.agreement,
        "link": link,
        "address": address,
    }
    return _once(request, "agreements/share_link_issued.html", context)


def entry_address(request: HttpRequest, link: ShareLink) -> str:
    """Where the company begins: the installation's public address, if one is named."""
    path = reverse("agreements:partner-entry", args=[link.token])
    if settings.RENKEI_BASE_URL:
        return f"{settings.RENKEI_BASE_URL}{path}"
    return request.build_absolute_uri(path)


def _once(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response["Cache-Control"] = "private, no-store"
    return response


class ShareLinkIssueView(OfAgreementView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        link = issue_link(agreement=self.agreement, terms=form.terms(), by=self.user, now=timezone.now())
        for notice in form.notices():
            messages.warning(request, notice)
        return hand_over(request, link, by_mail=form.is_by_mail)

    def form(self, data: Any = None) -> ShareLinkForm:
        return ShareLinkForm(data, agreement=self.agreement, today=timezone.localdate())

    def show(self, form: ShareLinkForm) -> HttpResponse:
        context = {"page_title": "相手方リンクの発行", "agreement": self.agreement, "form": form}
        return TemplateResponse(self.request, "agreements/share_link_form.html", context)


class LinkStepView(PartStepView):
    section = SECTION

    def internal_parts(self) -> QuerySet[ShareLink]:
        return ShareLink.objects.internal_to(self.request.user).select_related("contact__company")

    def is_closed(self, link: ShareLink) -> bool:
        if link.closed_because(timezone.now()) is None:
            return False
        messages.error(self.request, "このリンクは使えなくなっています。発行し直してください。")
        return True


class ShareLinkRemindView(LinkStepView):
    """催促: one mail a day with the same link."""

    def step(self, part: ShareLink) -> None:
        if self.is_closed(part):
            return
        if not part.contact.email:
            messages.error(self.request, "この窓口にはメールが登録されていません。電話などで伝えてください。")
            return
        try:
            link = claim_reminder(link=part, by=self.user, now=timezone.now())
            mail_link(link=link, address=entry_address(self.request, link), by=self.user, is_reminder=True)
        except TooSoon as refusal:
            messages.error(self.request, str(refusal))
        except NotSent:
            messages.error(self.request, "メールを送れませんでした。電話などで伝えてください。")
        else:
            messages.success(self.request, f"{link.contact}さんに催促のメールを送りました。")


class ShareLinkRevokeView(LinkStepView):
    def step(self, part: ShareLink) -> None:
        revoke_link(link=part, by=self.user, now=timezone.now())
        url = reverse("agreements:share-link-reissue", args=[part.pk])
        offer_undo(
            self.request, f"{part}を失効させました。元に戻すと、同じ条件の新しいリンクを発行します。", url
        )


class ShareLinkReissueView(LinkStepView):
    """The undo of a revocation, and the way out when a link is lost: the same terms, another secret."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        link = issue_again(link=self.part, by=self.user, now=timezone.now())
        return hand_over(request, link, by_mail="copy" not in request.POST and bool(link.contact.email))


class ShareLinkCodeView(LinkStepView):
    """確認コード for the telephone, in this answer and never again."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.part.code_by_phone:
            messages.error(request, "このリンクの確認コードは、相手窓口にメールで届きます。")
            return back_to(self.part.agreement, SECTION)
        if self.is_closed(self.part):
            return back_to(self.part.agreement, SECTION)
        code = tell_code(link=self.part, by=self.user, now=timezone.now())
        if code is None:
            messages.error(
                request, "確認コードを続けて表示しました。1時間ほどたってから、もう一度お試しください。"
            )
            return back_to(self.part.agreement, SECTION)
        context = {
            "page_title": "電話で伝える確認コード",
            "agreement": self.part.agreement,
            "link": self.part,
            "code": share_links.grouped(code),
            "minutes": int(share_links.CODE_VALID_BY_PHONE.total_seconds() // 60),
        }
        return _once(request, "agreements/share_link_code.html", context)
