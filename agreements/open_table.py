"""The columns of the open data, and one row of them: what `open_data` lets out, as a table.

The importer reads these tables back: several values in one cell are parted so that nothing is lost.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from agreements.choices import ActionState, AgreementKind, AgreementState, EditionKind, EndedReason, PartyRole

from . import open_results

# A further column at the end counts up the second number; whatever else changes, the first.
VERSION = "1.1"
BETWEEN = "；"
CONTINUED = "　"
"""Stands before every further line of an item, so that a line of its own number is the next item."""

# The columns of the CSV, in their order: (heading, what it holds). A change of these is a new VERSION.
COLUMNS = (
    ("全国地方公共団体コード", "公開した自治体の6桁のコード（総務省）"),
    ("ID", "協定の番号。変わらず、ほかの協定に使い回されません"),
    ("都道府県名", "公開した自治体の都道府県"),
    ("市区町村名", "公開した自治体の名称"),
    ("協定名称", "協定の名称（未登録のときは空）"),
    ("種別", "、".join(AgreementKind.labels)),
    ("状態", "公開を承認した日の状態"),
    ("締結日", "YYYY-MM-DD（未登録のときは空）"),
    ("効力発生日", "YYYY-MM-DD"),
    ("当初の満了日", "YYYY-MM-DD（期間の定めがないときは空）"),
    ("自動更新", "1：する、0：しない、空：非公開"),
    ("終了日", "YYYY-MM-DD"),
    ("当事者", "締結時の名称を「；」で区切る"),
    ("法人番号", "13桁。当事者の順に「；」で区切る"),
    ("目的", "原文"),
    ("連携事項", "番号と原文を改行で区切る。1つの連携事項の2行目からは、全角の空白で始まる"),
    ("分野", "分野の番号（2桁）を「；」で区切る"),
    ("公開日", "この版を公開した日（YYYY-MM-DD）"),
    ("版", "公開の版。1から始まり、訂正・更新のたびに1ずつ増える"),
    ("URL", "協定の公開ページ"),
    ("協定名称（かな）", "協定の名称の読み"),
    ("終了理由", "、".join(EndedReason.labels)),
    ("更新期間（月）", "自動更新の1回の長さ"),
    ("更新で延ばした満了日", "YYYY-MM-DD（更新の判断で延ばしたとき）"),
    ("更新条件の原文", "原文"),
    ("当事者の呼称", "甲・乙など。当事者の順に「；」で区切る"),
    ("当事者の役割", f"{'、'.join(PartyRole.labels)}。当事者の順に「；」で区切る"),
    ("当事者の団体コード", "自治体である当事者の6桁のコード。当事者の順に「；」で区切る"),
    ("締結者の職名", "当事者の順に「；」で区切る（公開する自治体だけ）"),
    ("締結者の氏名", "当事者の順に「；」で区切る（公開する自治体だけ）"),
    ("連携事項ごとの分野", "連携事項の番号と分野の番号。連携事項ごとに改行し、分野は「；」で区切る"),
    ("主担当課", "公開する自治体だけ"),
)

ACTION_COLUMNS = (
    ("全国地方公共団体コード", "公開した自治体の6桁のコード（総務省）"),
    ("協定のID", "協定のファイルのID"),
    ("協定名称", "協定の名称（未登録のときは空）"),
    ("ID", "取組の番号。変わらず、ほかの取組に使い回されません"),
    ("年度", "期限（ないときは開始日）の年度を、4月の西暦で。日付がないときは空"),
    ("取組", "取組の名称"),
    ("状態", "、".join(ActionState.labels)),
    ("開始日", "YYYY-MM-DD"),
    ("期限", "YYYY-MM-DD"),
    ("目標値", "数"),
    ("基準値", "数"),
    ("単位", "目標値・基準値・実績値の単位"),
    ("担当課", "公開する自治体だけ"),
    ("相手方", "公開する自治体だけ。取組を担う相手方の名称"),
    ("実績値", "公開する自治体だけ。途中の取組は、公開した日の値"),
    ("実施した内容", "公開する自治体だけ"),
    ("完了日", "公開する自治体だけ。YYYY-MM-DD"),
    ("効果額（円）", "公開する自治体だけ。自治体が行ったとしたらかかった額"),
    ("効果額の算定方法", "公開する自治体だけ"),
    ("URL", "協定の公開ページ"),
)

CHANGE_COLUMNS = (
    ("番号", "変更の番号。大きいほど新しい。「after」に渡すと、それより後の変更だけを取得できる"),
    ("全国地方公共団体コード", "公開した自治体の6桁のコード（総務省）"),
    ("ID", "協定の番号"),
    ("版", "公開の版"),
    ("区分", "、".join(f"{kind.value}：{kind.label}" for kind in EditionKind)),
    ("日付", "公開・訂正・取下げの日（YYYY-MM-DD）"),
    ("変わった項目", "訂正・更新で変わった項目を「；」で区切る。公開を取り下げた協定では空"),
    ("理由", "訂正・取下げの理由。公開を取り下げた協定では、取下げの理由だけ"),
    ("URL", "協定の公開ページ"),
)


# The JSON of one agreement: (key, what it holds). What a municipality does not publish is not there.
JSON_KEYS = (
    ("id", "協定の番号。変わらず、ほかの協定に使い回されません"),
    ("municipality", "公開した自治体：code（全国地方公共団体コード）、name、prefecture"),
    ("title、title_kana", "協定の名称と読み"),
    ("kind", "、".join(f"{kind.value}：{kind.label}" for kind in AgreementKind)),
    ("state", "、".join(f"{state.value}：{state.label}" for state in AgreementState)),
    ("signed_on、effective_on、ended_on", "締結日、効力発生日、終了日（YYYY-MM-DD。ないときはnull）"),
    ("ended_reason", "、".join(f"{reason.value}：{reason.label}" for reason in EndedReason)),
    ("parties", "当事者：name、label（呼称）、role（役割）、company（相手方の番号）、corporate_number"),
    ("parties（続き）", "municipality_code、signatory_title・signatory_name（締結者の職名・氏名）"),
    ("purpose", "目的（原文）"),
    ("items", "連携事項：number、text（原文）、categories（分野の番号）"),
    ("term", "期間：first_expiry、auto_renew、renewal_months、extended_to、renewal_text"),
    ("documents", "書類：id、title、kind、version、size（バイト）、content_type"),
    ("department", "主担当課"),
    ("actions", "取組：id、title、state、starts_on、due_on、target_value、baseline_value、unit"),
    ("actions（続き）", "section（担当課）、partner（相手方）、result_value、result_text、completed_on"),
    ("actions（続き）", "effect_yen（効果額）、effect_method（算定方法）"),
    ("reports", "年度実績報告書：id、year（年度）、version、lines（取組ごとの計画と実績）"),
    ("reportsのlines", "title、plan_item（施策）、evaluation（評価）。ほかはactionsと同じ"),
    ("edition、published_on、url", "公開の版、その公開日、公開ページ"),
)


def csv_row(facts: dict[str, Any], *, on: date, number: int, url: str) -> list[str]:
    """One line of the CSV, in the order of `COLUMNS`."""
    municipality, term = facts["municipality"], facts.get("term") or {}
    items, parties = facts.get("items", []), facts["parties"]
    reason = facts.get("ended_reason")
    months = term.get("renewal_months")
    return [
        municipality["code"],
        str(facts["id"]),
        municipality["prefecture"],
        municipality["name"],
        facts["title"],
        str(AgreementKind(facts["kind"]).label),
        str(AgreementState(facts["state"]).label),
        facts["signed_on"] or "",
        facts["effective_on"] or "",
        term.get("first_expiry") or "",
        str(int(term["auto_renew"])) if "auto_renew" in term else "",
        facts["ended_on"] or "",
        _listed(parties, "name"),
        _listed(parties, "corporate_number"),
        facts.get("purpose", ""),
        "\n".join(f"({item['number']}) {_continued(item['text'])}" for item in items),
        BETWEEN.join(sorted({code for item in items for code in item["categories"]})),
        on.isoformat(),
        str(number),
        url,
        facts.get("title_kana", ""),
        str(EndedReason(reason).label) if reason else "",
        "" if months is None else str(months),
        term.get("extended_to") or "",
        term.get("renewal_text") or "",
        _listed(parties, "label"),
        BETWEEN.join(str(PartyRole(party["role"]).label) for party in parties),
        _listed(parties, "municipality_code"),
        _listed(parties, "signatory_title"),
        _listed(parties, "signatory_name"),
        "\n".join(f"({item['number']}) {BETWEEN.join(item['categories'])}" for item in items),
        facts.get("department", ""),
    ]


def action_rows(facts: dict[str, Any], *, url: str) -> Iterator[list[str]]:
    """The published 取組 of one agreement, in the order of `ACTION_COLUMNS`."""
    for action in facts.get("actions", ()):
        year = open_results.year_of(action)
        yield [
            facts["municipality"]["code"],
            str(facts["id"]),
            facts["title"],
            str(action.get("id", "")),
            "" if year is None else str(year),
            action["title"],
            str(ActionState(action["state"]).label),
            *(_cell(action.get(name)) for name in _ACTION_FACTS),
            url,
        ]


_ACTION_FACTS = (
    "starts_on",
    "due_on",
    "target_value",
    "baseline_value",
    "unit",
    "section",
    "partner",
    "result_value",
    "result_text",
    "completed_on",
    "effect_yen",
    "effect_method",
)


def _listed(parties: list[dict[str, Any]], name: str) -> str:
    """One value of each party in their order; nothing at all where no party has one."""
    values = [party.get(name) or "" for party in parties]
    return BETWEEN.join(values) if any(values) else ""


def _continued(text: str) -> str:
    return f"\n{CONTINUED}".join(text.splitlines())


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
