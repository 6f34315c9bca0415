"""`TokensField`: the tokens of a record, and the lookup `tokens__has=condition` that an index answers.

PostgreSQL keeps a `tsvector` under a GIN index. SQLite keeps text (tokens in hex) of which an
external-content FTS5 table is made; three triggers keep that in step, also with bulk writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connections, models, transaction

from agreements.domain import search_index

TABLE = "agreements_searchdocument"
_INSERT = "INSERT INTO agreements_searchindex(rowid, tokens) VALUES (new.agreement_id, new.tokens);"
_DELETE = (
    "INSERT INTO agreements_searchindex(agreements_searchindex, rowid, tokens)"
    " VALUES ('delete', old.agreement_id, old.tokens);"
)
_TRIGGERS = {"insert": _INSERT, "delete": _DELETE, "update": _DELETE + _INSERT}


_FOR_THE_INDEX = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),"
    " set_config('work_mem', '64MB', true)"
)


class TokensField(models.Field):
    """A set of tokens as a sorted list. Only PostgreSQL and SQLite are supported."""

    def db_type(self, connection: Any) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_internal_type(self) -> str:
        return "TokensField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or isinstance(value, str):
            return value
        write = search_index.tsvector if connection.vendor == "postgresql" else search_index.hex_tokens
        return write(value)


@TokensField.register_lookup
class Has(models.Lookup):
    """`has`: the tokens fulfil a condition of `domain.search_index`."""

    lookup_name = "has"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, Any]:
        write = search_index.tsquery if connection.vendor == "postgresql" else search_index.fts5
        return "%s", [write(value)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", [*left_params, *right_params]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        # The column itself is not asked: its row is.
        row = left.rpartition(".")[0] + ".agreement_id" if "." in left else "agreement_id"
        found = "%s IN (SELECT rowid FROM agreements_searchindex(%s))" % (row, right)  # noqa: S608, UP031
        return found, [*left_params, *right_params]


@contextmanager
def asking_the_index(database: str = "default") -> Iterator[None]:
    """Within it PostgreSQL asks its index of tokens.

    Its planner takes reading a whole table for cheap, as it does not count that every row's tokens must be
    fetched from aside and unpacked. Nor does it count that compiling a query takes longer than this one does,
    or that a bitmap that knows pages only has the tokens of all their rows unpacked.
    """
    connection = connections[database]
    if connection.vendor != "postgresql":
        yield
        return
    goes_on = connection.in_atomic_block
    with transaction.atomic(using=database), connection.cursor() as cursor:
        cursor.execute(_FOR_THE_INDEX)
        yield
        if goes_on:
            cursor.execute("SET LOCAL enable_seqscan = on")


def create_index(database: str = "default") -> None:
    """(Re)make what keeps the index: on SQLite the FTS5 table, filled, and its triggers."""
    drop_index(database)
    connection = connections[database]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE VIRTUAL TABLE agreements_searchindex USING fts5(tokens, tokenize='ascii', detail=none,"
            " content='agreements_searchdocument', content_rowid='agreement_id')"
        )
        for event, body in _TRIGGERS.items():
            name = f"agreements_searchindex_{event}"
            cursor.execute(f"CREATE TRIGGER {name} AFTER {event.upper()} ON {TABLE} BEGIN {body} END")
        cursor.execute("INSERT INTO agreements_searchindex(agreements_searchindex) VALUES ('rebuild')")


def drop_index(database: str = "default") -> None:
    connection = connections[database]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for event in _TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS agreements_searchindex_{event}")
        cursor.execute("DROP TABLE IF EXISTS agreements_searchindex")


def index_is_sound(database: str = "default") -> bool:
    """Whether SQLite's index says the same as its table and is kept in step; PostgreSQL sees to its own."""
    connection = connections[database]
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        if cursor.fetchone()[0] < len(_TRIGGERS):
            return False
        try:
            cursor.execute(
                "INSERT INTO agreements_searchindex(agreements_searchindex, rank)"
                " VALUES ('integrity-check', 1)"
            )
        except DatabaseError:
            return False
    return True
