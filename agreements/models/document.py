import mimetypes
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from agreements.choices import DocumentKind
from municipalities import access
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField

from .agreement import Agreement

DOCUMENT_DIR = "documents"
# Shown in the page itself. Browsers do not show TIFF.
_SHOWN_IMAGES = frozenset({"image/jpeg", "image/png"})
_PDF = "application/pdf"


def random_path(instance: models.Model, filename: str) -> str:
    """Where a file is kept: a name nobody can guess that tells nothing, without an extension."""
    name = uuid.uuid4().hex
    return f"{DOCUMENT_DIR}/{name[:2]}/{name}"


class AgreementDocumentQuerySet(models.QuerySet):
    def alive(self) -> "AgreementDocumentQuerySet":
        return self.filter(deleted_at=None, agreement__deleted_at=None)

    def internal_to(self, user) -> "AgreementDocumentQuerySet":
        return self.alive().filter(access.internal_agreements(user, "agreement__"))

    def visible_to(self, user) -> "AgreementDocumentQuerySet":
        """Those of the own municipality, and everyone's public ones of published agreements."""
        internal = access.internal_agreements(user, "agreement__")
        if not internal:  # everything; `Q() | public` would be the public ones alone
            return self.alive()
        public = Q(is_public=True) & access.visible_agreements(user, "agreement__")
        return self.alive().filter(internal | public)

    def published(self) -> "AgreementDocumentQuerySet":
        """What anyone may read: public documents of published agreements."""
        return self.alive().filter(is_public=True, agreement__publication="published")

    def editable_by(self, user) -> "AgreementDocumentQuerySet":
        return self.alive().filter(access.editable_agreements(user, "agreement__"))

    def restorable_by(self, user) -> "AgreementDocumentQuerySet":
        """Deleted documents this person may bring back."""
        deleted = self.exclude(deleted_at=None).filter(agreement__deleted_at=None)
        return deleted.filter(access.editable_agreements(user, "agreement__"))

    def signed(self) -> "AgreementDocumentQuerySet":
        """締結済み協定書, as a file or as paper on a known shelf."""
        return self.alive().filter(kind=DocumentKind.SIGNED)

    def same_content(self, hashes: Iterable[str], municipality_id: int, user) -> "AgreementDocumentQuerySet":
        """Documents of this municipality that are one of these files, byte by byte, for whom may see them."""
        own = self.internal_to(user).filter(agreement__municipality=municipality_id)
        return own.filter(sha256__in=set(hashes) - {""})

    def without_text(self) -> "AgreementDocumentQuerySet":
        """PDFs nobody has tried to read the text of."""
        return self.filter(content_type=_PDF, text=None)


class AgreementDocument(Recorded):
    """書類: one version of one paper of an agreement, as a file or as paper on a shelf.

    The file never changes: another file is another version. It lies below MEDIA_ROOT, which no server serves,
    and goes out through `views.document_files` alone.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="documents", verbose_name="協定")
    kind = models.CharField("種類", max_length=20, choices=DocumentKind)
    title = LineField("書類の名称", max_length=200)
    version = models.PositiveSmallIntegerField("版")
    is_public = models.BooleanField("公開する", default=False)
    is_paper_only = models.BooleanField("紙原本のみ", default=False)
    shelf_location = LineField("保管場所", max_length=120, blank=True, help_text="例：企画課 書庫A-3")
    file = models.FileField("ファイル", upload_to=random_path, max_length=120, blank=True, editable=False)
    original_name = models.CharField("元のファイル名", max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField("大きさ（バイト）", null=True, blank=True, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, editable=False, db_index=True)
    content_type = models.CharField("内容の形式", max_length=120, blank=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)

    history = history()
    objects = AgreementDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "書類"
        verbose_name_plural = "書類"
        ordering = ["agreement", "kind", "title", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "kind", "title", "version"],
                name="document_version_once",
                violation_error_message="この種類と名称の書類には、その版がすでにあります。",
            ),
            models.UniqueConstraint(fields=["file"], condition=~Q(file=""), name="document_file_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="document_version_from_1"),
            models.CheckConstraint(
                condition=(
                    Q(is_paper_only=True, file="", sha256="", content_type="", size=None)
                    & ~Q(shelf_location="")
                )
                | (
                    Q(is_paper_only=False, size__gt=0)
                    & ~Q(file="")
                    & ~Q(sha256="")
                    & ~Q(content_type="")
                    & ~Q(original_name="")
                ),
                name="document_is_a_file_or_paper",
                violation_error_message="ファイルか、紙原本の保管場所のどちらかが必要です。",
            ),
            models.CheckConstraint(
                condition=Q(is_paper_only=False) | Q(is_public=False),
                name="document_paper_is_not_public",
                violation_error_message="紙原本のみの書類は公開できません。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"

    def get_absolute_url(self) -> str:
        return reverse("agreements:document-detail", args=[self.pk])

    @property
    def municipality_id(self) -> int:
        """Whose chain of the audit it belongs to."""
        return self.agreement.municipality_id

    @property
    def is_shown_image(self) -> bool:
        """Whether the page can show it as an image."""
        return self.content_type in _SHOWN_IMAGES

    @property
    def is_pdf(self) -> bool:
        return self.content_type == _PDF

    @property
    def public_name(self) -> str:
        """What the file is called for others: not as the sender's computer called it."""
        return f"{self.title}{mimetypes.guess_extension(self.content_type) or ''}"

    @property
    def public_size(self) -> int | None:
        """Bytes of what goes out: of the copy without properties where there is one (`PublicCopy`)."""
        copy = getattr(self, "public_copy", None)
        return copy.size if copy else self.size

    @property
    def has_preview(self) -> bool:
        return self.is_shown_image or self.is_pdf
