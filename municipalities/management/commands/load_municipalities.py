from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from municipalities import master, wareki
from municipalities.choices import MunicipalityKind
from municipalities.models import Municipality, MunicipalityFormerName

_FIELDS = ("kind", "prefecture_code", "prefecture", "county", "name", "name_kana")
_CHANGE_REASON = "自治体マスタの取り込み"
_PROBLEMS_SHOWN = 20


@dataclass
class Changes:
    """What a master file changes, in unsaved objects. A body may be reopened and renamed at once."""

    first_load: bool
    added: list[Municipality] = field(default_factory=list)
    renamed: list[Municipality] = field(default_factory=list)
    former_names: list[MunicipalityFormerName] = field(default_factory=list)
    corrected: list[Municipality] = field(default_factory=list)
    reopened: list[Municipality] = field(default_factory=list)
    closed: list[Municipality] = field(default_factory=list)
    kept_closed: list[Municipality] = field(default_factory=list)
    unchanged: int = 0

    @property
    def updated(self) -> list[Municipality]:
        bodies = [*self.renamed, *self.corrected, *self.reopened, *self.closed]
        return list({body.code: body for body in bodies}.values())


class Command(BaseCommand):
    """Brings the database to the state of the master file; run again, it changes nothing."""

    help = (
        "自治体マスタ CSV を取り込みます。何度実行しても構いません。新しい団体は追加し、改称は旧名称を残し、"
        "CSV にない団体は廃止とします（削除はしません）。CSV に戻った団体は再開しますが、"
        "承継団体を登録した団体は廃止のままとします。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", type=Path, default=master.MASTER_FILE, help="取り込む CSV（既定: 本体に同梱のファイル）"
        )
        parser.add_argument("--date", help="追加・改称・廃止の日。例 2027-04-01、令和9年4月1日（既定: 今日）")
        parser.add_argument("--dry-run", action="store_true", help="変更の内容を表示し、保存しません")

    def handle(self, *, file: Path, dry_run: bool, **options) -> None:
        try:
            on = wareki.parse_date(options["date"]).value if options["date"] else timezone.localdate()
            rows = master.read(file)
        except master.MasterError as error:
            raise _refusal(f"{file} を取り込めません。", error.problems) from error
        except ValueError as error:
            raise CommandError(f"--date: {error}") from error
        with transaction.atomic():
            existing = Municipality.objects.select_for_update().in_bulk(field_name="code")
            changes = compare(rows, existing, on)
            problems = list(_problems(changes, on))
            if problems:
                raise _refusal(f"{file} を取り込めません。", problems)
            if not dry_run:
                _save(changes)
        self._report(changes, on, dry_run=dry_run)

    def _report(self, changes: Changes, on: date, *, dry_run: bool) -> None:
        self.stdout.write(
            f"{'【試行・保存していません】' if dry_run else ''}自治体マスタ（{wareki.format_wareki(on)}）: "
            f"追加 {len(changes.added):,}、改称 {len(changes.renamed):,}、再開 {len(changes.reopened):,}、"
            f"廃止 {len(changes.closed):,}、修正 {len(changes.corrected):,}、変更なし {changes.unchanged:,}"
        )
        former = {former.municipality.code: former.name for former in changes.former_names}
        details = {  # the first load adds them all, which needs no list
            "追加": [] if changes.first_load else changes.added,
            "改称": changes.renamed,
            "再開": changes.reopened,
            "廃止": changes.closed,
            "修正": changes.corrected,
            "廃止のまま（承継団体があります）": changes.kept_closed,
        }
        for label, bodies in details.items():
            for body in bodies:
                note = f"（旧 {former[body.code]}）" if label == "改称" else ""
                self.stdout.write(f"  {label}: {body.code} {body.full_name}{note}")
        if changes.closed:
            self.stdout.write("廃止した団体の承継団体は、管理画面の「自治体」で登録してください。")


def compare(rows: Sequence[master.MasterRow], existing: dict[str, Municipality], on: date) -> Changes:
    """What changes when the `existing` bodies (by code) become those of `rows` on that day. Saves nothing.

    The first load does not know when bodies were founded; one that is added later was founded `on` that day.
    A person who recorded a successor knew of the abolition, perhaps before the file did: it stays closed.
    """
    prefectures = [row.code for row in rows if row.kind == MunicipalityKind.PREFECTURE]
    changes = Changes(first_load=any(code not in existing for code in prefectures))
    for row in rows:
        values = {**row._asdict(), "prefecture_code": row.code[:2]}
        body = existing.get(row.code)
        if body is None:
            changes.added.append(Municipality(**values, opened_on=None if changes.first_load else on))
        elif body.closed_on and body.closed_on <= on and body.successor_id:
            changes.kept_closed.append(body)
        else:
            _compare_body(body, values, on, changes)
    in_file = {row.code for row in rows}
    for body in existing.values():
        if body.code not in in_file and body.closed_on is None:
            body.closed_on = on
            changes.closed.append(body)
    return changes


def _compare_body(body: Municipality, values: dict[str, str], on: date, changes: Changes) -> None:
    reopened = body.closed_on is not None and body.closed_on <= on
    differing = [name for name in _FIELDS if getattr(body, name) != values[name]]
    if reopened:
        body.closed_on = None
        changes.reopened.append(body)
    if "name" in differing:
        changes.former_names.append(
            MunicipalityFormerName(municipality=body, name=body.name, name_kana=body.name_kana, until=on)
        )
        changes.renamed.append(body)
    elif differing:
        changes.corrected.append(body)
    elif not reopened:
        changes.unchanged += 1
    for name in differing:
        setattr(body, name, values[name])


def _problems(changes: Changes, on: date) -> Iterator[str]:
    """What the database would refuse, said beforehand."""
    for body in [*changes.added, *changes.updated]:
        try:
            body.clean_fields()
        except ValidationError as error:
            labels = {column.name: column.verbose_name for column in body._meta.fields}
            for name, messages in error.message_dict.items():
                yield f"{body.code} {body.name}: {labels[name]}: {' '.join(messages)}"
    for body in changes.closed:
        if body.opened_on and body.opened_on > on:
            opened = wareki.format_wareki(body.opened_on)
            yield f"{body.code} {body.name}: 廃止の日が設置日（{opened}）より前です。"


def _save(changes: Changes) -> None:
    bulk_create_with_history(changes.added, Municipality, default_change_reason=_CHANGE_REASON)
    for body in changes.updated:
        body.updated_at = timezone.now()
    bulk_update_with_history(
        changes.updated,
        Municipality,
        [*_FIELDS, "closed_on", "updated_at"],
        batch_size=200,
        default_change_reason=_CHANGE_REASON,
    )
    # The same change of name on the same day, loaded before and undone since, is already there.
    MunicipalityFormerName.objects.bulk_create(changes.former_names, ignore_conflicts=True)


def _refusal(headline: str, problems: Sequence[str]) -> CommandError:
    lines = [headline, *problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        lines.append(f"ほか {len(problems) - _PROBLEMS_SHOWN:,}件")
    return CommandError("\n".join(lines))
