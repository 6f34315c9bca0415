"""The database triggers that keep the audit, lifted for a moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations


@contextmanager
def without_audit_triggers() -> Iterator[None]:
    """The database without the triggers, as only its owner can have it."""
    triggers = import_module("municipalities.migrations.0003_audit")
    _execute(triggers.drop_statements(connection.vendor))
    yield
    _execute(triggers.create_statements(connection.vendor))


def _execute(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(scope="session", autouse=True)
def emptied_past_the_audit_triggers() -> Iterator[None]:
    """Tests with real transactions empty all tables at their end, which the triggers refuse."""
    execute_sql_flush = BaseDatabaseOperations.execute_sql_flush

    def flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with without_audit_triggers():
            execute_sql_flush(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield
