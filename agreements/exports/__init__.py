"""Lists as files: what each column holds (`agreements`, `companies`, …) and how it is written (`writers`).

The headers are the words of the models, the same that an import reads. Values are typed: dates are dates,
numbers are numbers, yes and no are はい and いいえ; several values of one cell stand on lines of their own.
"""

from . import actions, agreements, companies, documents, meetings, plan_items
from .table import Column, Kind, Table

TABLES: dict[str, Table] = {
    table.key: table
    for table in (
        agreements.TABLE,
        actions.TABLE,
        companies.TABLE,
        documents.TABLE,
        meetings.TABLE,
        plan_items.TABLE,
    )
}

__all__ = ["TABLES", "Column", "Kind", "Table"]
