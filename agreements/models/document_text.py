from django.db import models

from .document import AgreementDocument


class DocumentText(models.Model):
    """The text layer of a PDF, for the search. An empty text: there is none, or it could not be read."""

    document = models.OneToOneField(
        AgreementDocument, models.CASCADE, primary_key=True, related_name="text", verbose_name="書類"
    )
    text = models.TextField("文字", blank=True)
    is_whole = models.BooleanField("全文", default=True)
    extracted_at = models.DateTimeField("抽出日時", auto_now_add=True)

    class Meta:
        verbose_name = "書類の文字"
        verbose_name_plural = "書類の文字"

    def __str__(self) -> str:
        return str(self.document_id)
