"""The ledger in the admin; importing a module registers its pages."""

from . import action_items, agreements, companies, documents, notices, procedure, records, share_links
from . import action_items, agreements, companies, documents, expectations, notices, procedure, records

__all__ = [
    "action_items",
    "agreements",
    "companies",
    "documents",
    "notices",
    "procedure",
    "records",
    "share_links",
    "expectations",
    "notices",
    "procedure",
    "records",
]
