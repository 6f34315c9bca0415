"""Which files a registry takes in: decided by their content, never by what the sender calls them.

`check_upload` reads one file and says what it is, or refuses it with a sentence for the person who sent it.
Nothing is decoded, rendered or unpacked to disk: of images the headers are read, of Office files the
archive is walked with a bound on what may come out of it.
"""

from .names import clean_name
from .refusal import Refused
from .rules import ACCEPT, KINDS_IN_WORDS, FileKind, Limits, check_upload

__all__ = ["ACCEPT", "KINDS_IN_WORDS", "FileKind", "Limits", "Refused", "check_upload", "clean_name"]
