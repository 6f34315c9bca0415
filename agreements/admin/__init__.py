"""The ledger in the admin; importing a module registers its pages."""

from . import (
    action_items,
    agreements,
    companies,
    diagnosis,
    documents,
    expectations,
    imports,
    jobs,
    notices,
    procedure,
    publication,
    records,
    share_links,
    webhooks,
)

__all__ = [
    "action_items",
    "agreements",
    "companies",
    "diagnosis",
    "documents",
    "expectations",
    "imports",
    "jobs",
    "notices",
    "procedure",
    "publication",
    "records",
    "share_links",
    "webhooks",
]
