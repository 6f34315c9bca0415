"""Three deliberately messy ledgers, as municipalities keep them. Names of bodies are well known or made up."""

import csv
import io
from datetime import date, timedelta

from openpyxl import Workbook
from openpyxl.styles import Alignment

from municipalities.wareki import format_wareki

COMPANIES = ["株式会社ローソン", "㈱見本商店", "（株）見本薬局", "見本生命保険相互会社", "学校法人見本学園"]
FULL_WIDTH = str.maketrans("0123456789./-", "０１２３４５６７８９．／－")


def _day(number: int) -> date:
    return date(2010, 4, 1) + timedelta(days=37 * number)


def titled_xlsx(count: int = 120) -> bytes:
    """企画課: title rows, header in row 5 over two rows, merged cells, 和暦 of all kinds, 合計 at the end."""
    book = Workbook()
    book.active.title = "表紙"
    sheet = book.create_sheet("協定一覧")
    sheet["A1"] = "包括連携協定等　一覧表"
    sheet.merge_cells("A1:I1")
    sheet["A2"] = "令和8年4月1日現在　企画課"
    heads = [
        "No.",
        "種　別",
        "協定の名称",
        "連携先",
        "締結\n年月日",
        "有効期間",
        "",
        "連携事項",
        "所管課",
        "備考",
    ]
    for place, head in enumerate(heads, start=1):
        sheet.cell(5, place, head)
    sheet.merge_cells("F5:G5")
    sheet.cell(6, 6, "開始")
    sheet.cell(6, 7, "終了")
    for place in (1, 2, 3, 4, 5, 8, 9, 10):
        sheet.merge_cells(start_row=5, end_row=6, start_column=place, end_column=place)
    line = 7
    for number in range(1, count + 1):
        signed = _day(number)
        spelled = [
            format_wareki(signed),
            f"{'平成' if signed < date(2019, 5, 1) else '令和'}{signed.year - (1988 if signed < date(2019, 5, 1) else 2018)}.{signed.month}.{signed.day}",
            f"{'H' if signed < date(2019, 5, 1) else 'R'}{signed.year - (1988 if signed < date(2019, 5, 1) else 2018)}.{signed.month}.{signed.day}",
            signed,
        ][number % 4]
        items = ["地産地消に関すること", "観光の振興に関すること", "その他市民サービスの向上に関すること"][
            : number % 3 + 1
        ]
        rows = len(items)
        values = {
            1: number,
            2: ["包括", "災害", "見守り"][number % 3],
            3: f"見本市と見本企業{number}との連携に関する協定",
            4: COMPANIES[number % 5] if number % 7 else f"{COMPANIES[0]}\n株式会社見本{number}",
            5: spelled,
            6: format_wareki(signed),
            7: format_wareki(signed + timedelta(days=364)),
            9: "企画課",
            10: "原本は書庫" if number % 10 == 0 else None,
        }
        for place, value in values.items():
            sheet.cell(line, place, value).alignment = Alignment(wrap_text=True)
            if rows > 1:
                sheet.merge_cells(
                    start_row=line, end_row=line + rows - 1, start_column=place, end_column=place
                )
        for offset, item in enumerate(items):
            sheet.cell(line + offset, 8, item)
        line += rows
    sheet.cell(line + 1, 1, "合計")
    sheet.cell(line + 1, 3, f"{count}件")
    sheet.cell(line + 2, 1, "※ 終了した協定を除く。")
    book.active = 1
    return _saved(book)


def several_companies_csv(count: int = 100) -> bytes:
    """危機管理課: CP932, several companies and items in a cell, 有効期間 as a range, unknown dates."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["災害時応援協定台帳"])
    writer.writerow([])
    writer.writerow(
        [
            "番号",
            "協定名",
            "企業名",
            "協定締結日",
            "協定期間",
            "自動更新の有無",
            "更新年数",
            "協力事項",
            "担当課",
            "電話",
        ]
    )
    for number in range(1, count + 1):
        signed = _day(number)
        writer.writerow(
            [
                number,
                f"災害時における物資の供給に関する協定（その{number}）",
                [
                    "株式会社見本運輸、株式会社見本倉庫",
                    "㈱見本石油・㈱見本ガス",
                    "見本県トラック協会",
                    "エヌ・ティ・ティ見本株式会社",
                ][number % 4],
                ["", "不明", signed.isoformat(), signed.strftime("%Y/%m/%d")][number % 4],
                f"{format_wareki(signed)}～{format_wareki(signed + timedelta(days=365))}"
                if number % 2
                else "締結の日から1年間。以後自動更新",
                ["有", "無"][number % 2],
                "1年" if number % 2 == 0 else "",
                "（１）物資の供給　（２）輸送の協力" if number % 3 else "物資の供給／避難所への輸送",
                "企画課",
                "内線123",
            ]
        )
    writer.writerow(["合計", f"{count}件"])
    return text.getvalue().encode("cp932")


def serials_tsv(count: int = 100) -> bytes:
    """大学連携: tabs, UTF-16 as Excel saves 「Unicode テキスト」, serials, full-width dates and numbers."""
    lines = ["整理番号\t件名\t相手先\t締結日\t期限\t目的\t状況"]
    for number in range(1, count + 1):
        signed = _day(number)
        serial = str((signed - date(1899, 12, 30)).days)
        full = f"{signed.year}/{signed.month}/{signed.day}".translate(FULL_WIDTH)
        lines.append(
            "\t".join(
                [
                    f"大-{number:03}",
                    f"見本大学第{number}学部との連携協定",
                    f"国立大学法人見本第{number}大学",
                    serial if number % 2 else full,
                    "定めなし" if number % 3 else "令和９年３月３１日",
                    "地域の課題を解決するため",
                    "継続中" if number % 5 else "満了",
                ]
            )
        )
        if number == 50:
            lines.append(lines[0])
    lines.append("計\t\t\t\t\t\t")
    return "\r\n".join(lines).encode("utf-16")


def xlsx_of(rows: list[list[object]], title: str = "Sheet1") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return _saved(book)


def csv_of(rows: list[list[object]], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def _saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
