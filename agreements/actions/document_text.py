"""Read the text layer of PDFs that came in, so that the search finds their words."""

import time
from collections.abc import Iterable

from agreements.models import AgreementDocument, DocumentText, SearchDocument
from agreements.text_extraction import SECONDS, extract_text


def extract_texts(*, documents: Iterable[AgreementDocument], seconds: float | None = None) -> int:
    """Read PDFs until the time is over (None: all of them); returns how many. The rest waits.

    One that exceeds the bounds of `text_extraction` is noted as having no text and never tried again.
    """
    end = None if seconds is None else time.monotonic() + seconds
    read: list[AgreementDocument] = []
    for document in documents:
        left = SECONDS if end is None else min(end - time.monotonic(), SECONDS)
        if left <= 0:
            break
        try:
            with document.file.open("rb") as file:
                text, is_whole = extract_text(file.read(), seconds=left)
        except TimeoutError:
            if left < SECONDS:
                break
            text, is_whole = "", False
        except OSError:
            continue  # the file is not there; the download says so
        DocumentText.objects.get_or_create(document=document, defaults={"text": text, "is_whole": is_whole})
        read.append(document)
    SearchDocument.objects.refresh({document.agreement_id for document in read})
    return len(read)
