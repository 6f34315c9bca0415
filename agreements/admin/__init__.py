"""The ledger in the admin; importing a module registers its pages."""

from . import action_items, agreements, companies, documents, notices, procedure, publication, records

__all__ = [
    "action_items",
    "agreements",
    "companies",
    "documents",
    "notices",
    "procedure",
    "publication",
    "records",
]
