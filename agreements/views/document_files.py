"""Files of documents on their way out: downloaded, or shown by the browser.

Whatever a file contains, the browser takes it for what we found it to be (`nosniff`) and gives it nothing to
do: no script, no form, no request, an origin of its own (`sandbox`). Chromium's PDF viewer works under this
policy, because it renders in a process of its own; so does an `<img>`.
"""

import logging
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views import View

from agreements.models import AgreementDocument
from municipalities import access
from municipalities.audit import record
from municipalities.choices import AuditKind

logger = logging.getLogger("renkei.documents")
POLICY = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class DocumentDownloadView(View):
    """The file as it came in, with its name; for other municipalities what is public of it."""

    as_attachment = True
    way = "ダウンロード"

    def get_document(self, pk: int) -> AgreementDocument:
        visible = AgreementDocument.objects.visible_to(self.request.user).filter(is_paper_only=False)
        return get_object_or_404(visible.select_related("agreement__municipality", "public_copy"), pk=pk)

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        document = self.get_document(pk)
        is_own = access.may_see_internal(request.user, document.agreement)
        source = document if is_own else getattr(document, "public_copy", document)
        try:
            file = source.file.open("rb")
        except OSError as error:
            logger.error("the file of document %d is missing", document.pk)
            raise Http404("the file is missing") from error
        record(AuditKind.DOWNLOAD, request=request, target=document, 方法=self.way)
        return FileResponse(
            file,
            as_attachment=self.as_attachment,
            filename=document.original_name if is_own else document.public_name,
            content_type=document.content_type,
            headers={
                "Content-Security-Policy": POLICY,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )


class DocumentInlineView(DocumentDownloadView):
    """The file in the browser: only PDFs and images that it shows without running anything of ours."""

    as_attachment = False
    way = "画面で表示"

    def get_document(self, pk: int) -> AgreementDocument:
        document = super().get_document(pk)
        if not document.has_preview:
            raise Http404("no preview for this kind of file")
        return document
