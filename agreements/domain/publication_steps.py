"""From which 公開区分 to which an agreement may go, by its state. Pure: standard library only."""

_SIGNED = frozenset({"active", "suspended", "ended"})
_STEPS = {
    "private": frozenset({"preparing", "published"}),
    "preparing": frozenset({"private", "published"}),
    "published": frozenset({"withdrawn"}),
    "withdrawn": frozenset({"preparing", "published"}),
}


def refusal(*, state: str, current: str, wanted: str) -> str:
    """Why an agreement may not become `wanted`; empty when it may."""
    if wanted == current:
        return ""
    if wanted not in _STEPS.get(current, frozenset()):
        if current == "published":
            return "公開中の協定は「取下げ」にしてください。"
        if current == "withdrawn":
            return "取り下げた協定は、公開準備か公開にだけできます（取下げの表示が残っています）。"
        return "公開していない協定は取り下げられません。"
    if wanted == "published" and state not in _SIGNED:
        return "締結前の協定と見送りの協定は公開できません。"
    return ""
