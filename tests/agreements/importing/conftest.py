from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.base import ContentFile

from agreements.importing import run
from agreements.importing.table import table_of
from agreements.models import LedgerImport
from tests.factories import DepartmentFactory


@pytest.fixture
def planning(fukuoka):
    return DepartmentFactory(municipality=fukuoka, name="企画課")


@pytest.fixture
def checked(manager, today) -> Callable[..., LedgerImport]:
    """`checked(content, name, kind=…, by=…)`: staged, mapped as guessed, checked."""

    def make(content: bytes, name: str = "協定一覧.xlsx", *, kind: str = "agreements", by=None, **options):
        ledger = run.stage(kind=kind, file=ContentFile(content, name), name=name, by=by or manager)
        table = table_of(run.open_sheet(ledger), ledger.header_row)
        mapping, _options, _known = run.suggested_mapping(ledger, table)
        run.settle(
            ledger=ledger,
            table=table,
            sheet=ledger.sheet,
            mapping=mapping,
            options={"keep_others": True, **options},
            by=ledger.by,
        )
        run.check(ledger=ledger, today=today)
        ledger.refresh_from_db()
        return ledger

    return make


@pytest.fixture
def registered(checked, today) -> Callable[..., LedgerImport]:
    """The same, registered."""

    def make(*args, only_good: bool = False, today_: date = date(2026, 10, 1), **kwargs):
        ledger = checked(*args, **kwargs)
        run.register(ledger=ledger, only_good=only_good, today=today)
        ledger.refresh_from_db()
        return ledger

    return make
