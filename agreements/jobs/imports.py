"""台帳の確認, 取込み, 取込みの取消し in the background. Each is one transaction: run again, it begins anew."""

from django.utils import timezone

from agreements.actions.jobs import JobRefused, Run
from agreements.domain.uploads import Refused
from agreements.importing import run as importing
from agreements.models import LedgerImport
from municipalities.models import StaffMember


def check(run: Run) -> None:
    ledger = _ledger(run)
    _refusing(lambda: importing.check(ledger=ledger, today=timezone.localdate(), tell=_tell(run)))
    run.report = _report(ledger, "結果を見て登録へ進む")


def register(run: Run) -> None:
    ledger = _ledger(run)
    if ledger.is_registered:  # by a run that was killed just after it
        return
    run.report = _report(ledger, "登録の結果を見る")
    _refusing(
        lambda: importing.register(
            ledger=ledger,
            only_good=bool(run.parameters.get("only_good")),
            today=timezone.localdate(),
            tell=_tell(run),
            on_written=run.finish,
        )
    )


def undo(run: Run) -> None:
    ledger = _ledger(run)
    by: StaffMember = run.by
    run.report = _report(ledger, "取消しの結果を見る")
    _refusing(
        lambda: importing.undo(
            ledger=ledger, by=by, today=timezone.localdate(), tell=_tell(run), on_written=run.finish
        )
    )


def _ledger(run: Run) -> LedgerImport:
    ledger = LedgerImport.objects.select_related("by__municipality", "by__department", "municipality")
    found = ledger.filter(pk=run.parameters["import"]).first()
    if found is None:
        raise JobRefused("この取込みは、すでに取り下げられています。")
    return found


def _refusing(work) -> None:
    try:
        work()
    except (importing.NotPossible, Refused) as refusal:
        raise JobRefused(str(refusal)) from refusal


def _tell(run: Run):
    return lambda done, total, step: run.advance(done, total, step=step)


def _report(ledger: LedgerImport, label: str) -> dict:
    return {"link": {"url": ledger.get_absolute_url(), "label": label}}
