"""The process that lays out: started by `press.Press`, limited, and killed when it takes too long.

    python -m agreements.printing.press_worker

It reads orders from its standard input and answers on its standard output (`sections`). It knows nothing of
Django, so that it starts in a second and stays small.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from .sections import receive, send


class Worker:
    def __init__(self, setup: dict[str, Any]) -> None:
        from . import engine

        self.refused = (Exception, engine.FatalURLFetchingError)  # that one derives from BaseException
        self.seconds: int = setup["seconds"]
        folders = {name: Path(folder) for name, folder in setup["folders"].items()}
        self.engine = engine.Engine(setup["stylesheet"], folders)
        self.engine.write_pdf(setup["warm_up"], variant="pdf/ua-1", attachments={})
        gc.collect()
        gc.freeze()
        # Many laid-out pages are alive at a time, and would be looked through all the time.
        gc.set_threshold(20_000, 20, 100)
        self.documents: list[Any] = []
        # Last: what has been loaded so far is the same for every order.
        if setup["megabytes"]:
            limit = setup["megabytes"] * 1024 * 1024
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    def answer(self, order: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        self._limit_time()
        try:
            return getattr(self, f"do_{order['do']}")(order, body)
        except MemoryError:
            self.documents.clear()
            return {"error": "memory"}, b""
        except self.refused as error:
            return {"error": "layout", "detail": f"{type(error).__name__}: {error}"[:300]}, b""

    def do_print(self, order: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """One document, finished."""
        html, files = _parts(order, body)
        return {}, self.engine.write_pdf(html, variant=order["variant"], attachments=files)

    def do_lay_out(self, order: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """One document of a section, kept until the section is written."""
        html, _files = _parts(order, body)
        document = self.engine.lay_out(html, variant=order["variant"])
        self.documents.append(document)
        return {"pages": len(document.pages)}, b""

    def do_write(self, order: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """What has been laid out so far as one section."""
        _html, files = _parts(order, body)
        documents, self.documents = self.documents, []
        section = self.engine.write_section(
            documents,
            variant=order["variant"],
            title=order["title"],
            attachments=files,
            duplex=order["duplex"],
            mark=order["mark"],
        )
        return section.as_message()

    def _limit_time(self) -> None:
        """The parent kills at the deadline; should it have gone, the system does."""
        used = int(time.process_time())
        _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (used + 2 * self.seconds + 5, hard))


def _parts(order: dict[str, Any], body: bytes) -> tuple[str, dict[str, bytes]]:
    html, start = body[: order["html"]].decode(), order["html"]
    files = {}
    for name, length in order["files"]:
        files[name] = body[start : start + length]
        start += length
    return html, files


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    first = receive(orders)
    if first is None:
        return
    worker = Worker(first[0])
    send(answers, {"ready": True})
    while (order := receive(orders)) is not None:
        send(answers, *worker.answer(*order))
        if not worker.documents:  # between sections everything is free again
            gc.collect()


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not fall among the answers
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
