"""`Folded`: a column as `search_text.normalise` writes it, made by the database while it looks.

For the short lists of one municipality: 「ＤＸ」 finds DX, 「高橋」 finds 髙橋. Agreements are searched by
their stored documents instead.
"""

from typing import Any

from django.db.models import Func, TextField

from agreements.domain import search_text

_NAME = "renkei_fold"


class Folded(Func):
    arity = 1
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return super().as_sql(compiler, connection, function=_NAME, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """The same steps by the functions of PostgreSQL."""
        sql, parameters = compiler.compile(self.source_expressions[0])
        sql = f"translate(regexp_replace({sql}, %s, '', 'g'), %s, %s)"
        steps = [*parameters, f"[{search_text.UNSEEN}]", *_both(search_text.COMBINING_VOICE_MARKS)]
        sql = f"translate(normalize(lower(normalize({sql}, NFKC)), NFKC), %s, %s)"
        steps += _both(search_text.FOLD)
        for short, whole in search_text.LEGAL_FORMS.items():
            sql = f"replace({sql}, %s, %s)"
            steps += [f"({short})", whole]
        return f"btrim(regexp_replace({sql}, '\\s+', ' ', 'g'))", steps


def _both(table: dict[int, str | None]) -> tuple[str, str]:
    """The characters of a translation and what they become; those that are dropped at the end."""
    kept = {code: becomes for code, becomes in table.items() if becomes}
    dropped = [code for code, becomes in table.items() if not becomes]
    return "".join(map(chr, [*kept, *dropped])), "".join(kept.values())


def teach_sqlite(connection: Any, **kwargs: Any) -> None:
    """Gives a new connection to SQLite the function (PostgreSQL has all it takes)."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(_NAME, 1, _fold, deterministic=True)


def _fold(text: Any) -> str | None:
    return None if text is None else search_text.normalise(str(text))
