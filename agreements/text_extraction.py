"""The text layer of a PDF, read in a process of its own with bounds on time and memory.

A PDF is a program that strangers wrote: a small one can keep a parser busy for hours. Run as a script this
file reads a PDF from its standard input and writes its text (UTF-8) to its standard output.
"""

import os
import subprocess
import sys

MAX_CHARACTERS = 200_000
MAX_PAGES = 300
MAX_MEMORY = 1024**3
SECONDS = 20


def extract_text(pdf: bytes, *, seconds: float = SECONDS) -> tuple[str, bool]:
    """The text and whether it is all there is; ("", False) when it cannot be read. Raises `TimeoutError`."""
    try:
        run = subprocess.run(  # noqa: S603  (our own file, by our own interpreter)
            [sys.executable, "-I", os.path.abspath(__file__)],
            input=pdf,
            capture_output=True,
            timeout=seconds,
            check=True,
            env={"PYTHONIOENCODING": "utf-8"},
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    except subprocess.CalledProcessError:
        return "", False
    text = run.stdout.decode("utf-8", "replace").replace("\x00", "")
    return text[:MAX_CHARACTERS], not run.stderr.endswith(b"cut\n") and len(text) <= MAX_CHARACTERS


def _main() -> None:
    import io
    import logging
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    logging.disable()
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    found: list[str] = []
    length = 0
    for number, page in enumerate(reader.pages):
        if number >= MAX_PAGES or length > MAX_CHARACTERS:
            sys.stderr.write("cut\n")
            break
        found.append(page.extract_text())
        length += len(found[-1])
    sys.stdout.buffer.write("\n".join(found).encode("utf-8", "replace"))


if __name__ == "__main__":
    _main()
