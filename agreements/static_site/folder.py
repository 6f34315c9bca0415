"""The folder of a site: built beside the old one and put in its place in one step. One run at a time."""

import ctypes
import errno
import fcntl
import filecmp
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MARK = "renkei-site.json"
"""In every site: a folder without it is somebody else's and stays as it is."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class FolderRefused(ValueError):
    """The site cannot be put there; the message says why, in Japanese."""


class AlreadyRunning(FolderRefused):
    """Another run is writing the same site."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run changed in the folder."""

    written: int
    kept: int
    removed: int

    @property
    def is_none(self) -> bool:
        return not (self.written or self.removed)


@contextmanager
def building(site: Path) -> Iterator[Path]:
    """An empty folder beside the site to build the new one in; it goes, whatever happens.

    A run that was killed leaves such a folder, or (where two folders cannot change places in one step) the
    old site under another name: the next run tidies up first.
    """
    site = site.resolve()
    if not site.name or not site.parent.is_dir():
        raise FolderRefused(f"フォルダー {site.parent} がありません。")
    with _lock(site):
        fresh, old = _beside(site, "new"), _beside(site, "old")
        if old.exists() and not site.exists():
            old.rename(site)
        _refuse_foreign(site)
        for leftover in (fresh, old):
            _remove(leftover)
        try:
            fresh.mkdir()
            # Work files and the site, on the same disk.
            (fresh / "site").mkdir()
            (fresh / "work").mkdir()
            yield fresh
        finally:
            for leftover in (fresh, old):
                _remove(leftover)


def put_in_place(fresh: Path, site: Path) -> Changes:
    """The new site becomes the site; files that did not change stay the same files, with their dates."""
    site = site.resolve()
    changes = _reuse(fresh, site)
    if changes.is_none and site.exists():
        return changes
    if not site.exists():
        fresh.rename(site)
    elif not _exchange(fresh, site):
        old = _beside(site, "old")
        site.rename(old)
        try:
            fresh.rename(site)
        except OSError:
            old.rename(site)
            raise
    return changes


def _reuse(fresh: Path, site: Path) -> Changes:
    before = set(files(site)) if site.exists() else set()
    written = kept = 0
    for name in files(fresh):
        if name in before and filecmp.cmp(fresh / name, site / name, shallow=False):
            (fresh / name).unlink()
            _link(site / name, fresh / name)
            kept += 1
        else:
            written += 1
        before.discard(name)
    return Changes(written, kept, len(before))


def files(folder: Path) -> list[str]:
    """Every file below the folder, by its path from there."""
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if not each.is_dir())


def _link(source: Path, target: Path) -> None:
    # Nobody ever writes into a file of a site: each change is a new file, so two names of one are safe.
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _exchange(one: Path, other: Path) -> bool:
    """Both folders change places in one step (Linux); False where the system or the disk cannot do it."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _refuse_foreign(site: Path) -> None:
    if not site.exists():
        return
    if not site.is_dir():
        raise FolderRefused(f"{site} はフォルダーではありません。")
    if any(site.iterdir()) and not (site / MARK).is_file():
        raise FolderRefused(
            f"{site} には公開サイト以外のファイルがあります。"
            "空のフォルダーか、新しいフォルダーを指定してください。"
        )


@contextmanager
def _lock(site: Path) -> Iterator[None]:
    """Goes with the process, however that ends."""
    try:
        handle = os.open(_beside(site, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FolderRefused(f"フォルダー {site.parent} に書き込めません。") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(
                f"{site} への書き出しは、別の処理が実行中です。終わってから、もう一度実行してください。"
            ) from error
        yield
    finally:
        os.close(handle)


def _beside(site: Path, ending: str) -> Path:
    return site.with_name(f".{site.name}.{ending}")


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
