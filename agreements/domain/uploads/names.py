"""The name of a file as a person reads it: without the path it came from, without what hides in it."""

import unicodedata

from .refusal import Refused

MAX_LENGTH = 200
_BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(name: str) -> str:
    """The last part of the path, in NFC. Raises `Refused` for a name nobody could read or save.

    Some browsers send whole paths. The name is only ever shown; on the disk the file has a random one.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    if name.strip(". ") == "":
        raise Refused("ファイルに名前がありません。名前を付けてから、もう一度選んでください。")
    for character in name:
        if unicodedata.category(character) in {"Cc", "Cs"} or character in _BIDI_CONTROLS:
            code = f"U+{ord(character):04X}"
            raise Refused(f"ファイル名に目に見えない制御文字（{code}）があります。名前を付け直してください。")
    if len(name) > MAX_LENGTH:
        raise Refused(f"ファイル名が長すぎます（{len(name)}文字）。{MAX_LENGTH}文字以内にしてください。")
    return name


def extension_of(name: str) -> str:
    """The extension in lower case without its dot; "" without one. Full-width letters count as usual ones."""
    stem, dot, extension = unicodedata.normalize("NFKC", name).rpartition(".")
    return extension.lower().strip() if dot and stem else ""
