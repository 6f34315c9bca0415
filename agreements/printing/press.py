"""A process of its own for layouts, with a limit of time and memory: whatever happens to it, we go on."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .sections import HEAD_LENGTH, Section, lengths_of, send

logger = logging.getLogger(__name__)
_START_SECONDS = 60
_ROOT = Path(__file__).resolve().parents[2]

_MESSAGES = {
    "time": "{seconds}秒以内に組版できませんでした。長すぎる文章がないか確かめてください。",
    "memory": "組版に使えるメモリ（{megabytes}MB）を超えました。長すぎる文章がないか確かめてください。",
    "layout": "組版できない内容があります。システム管理者に連絡してください。",
    "gone": (
        "組版が途中で止まりました。長すぎる文章がないか確かめてください。"
        "続くときはシステム管理者に連絡してください。"
    ),
    "stopped": "中止しました。",
}


class PressFailed(Exception):
    """A document cannot be laid out; the message says why, in Japanese.

    `is_fresh`: the process has been replaced, and what it had laid out before is lost.
    """

    def __init__(self, kind: str, limits: Limits, *, is_fresh: bool) -> None:
        super().__init__(_MESSAGES[kind].format(seconds=limits.seconds, megabytes=limits.megabytes))
        self.kind = kind
        self.is_fresh = is_fresh


@dataclass(frozen=True, slots=True)
class Limits:
    """For one document: seconds by the clock, megabytes of address space of the process (0: no limit)."""

    seconds: int
    megabytes: int


@dataclass(frozen=True, slots=True)
class Setup:
    """What every document of a process shares."""

    stylesheet: str
    folders: Mapping[str, Path]
    warm_up: str
    limits: Limits


class Press:
    """One process that lays out. Used by one thread at a time; `stop` may come from any."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopped = False
        self._lock = threading.Lock()

    def __enter__(self) -> Press:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def print(self, html: str, *, variant: str, attachments: Mapping[str, bytes]) -> bytes:
        return self._ask("print", html, attachments, variant=variant)[1]

    def lay_out(self, html: str, *, variant: str) -> int:
        """Keep the pages for `write`; returns how many."""
        return self._ask("lay_out", html, {}, variant=variant)[0]["pages"]

    def write(
        self, *, variant: str, title: str, attachments: Mapping[str, bytes], duplex: bool, mark: str
    ) -> Section:
        """Everything laid out since the last section."""
        order = {"variant": variant, "title": title, "duplex": duplex, "mark": mark}
        return Section.from_message(*self._ask("write", "", attachments, **order))

    def stop(self) -> None:
        """For good; a document under way fails."""
        with self._lock:
            self._is_stopped = True
            self._kill()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _ask(
        self, do: str, html: str, attachments: Mapping[str, bytes], **order: Any
    ) -> tuple[dict[str, Any], bytes]:
        process = self._running()
        text = html.encode("utf-8", "replace")
        files = [(name, len(content)) for name, content in attachments.items()]
        head = {"do": do, "html": len(text), "files": files, **order}
        answer = self._exchange(process, head, b"".join([text, *attachments.values()]))
        if kind := answer[0].get("error"):
            if detail := answer[0].get("detail"):
                logger.error("A layout failed: %s", detail)
            if kind == "memory":  # whatever is left of it is not worth keeping
                self._replace(process)
            raise PressFailed(kind, self._setup.limits, is_fresh=kind == "memory")
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_stopped:
                raise PressFailed("stopped", self._setup.limits, is_fresh=True)
            if self._process is not None and self._process.poll() is None:
                return self._process
            command = [sys.executable, "-m", "agreements.printing.press_worker"]
            self._process = process = subprocess.Popen(  # noqa: S603  (a fixed command)
                command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        setup, limits = self._setup, self._setup.limits
        head = {
            "stylesheet": setup.stylesheet,
            "folders": {name: str(folder) for name, folder in setup.folders.items()},
            "warm_up": setup.warm_up,
            "seconds": limits.seconds,
            "megabytes": limits.megabytes,
        }
        self._exchange(process, head, b"", seconds=_START_SECONDS)
        return process

    def _exchange(
        self, process: subprocess.Popen[bytes], head: dict[str, Any], body: bytes, seconds: float = 0
    ) -> tuple[dict[str, Any], bytes]:
        """Send an order and wait for the answer, but not for ever."""
        deadline = time.monotonic() + (seconds or self._setup.limits.seconds)
        try:
            send(process.stdin, head, body)  # type: ignore[arg-type]
            answer = self._read(process, deadline)
        except (OSError, ValueError, EOFError) as error:
            self._replace(process)
            kind = "stopped" if self._is_stopped else "gone"
            raise PressFailed(kind, self._setup.limits, is_fresh=True) from error
        if answer is None:
            self._replace(process)
            raise PressFailed("time", self._setup.limits, is_fresh=True)
        return answer

    def _read(self, process: subprocess.Popen[bytes], deadline: float) -> tuple[dict[str, Any], bytes] | None:
        """The answer; None at the deadline. Raises `EOFError` when the process has gone."""
        head = self._read_bytes(process, HEAD_LENGTH, deadline)
        if head is None:
            return None
        text_length, body_length = lengths_of(head)
        text = self._read_bytes(process, text_length, deadline)
        body = self._read_bytes(process, body_length, deadline)
        return None if text is None or body is None else (json.loads(text), body)

    def _read_bytes(self, process: subprocess.Popen[bytes], length: int, deadline: float) -> bytes | None:
        pipe = process.stdout.fileno()  # type: ignore[union-attr]
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        found = bytearray()
        while len(found) < length:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(1000 * left):
                return None
            part = os.read(pipe, min(length - len(found), 1 << 20))
            if not part:
                raise EOFError
            found += part
        return bytes(found)

    def _replace(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            if self._process is process:
                self._kill()

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
