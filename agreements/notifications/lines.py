"""Notices in words: what a mail and 「今日の仕事」 say about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from agreements.choices import NoticeKind
from agreements.models import ActionItem, Agreement, CompanyContact, Notice
from municipalities.wareki import format_wareki

MAIL_LINES = 20
"""A mail names this many of each kind and counts the rest."""

_SENTENCES = {
    NoticeKind.DEADLINE: "更新しないときの通知期限は{day}です。それまでに更新判断を記録してください。",
    NoticeKind.UNDECIDED: "通知期限（{day}）を過ぎましたが、更新判断が記録されていません。",
    NoticeKind.TACIT: "{day}に満了した期間が、判断のないまま更新されました（黙示更新）。",
    NoticeKind.EXPIRY: "{day}に満了します。更新するか終了するかを登録してください。",
    NoticeKind.NO_MEETING: "{day}までの12か月間、会議の記録がありません。",
    NoticeKind.OPINION: "庁内意見の回答期限は{day}です。",
    NoticeKind.CONTACT: "{subject}：{day}までの12か月間、確認されていません。",
    NoticeKind.OVERDUE: "取組「{subject}」の期限は{day}でした。",
    NoticeKind.REPORT: "年度実績報告の提出期限は{day}です。",
}
_PLACES = {
    NoticeKind.NO_MEETING: "#meetings",
    NoticeKind.REPORT: "#reports",
    NoticeKind.DEADLINE: "#renewal",
    NoticeKind.UNDECIDED: "#renewal",
    NoticeKind.TACIT: "#renewal",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in words; `url` is the place to settle it."""

    kind: NoticeKind
    agreement: Agreement
    object_id: int
    due_on: date
    stage: int
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one kind."""

    label: str
    lines: list[Line]


def describe(found: Iterable[Notice]) -> list[Line]:
    """Notices (with their agreement at hand, also unsaved ones) in words: two more queries at most."""
    found = list(found)
    actions = _keys(found, NoticeKind.OVERDUE)
    contacts = _keys(found, NoticeKind.CONTACT)
    titles = dict(ActionItem.objects.filter(pk__in=actions).values_list("pk", "title")) if actions else {}
    companies = (
        {
            pk: (f"{name}の窓口", company)
            for pk, name, company in CompanyContact.objects.filter(pk__in=contacts).values_list(
                "pk", "company__name", "company"
            )
        }
        if contacts
        else {}
    )
    return [_line(each, titles, companies) for each in found]


def group_lines(found: Iterable[Notice]) -> list[Group]:
    """The lines by kind, the most pressing kinds first, the nearest day first."""
    lines = sorted(describe(found), key=lambda line: (line.due_on, line.agreement.pk))
    groups = (
        Group(str(kind.label), [line for line in lines if line.kind == kind])
        for kind in (NoticeKind.UNDECIDED, *[kind for kind in NoticeKind if kind != NoticeKind.UNDECIDED])
    )
    return [group for group in groups if group.lines]


def _line(notice: Notice, titles: dict[int, str], companies: dict[int, tuple[str, int]]) -> Line:
    kind = NoticeKind(notice.kind)
    subject = titles.get(notice.object_id, "") if kind is NoticeKind.OVERDUE else ""
    url = notice.agreement.get_absolute_url() + _PLACES.get(kind, "")
    if kind is NoticeKind.OVERDUE:
        url += f"#action-{notice.object_id}"
    elif kind is NoticeKind.CONTACT:
        subject, company = companies.get(notice.object_id, ("相手窓口", 0))
        url = reverse("agreements:company-detail", args=[company]) if company else url
    elif kind is NoticeKind.OPINION:
        url = reverse("agreements:opinion-answer", args=[notice.object_id])
    text = _SENTENCES[kind].format(day=format_wareki(notice.due_on), subject=subject)
    return Line(kind, notice.agreement, notice.object_id, notice.due_on, notice.stage, text, url)


def _keys(found: list[Notice], kind: NoticeKind) -> list[int]:
    return [each.object_id for each in found if each.kind == kind]
