"""What a municipality lets out: which fields, and every edition of an agreement that ever went out."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from agreements.choices import EditionKind, Licence, Publication, PublicField
from agreements.domain import search_text
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField, ProseField

from .agreement import Agreement
from .document import AgreementDocument, random_path

LOGO_DIR = "public-logos"

_only: ContextVar[Municipality | None] = ContextVar("only", default=None)


@contextmanager
def only_of(municipality: Municipality | None) -> Iterator[None]:
    """Meanwhile nothing is public but what this municipality published (None: no limit).

    For the static site of one municipality: every public page is made of `standing` and `tombstones`, so none
    can forget whose site it is on.
    """
    token = _only.set(municipality)
    try:
        yield
    finally:
        _only.reset(token)


USUAL_FIELDS = (PublicField.PURPOSE, PublicField.ITEMS, PublicField.TERM, PublicField.DOCUMENTS)


def usual_fields() -> list[str]:
    return [field.value for field in USUAL_FIELDS]


def random_logo_path(instance: models.Model, filename: str) -> str:
    """A name that no other logo has: an earlier one stays, so that a change of it can be taken back."""
    return f"{LOGO_DIR}/{uuid.uuid4().hex}"


class PublicProfile(Recorded):
    """公開ページの設定 of one municipality: the whitelist of fields, and how it presents itself."""

    municipality = models.OneToOneField(
        Municipality, models.PROTECT, related_name="public_profile", verbose_name="自治体"
    )
    fields = models.JSONField("公開する項目", default=usual_fields, blank=True)
    display_name = LineField("ページの名称", max_length=60, blank=True)
    contact = ProseField("問合せ先", max_length=400, blank=True)
    website = models.URLField("ウェブサイト", max_length=300, blank=True)
    licence = models.CharField("利用条件", max_length=12, choices=Licence, default=Licence.CC_BY)
    # Always a PNG that we drew ourselves from the pixels of what was sent (`actions.public_logo`).
    logo = models.FileField("ロゴ", upload_to=random_logo_path, max_length=60, blank=True)
    host_name = models.CharField(
        "専用のホスト名",
        max_length=253,
        null=True,
        blank=True,
        unique=True,
        error_messages={"unique": "このホスト名は、ほかの自治体が使っています。"},
    )

    history = history()

    class Meta:
        verbose_name = "公開ページの設定"
        verbose_name_plural = "公開ページの設定"
        ordering = ["municipality"]

    def __str__(self) -> str:
        return self.display_name or f"{self.municipality}の連携協定"

    @classmethod
    def of(cls, municipality: Municipality) -> "PublicProfile":
        """The settings of the municipality; the usual ones, not saved, where nobody chose any."""
        return cls.objects.filter(municipality=municipality).first() or cls(municipality=municipality)


class PublicEditionQuerySet(models.QuerySet["PublicEdition"]):
    def standing(self) -> "PublicEditionQuerySet":
        """What anyone may read now: the newest edition of every published agreement."""
        return (
            self._shown()
            .filter(
                is_current=True,
                agreement__publication=Publication.PUBLISHED,
                agreement__deleted_at=None,
            )
            .exclude(kind=EditionKind.WITHDRAWN)
        )

    def tombstones(self) -> "PublicEditionQuerySet":
        """The last word about agreements that were public once."""
        return self._shown().filter(is_current=True, kind=EditionKind.WITHDRAWN, agreement__deleted_at=None)

    def _shown(self) -> "PublicEditionQuerySet":
        municipality = _only.get()
        return self if municipality is None else self.filter(municipality=municipality)

    def in_category(self, category: str) -> "PublicEditionQuerySet":
        return self.filter(categories__contains=f",{category},")

    def with_company(self, company_id: int) -> "PublicEditionQuerySet":
        return self.filter(companies__contains=f",{company_id},")

    def with_partner(self, text: str) -> "PublicEditionQuerySet":
        """Editions of which a partner is called so, or has this 法人番号."""
        found = self
        for word in search_text.normalise(text).split():
            found = found.filter(partners__contains=word)
        return found

    def matching(self, text: str) -> "PublicEditionQuerySet":
        """Editions that contain every word: looked for in what went out, and nowhere else."""
        found = self
        for word in search_text.normalise(text).split():
            found = found.filter(search_text__contains=word)
        return found


class PublicEdition(models.Model):
    """公開の版: what went out about an agreement on a day, approved by a manager. Never changed afterwards.

    `payload` is written by `agreements.open_data` alone, and every public page, feed and file is made of it.
    The other columns repeat what lists filter by.
    """

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="public_editions", verbose_name="協定"
    )
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+", verbose_name="自治体")
    number = models.PositiveIntegerField("版")
    kind = models.CharField("区分", max_length=10, choices=EditionKind)
    payload = models.JSONField("公開した内容", default=dict, blank=True)
    changed = models.JSONField("変わった項目", default=list, blank=True)
    reason = ProseField("理由（公開）", max_length=400, blank=True)
    is_current = models.BooleanField("最新", default=True)
    agreement_kind = models.CharField("種別", max_length=20, blank=True)
    fiscal_year = models.SmallIntegerField("締結年度", null=True, blank=True)
    categories = models.CharField("分野", max_length=60, blank=True)
    companies = models.TextField("相手方", blank=True)
    partners = models.TextField("相手方の名称", blank=True)
    results = models.JSONField("年度ごとの取組", default=list, blank=True)
    search_text = models.TextField("検索する文", blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="承認した人"
    )
    on = models.DateField("公開日")
    at = models.DateTimeField("記録日時", auto_now_add=True)

    objects = PublicEditionQuerySet.as_manager()

    class Meta:
        verbose_name = "公開の版"
        verbose_name_plural = "公開の版"
        ordering = ["agreement", "-number"]
        indexes = [
            models.Index(
                fields=["municipality", "-on"], condition=Q(is_current=True), name="edition_current"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="edition_number_once"),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(is_current=True), name="edition_one_is_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payload.get('title') or '（取下げ）'}（第{self.number}版）"

    @property
    def title(self) -> str:
        return self.payload.get("title") or "名称未登録の協定"

    @property
    def facts(self) -> dict[str, Any]:
        return self.payload


class PublicCopy(models.Model):
    """公開用の写し of a PDF or picture, without what the file says of itself, such as its author.

    Made when the document goes out (`actions.public_documents`); the original stays as it came in.
    """

    document = models.OneToOneField(
        AgreementDocument,
        models.CASCADE,
        primary_key=True,
        related_name="public_copy",
        verbose_name="書類",
    )
    file = models.FileField("ファイル", upload_to=random_path, max_length=120, editable=False)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    made_at = models.DateTimeField("作成日時", auto_now_add=True)

    class Meta:
        verbose_name = "公開用の写し"
        verbose_name_plural = "公開用の写し"

    def __str__(self) -> str:
        return str(self.document_id)
