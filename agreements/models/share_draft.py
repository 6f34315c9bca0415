"""What a company has typed and attached before it sends it: its own, seen by nobody else."""

from django.db import models
from django.db.models import Q

from municipalities import access
from municipalities.models.base import Recorded

from .agreement import Agreement
from .company_submission import CompanySubmission
from .document import AgreementDocument, random_path
from .share_link import ShareLink


class ShareDraft(Recorded):
    """下書き: the fields of the company's page as they were typed, right or wrong."""

    link = models.OneToOneField(ShareLink, models.CASCADE, related_name="draft", verbose_name="相手方リンク")
    values = models.JSONField("入力", default=dict)

    class Meta:
        verbose_name = "相手方の下書き"
        verbose_name_plural = "相手方の下書き"

    def __str__(self) -> str:
        return f"{self.link_id}の下書き"


class ShareFileQuerySet(models.QuerySet["ShareFile"]):
    def unsent(self) -> "ShareFileQuerySet":
        return self.filter(submission=None)

    def readable(self) -> "ShareFileQuerySet":
        """Files staff may know of: sent, and not with answers to a worksheet that is still closed."""
        return self.filter(submission__in=CompanySubmission.objects.readable())

    def internal_to(self, user) -> "ShareFileQuerySet":
        readable = self.readable().filter(link__agreement__deleted_at=None)
        return readable.filter(access.internal_agreements(user, "link__agreement__"))


class ShareFile(models.Model):
    """添付: a file a company attached, found sound by its content. It becomes a 書類 when staff accept it."""

    link = models.ForeignKey(ShareLink, models.CASCADE, related_name="files", verbose_name="相手方リンク")
    file = models.FileField("ファイル", upload_to=random_path, max_length=120, editable=False)
    original_name = models.CharField("元のファイル名", max_length=200)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    content_type = models.CharField("内容の形式", max_length=120)
    at = models.DateTimeField("添付日時", auto_now_add=True)
    # Which 取組 it shows; the file as a whole belongs to what was sent with it.
    about = models.PositiveBigIntegerField("対象の取組", null=True, blank=True)
    submission = models.ForeignKey(
        CompanySubmission,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="share_files",
        verbose_name="相手方からの送信",
    )
    document = models.ForeignKey(
        AgreementDocument,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="登録した書類",
    )

    objects = ShareFileQuerySet.as_manager()

    class Meta:
        verbose_name = "相手方の添付"
        verbose_name_plural = "相手方の添付"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["file"], condition=~Q(file=""), name="share_file_once")
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def agreement(self) -> Agreement:
        return self.link.agreement

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def audit_label(self) -> str:
        """Without the name of the file, which may hold a person's."""
        return f"相手方の添付 {self.pk}"
