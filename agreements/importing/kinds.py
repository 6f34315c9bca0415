"""Every kind of record that can be imported, by its key. One line each."""

from .actions import ActionImport
from .agreements import AgreementImport
from .companies import CompanyImport
from .importable import Importable
from .plan_items import PlanItemImport
from .staff import StaffImport

KINDS: dict[str, type[Importable]] = {
    kind.key: kind for kind in (AgreementImport, CompanyImport, ActionImport, PlanItemImport, StaffImport)
}


def importable(key: str) -> Importable:
    """A fresh one for each import: it remembers what it reads. Raises `KeyError`."""
    return KINDS[key]()
