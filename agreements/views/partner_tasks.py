"""What a company is asked for, by the purpose of its link: the form, where it starts, where it goes."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from agreements.actions import partner_work
from agreements.choices import SharePurpose
from agreements.forms.partner_forms import (
    AnswersForm,
    CommentForm,
    ConfirmationForm,
    ProgressReportForm,
    answers_initial,
)
from agreements.models import CompanySubmission, ShareLink

_NOTHING = "いまお願いしていることはありません。お心当たりがあるときは、担当者に連絡してください。"


class PartnerTask:
    """One purpose. `closed` says in words why there is nothing to fill in (now)."""

    title: str
    lead: str
    template: str

    def __init__(self, link: ShareLink, today: date) -> None:
        self.link, self.today = link, today

    @property
    def closed(self) -> str:
        return ""

    def form(self, data: Any = None, *, initial: Any = None) -> Any:
        raise NotImplementedError

    def initial(self) -> dict[str, Any]:
        """What stands in the fields before anybody types."""
        return {"sender": self.link.contact.name}

    def sent(self) -> CompanySubmission | None:
        """What this contact sent last."""
        return partner_work.sent_by(self.link).first()

    def context(self) -> dict[str, Any]:
        return {}

    def deliver(self, form: Any, *, now: datetime) -> None:
        """Send what a valid form says; staff accept it or not. Raises `NotAllowed`."""
        partner_work.deliver(
            link=self.link, payload=form.payload(), by_name=form.cleaned_data["sender"], now=now
        )


class SheetTask(PartnerTask):
    """What is about the newest worksheet of the agreement."""

    def __init__(self, link: ShareLink, today: date) -> None:
        super().__init__(link, today)
        self.round = partner_work.current_round(link)
        self.sheet = partner_work.partner_sheet(self.round, today) if self.round else None

    def sent(self) -> CompanySubmission | None:
        return partner_work.sent_by(self.link, self.round).first() if self.round else None

    def context(self) -> dict[str, Any]:
        return {"round": self.round, "sheet": self.sheet}

    def deliver(self, form: Any, *, now: datetime) -> None:
        partner_work.deliver(
            link=self.link,
            payload=form.payload(),
            by_name=form.cleaned_data["sender"],
            now=now,
            round_=self.round,
        )


class WorksheetTask(SheetTask):
    title = "すり合わせの回答"
    lead = "連携する項目ごとに、御社の期待・提供できるもの・費用の考えを書いてください。"
    template = "partner/worksheet.html"

    @property
    def closed(self) -> str:
        if self.round is None:
            return _NOTHING
        return "双方の確認まで終わりました。ありがとうございました。" if self.round.is_confirmed else ""

    def form(self, data: Any = None, *, initial: Any = None) -> AnswersForm:
        assert self.sheet is not None  # noqa: S101  (`closed`)
        return AnswersForm(data, sheet=self.sheet, initial=initial)

    def initial(self) -> dict[str, Any]:
        assert self.round is not None  # noqa: S101  (`closed`)
        return {**super().initial(), **answers_initial(partner_work.own_answers(self.link, self.round))}


class ConfirmationTask(SheetTask):
    title = "すり合わせの確認"
    lead = "双方で決めた内容を読み、このとおりでよければ、項目ごとに印を付けて送ってください。"
    template = "partner/confirmation.html"

    @property
    def closed(self) -> str:
        if self.sheet is None or self.sheet.is_blind:
            return _NOTHING
        if not any(row.row.agreed_wording.strip() for row in self.sheet.rows):
            return "双方で決めた内容がまだ書かれていません。担当者の準備ができたら、改めてご案内します。"
        return ""

    def form(self, data: Any = None, *, initial: Any = None) -> ConfirmationForm:
        assert self.sheet is not None  # noqa: S101  (`closed`)
        return ConfirmationForm(data, sheet=self.sheet, today=self.today, initial=initial)

    def initial(self) -> dict[str, Any]:
        contact = self.link.contact
        return {**super().initial(), "title": " ".join(filter(None, [contact.section, contact.title]))}


class ProgressTask(PartnerTask):
    title = "取組の進み"
    lead = "御社が関わっている取組の、ここまでの実績とできごとを知らせてください。"
    template = "partner/progress.html"

    def __init__(self, link: ShareLink, today: date) -> None:
        super().__init__(link, today)
        self.actions = partner_work.actions_for(link)

    @property
    def closed(self) -> str:
        return "" if self.actions else _NOTHING

    def form(self, data: Any = None, *, initial: Any = None) -> ProgressReportForm:
        return ProgressReportForm(data, actions=self.actions, today=self.today, initial=initial)


class CommentTask(PartnerTask):
    title = "年度実績へのコメント"
    lead = "この1年の実績を読み、御社のコメントを書いてください。"
    template = "partner/comment.html"

    def __init__(self, link: ShareLink, today: date) -> None:
        super().__init__(link, today)
        self.report = partner_work.report_for(link)

    @property
    def closed(self) -> str:
        return "" if self.report else _NOTHING

    def form(self, data: Any = None, *, initial: Any = None) -> CommentForm:
        assert self.report is not None  # noqa: S101  (`closed`)
        return CommentForm(data, report=self.report, today=self.today, initial=initial)

    def initial(self) -> dict[str, Any]:
        last = self.sent()
        said = {"comment": last.payload["comment"]} if last and last.is_pending else {}
        return {**super().initial(), **said}

    def context(self) -> dict[str, Any]:
        lines = partner_work.report_lines(self.link, self.report) if self.report else []
        return {"report": self.report, "lines": lines}


TASKS: dict[str, type[PartnerTask]] = {
    SharePurpose.WORKSHEET: WorksheetTask,
    SharePurpose.CONFIRMATION: ConfirmationTask,
    SharePurpose.PROGRESS: ProgressTask,
    SharePurpose.REPORT: CommentTask,
}


def task_of(link: ShareLink) -> PartnerTask:
    return TASKS[link.purpose](link, timezone.localdate())
