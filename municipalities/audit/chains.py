"""The chains that a command is asked for."""

from django.core.management.base import CommandError

from municipalities.models import AuditChain

SYSTEM = "system"


def chains_of(code: str | None) -> list[AuditChain]:
    """All chains, or the one of a municipality's code, or of "system". Raises CommandError."""
    chains = AuditChain.objects.select_related("municipality").order_by("municipality__code")
    if not code:
        return list(chains)
    found = chains.filter(municipality=None) if code == SYSTEM else chains.filter(municipality__code=code)
    if not found:
        raise CommandError(f"「{code}」の操作記録はありません。")
    return list(found)
