from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agreements.static_site import Report, Site, SiteRefused, export_site
from agreements.static_site.layout import clean_base_url
from municipalities import audit
from municipalities.choices import AuditKind
from municipalities.models import Municipality

REFUSED, BROKEN, RUNNING = 1, 2, 3


class Command(BaseCommand):
    help = (
        "公開ページを、サーバーの要らないファイルとして書き出します（検索も動きます）。"
        "失敗したときは、前のサイトがそのまま残ります。"
        "終了コード：0 完了、1 指定の誤りなど、2 リンク切れ、3 同じサイトを別の処理が書き出し中。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "places",
            nargs="+",
            metavar="[自治体] フォルダー",
            help="全国地方公共団体コード又は名称と、書き出すフォルダー（--all のときはフォルダーだけ）",
        )
        parser.add_argument(
            "--all", action="store_true", dest="of_all", help="すべての自治体のサイトにします"
        )
        parser.add_argument(
            "--base-url", default="", help="サイトを置くアドレス（サイトマップなどに書きます）"
        )

    def handle(self, *, places: list[str], of_all: bool, base_url: str, **options: Any) -> None:
        if len(places) != (1 if of_all else 2):
            raise CommandError("自治体とフォルダーを指定してください（--all のときはフォルダーだけ）。")
        try:
            base_url = clean_base_url(base_url)
        except ValueError as error:
            raise CommandError(f"--base-url：{error}") from error
        site = Site(None if of_all else _municipality(places[0]), base_url)
        folder = Path(places[-1])
        self._verbosity, self._told = options["verbosity"], ("", -1)
        try:
            report = export_site(folder, site, tell=self._tell)
        except SiteRefused as refused:
            raise self._failure(refused) from refused
        except OSError as error:
            raise CommandError(f"{error}\n書き込めませんでした。サイトは書き換えていません。") from error
        audit.record(
            AuditKind.EXPORT,
            municipality=site.municipality,
            内容="公開サイト",
            対象=site.name,
            件数=report.agreements,
            方法="コマンド",
        )
        self.stdout.write(_spoken(report, folder))

    def _tell(self, done: int, total: int, step: str) -> None:
        """Every tenth part of a step, so that a log stays short."""
        tenth = done * 10 // total if total else 0
        if self._verbosity and (step, tenth) != self._told:
            self._told = (step, tenth)
            self.stdout.write(f"{step} {done}/{total}")

    def _failure(self, refused: SiteRefused) -> CommandError:
        lines = [str(refused), *(f"  {problem}" for problem in refused.problems)]
        if refused.problems:
            lines.append("サイトは書き換えていません。")
        code = RUNNING if refused.is_running else BROKEN if refused.problems else REFUSED
        return CommandError("\n".join(lines), returncode=code)


def _municipality(text: str) -> Municipality:
    found = list(Municipality.objects.filter(code=text) or Municipality.objects.filter(name=text))
    if not found:
        named = Municipality.objects.filter(name__in=_endings(text))
        found = [each for each in named if each.full_name == text]
    if not found:
        raise CommandError(f"自治体「{text}」は見つかりません。")
    if len(found) > 1:
        bodies = "、".join(f"{each.full_name}（{each.code}）" for each in found)
        raise CommandError(f"「{text}」は複数あります。コードで指定してください：{bodies}")
    return found[0]


def _endings(text: str) -> list[str]:
    """「福岡県福岡市」 → 「岡県福岡市」, …, 「市」: one of them is the name."""
    return [text[place:] for place in range(1, len(text))]


def _spoken(report: Report, folder: Path) -> str:
    changes = report.changes
    return (
        f"{folder}：協定{report.agreements}件、{report.files}ファイル、{report.size / 1024**2:.1f}MB"
        f"（書いた{changes.written}、変わらない{changes.kept}、消した{changes.removed}）"
    )
