"""What may be done with many rows of a list at once, by whom."""

from typing import Any

from agreements.lists import ListSpec
from municipalities import access

WORDS = {
    "assign": ("担当を変える", "users"),
    "category": ("分野を付ける・外す", "tag"),
    "publish": ("公開区分を変える", "globe"),
    "export": ("書き出す", "download"),
    "sheets": ("協定シートを印刷する", "printer"),
}
_MANAGERS = {"publish"}
_EDITORS = {"assign", "category"}


def bulk_choices(spec: ListSpec, user: Any) -> list[tuple[str, str, str]]:
    """(key, words, icon) of what this person may do."""
    return [(key, *WORDS[key]) for key in spec.bulk if may_do(key, user)]


def may_do(key: str, user: Any) -> bool:
    """Whether at all; each row is asked again when its turn comes."""
    if key in _MANAGERS:
        return access.is_manager(user)
    if key in _EDITORS:  # a system admin has no 課 to choose from
        return access.may_register(user)
    return True
