"""操作記録: the append-only, hash-chained record of what people did.

Everybody calls `record`; logins, permission changes, publications and deletions record themselves
(`receivers`). `verification` proves a chain, `retention` shortens it, `writers` hand it out.
"""

from .recording import record

__all__ = ["record"]
