"""公開サイトの書き出し: the pages for everyone of one municipality as files in a zip."""

import tempfile
import zipfile
from pathlib import Path

from django.utils import timezone

from agreements.actions.jobs import JobRefused, Run
from agreements.static_site import Site, SiteRefused, export_site
from agreements.static_site.folder import files
from municipalities import audit
from municipalities.choices import AuditKind

from .sheets import keep_only_file

_PROBLEMS_TOLD = 10


def run(run: Run) -> None:
    municipality = run.job.municipality
    if municipality is None:
        raise JobRefused("自治体に所属している人だけが書き出せます。")
    site = Site(municipality, run.parameters.get("base_url", ""))
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile() as target:
        folder = Path(name) / f"renkei-{municipality.code}"
        try:
            report = export_site(
                folder, site, tell=lambda done, total, step: run.advance(done, total, step=step)
            )
        except SiteRefused as refused:
            told = refused.problems[:_PROBLEMS_TOLD]
            run.report = {"notes": {f"{number}": each for number, each in enumerate(told, start=1)}}
            raise JobRefused(f"{refused} サイトは作っていません。") from refused
        names = files(folder)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, each in enumerate(names):
                run.advance(number, len(names), step="ファイルにまとめています")
                archive.write(folder / each, f"{folder.name}/{each}")
        run.advance(len(names), len(names))
        today = timezone.localdate()
        keep_only_file(run, target, f"公開サイト_{municipality.code}_{today:%Y%m%d}.zip", "application/zip")
    run.report = {"notes": {"協定": f"{report.agreements}件", "ファイル": f"{report.files}個"}}
    audit.record(AuditKind.EXPORT, actor=run.by, 内容="公開サイト", 件数=report.agreements, 処理=run.job.pk)
