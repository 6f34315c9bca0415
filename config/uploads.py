"""A bound on what one request may send, before any of it is read."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class RequestQuotaUploadHandler(FileUploadHandler):
    """Answers 413 to a form that is too long as a whole; Django bounds only what is not a file."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict,  # noqa: N803  (Django's name)
        content_length: int,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if content_length > settings.RENKEI_UPLOAD_MAX_REQUEST_BYTES:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
