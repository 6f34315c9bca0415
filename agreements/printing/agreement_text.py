"""協定書 in legal form: what both sides sign, or a draft of it marked 「案 第n版」."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from agreements.domain.legal_typeset import Typeset, plain_text, typeset, words
from agreements.models import TextVersion
from municipalities import access

from .renderer import render_pdf
from .sheet_text import shorten, wareki

_MAX_RUNNING_TITLE = 48
_MAX_TITLE = 200


@dataclass(frozen=True, slots=True)
class Paper:
    """A version ready to print: its text, the day of signing, and whether it is a draft."""

    version: TextVersion
    typeset: Typeset
    day: str
    is_draft: bool

    @property
    def is_transcript(self) -> bool:
        """Composed here of an agreement that had been signed before: never the paper itself."""
        return self.version.agreement.backfilled

    @property
    def mark(self) -> str:
        """The watermark: 「案 第2版」; "" on what is decided."""
        return f"案 {self.version}" if self.is_draft else ""

    @property
    def title(self) -> str:
        return words(self.typeset.title)

    @property
    def running_title(self) -> str:
        return shorten(" ".join(self.title.split()), _MAX_RUNNING_TITLE)


def build_paper(version: TextVersion) -> Paper:
    """What was decided about is the newest version: those before it stay drafts for ever.

    The day comes from the ledger: until somebody has signed, it is left blank to write by hand.
    """
    agreement = version.agreement
    is_draft = not agreement.is_text_decided or version.is_superseded()
    is_dated = agreement.is_signed and not is_draft
    return Paper(
        version=version,
        typeset=typeset(version.text),
        day=wareki(agreement.signed_on) if is_dated else "",
        is_draft=is_draft,
    )


def print_agreement_text(version: TextVersion, *, user: Any, today: date, is_archive: bool = False) -> bytes:
    """The 協定書 as PDF; for the archive as PDF/A-3 with its text as JSON. Raises `renderer.PrintError`."""
    agreement = version.agreement
    if not access.may_see_internal(user, agreement):
        raise PermissionError("The text of an agreement is the municipality's own until it publishes it.")
    paper = build_paper(version)
    context = {
        "paper": paper,
        "agreement": agreement,
        "municipality": str(agreement.municipality),
        "printed": _printed(paper, user, today),
    }
    return render_pdf(
        "print/agreement_text.html",
        context,
        title=shorten(f"{paper.title}{f'（{paper.mark}）' if paper.mark else ''}", _MAX_TITLE),
        author=str(agreement.municipality),
        subject=f"管理番号 {agreement.ledger_number}" if agreement.ledger_number else "",
        variant="pdf/a-3a" if is_archive else "pdf/ua-1",
        attachments={"agreement-text.json": _json(paper)} if is_archive else None,
    )


def _json(paper: Paper) -> bytes:
    """The text as it is kept, article by article, and what it is the text of."""
    agreement = paper.version.agreement
    facts = {
        "schema": "renkei.agreement-text/1",
        "municipality": {"code": agreement.municipality.code, "name": agreement.municipality.name},
        "ledger_number": agreement.ledger_number,
        "version": paper.version.number,
        "is_draft": paper.is_draft,
        "signed_on": agreement.signed_on.isoformat() if paper.day and agreement.signed_on else None,
        "text": paper.version.text.as_json(),
    }
    return json.dumps(facts, ensure_ascii=False, indent=1).encode()


def _printed(paper: Paper, user: Any, today: date) -> str:
    """The foot of what nobody will sign; the paper to sign has none."""
    if paper.is_draft:
        return f"印刷 {wareki(today)}　{user.get_full_name()}"
    return "台帳の記録から作成したもの（原本ではありません）" if paper.is_transcript else ""


def plain_agreement_text(version: TextVersion) -> str:
    """The same as plain text."""
    paper = build_paper(version)
    text = plain_text(paper.typeset, day=paper.day)
    return f"【{paper.mark}】\n\n{text}" if paper.mark else text
