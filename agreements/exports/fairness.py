"""「公平性の記録」 as CSV: one line for each pair of a talk and a procurement, and for what stands alone."""

from collections.abc import Iterable, Iterator

from agreements.models import ActionItem, FairnessLink, Meeting
from agreements.models.fairness_link import CompanyRecord, Procurement

from .table import Column, Kind, Row
from .writers import csv_lines, encoded

COLUMNS = (
    Column("company", "相手方"),
    Column("talk_on", "話し合いの日", Kind.DATE),
    Column("talk_agreement", "話し合いの協定"),
    Column("talk", "話し合いの要旨"),
    Column("decisions", "決まったこと"),
    Column("action", "調達になった取組"),
    Column("action_agreement", "取組の協定"),
    Column("procured_on", "調達の日", Kind.DATE),
    Column("method", "契約方式"),
    Column("reason", "契約方式の根拠"),
    Column("fairness", "公平性の整理"),
    Column("fairness_note", "公平性メモ"),
    Column("linked", "結び付け"),
    Column("note", "経緯の説明"),
)
LINKED, UNLINKED, NO_TALK, NO_PROCUREMENT = "済み", "未（要確認）", "該当する話し合いなし", "後の調達なし"


def fairness_csv(records: Iterable[CompanyRecord]) -> bytes:
    """UTF-8 with BOM."""
    blank: Row = {column.key: None for column in COLUMNS}
    rows = [blank | row for row in _rows(records)]
    return b"".join(encoded(csv_lines(COLUMNS, [rows]), "utf-8"))


def _rows(records: Iterable[CompanyRecord]) -> Iterator[Row]:
    for record in records:
        company = {"company": str(record.company)}
        paired = set()
        for each in record.procurements:
            procured = company | _procured(each)
            for talk, link in each.talks:
                paired.add(talk.pk)
                yield procured | _talked(talk) | _linked(link)
            if not each.talks:
                yield procured | {"linked": NO_TALK}
        for talk in record.talks:
            if talk.pk not in paired:
                yield company | _talked(talk) | {"linked": NO_PROCUREMENT}


def _procured(each: Procurement) -> Row:
    action: ActionItem = each.action
    return {
        "action": action.title,
        "action_agreement": str(action.agreement),
        "procured_on": each.day,
        "method": action.get_contract_method_display(),
        "reason": action.contract_reason,
        "fairness": action.get_fairness_display(),
        "fairness_note": action.fairness_note,
    }


def _talked(talk: Meeting) -> Row:
    return {
        "talk_on": talk.held_on,
        "talk_agreement": str(talk.agreement),
        "talk": talk.summary,
        "decisions": talk.decisions,
    }


def _linked(link: FairnessLink | None) -> Row:
    return {"linked": LINKED, "note": link.note} if link else {"linked": UNLINKED}
