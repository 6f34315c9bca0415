"""The ledger in the admin; importing a module registers its pages."""

from . import (
    action_items,
    agreement_texts,
    agreements,
    companies,
    diagnosis,
    documents,
    expectations,
    imports,
    jobs,
    notices,
    prints,
    procedure,
    publication,
    records,
    share_links,
    webhooks,
)

__all__ = [
    "action_items",
    "agreement_texts",
    "agreements",
    "companies",
    "diagnosis",
    "documents",
    "expectations",
    "imports",
    "jobs",
    "notices",
    "prints",
    "procedure",
    "publication",
    "records",
    "share_links",
    "webhooks",
]
