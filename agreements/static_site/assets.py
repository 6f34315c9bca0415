"""Style sheets, icons and scripts: the files that the pages name, and those that these name."""

import posixpath
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import SuspiciousOperation

from .links import in_css


def copy_static(names: Iterable[str], folder: Path) -> None:
    """Copy the static files of these names; the check of the links tells of one that is missing."""
    waiting, done = list(names), set()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        content = _content(name)
        if content is None:
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if name.endswith(".css"):
            beside = posixpath.dirname(name)
            waiting += [
                posixpath.normpath(posixpath.join(beside, unquote(urlsplit(each).path)))
                for each in in_css(content.decode())
            ]


def _content(name: str) -> bytes | None:
    # Collected files bear the digest of their content in their names; while developing nothing is collected.
    found = finders.find(name)
    if found:
        return Path(str(found)).read_bytes()
    try:
        with staticfiles_storage.open(name) as file:
            return file.read()
    except (OSError, SuspiciousOperation):
        return None
