from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from agreements.domain import corporate_number, kana, renewal, search_text
from municipalities import access
from municipalities.models import Municipality
from municipalities.models.base import Recorded, history
from municipalities.models.fields import LineField
from municipalities.validators import validate_kana

VERIFIED_FOR_MONTHS = 12


def validate_corporate_number(text: str) -> None:
    """法人番号 of 13 digits with a right check digit."""
    try:
        corporate_number.normalise(text)
    except ValueError as error:
        raise ValidationError(str(error), code="corporate_number") from error


class CompanyQuerySet(models.QuerySet["Company"]):
    def alive(self) -> "CompanyQuerySet":
        return self.filter(deleted_at=None)

    def editable_by(self, user) -> "CompanyQuerySet":
        return self.alive() if access.may_edit_companies(user) else self.none()

    def matching(self, text: str) -> "CompanyQuerySet":
        """Companies whose name, former name, reading or 法人番号 contains every word of the text."""
        found = self
        for word in search_text.normalise(text).split():
            found = found.filter(search_names__contains=word)
        return found


class Company(Recorded):
    """相手方: a company, university, association or other body that is not a municipality.

    Shared by all municipalities; what one municipality notes about it lives in `CompanyContact`
    and in its agreements.
    """

    corporate_number = models.CharField(
        "法人番号",
        max_length=13,
        null=True,
        blank=True,
        unique=True,
        validators=[validate_corporate_number],
        error_messages={"unique": "この法人番号の相手方はすでに登録されています。"},
        help_text="13桁。分からないときは空欄のままで構いません。",
    )
    name = LineField("名称", max_length=120, help_text="登記上の名称（例：株式会社ローソン）")
    name_kana = LineField(
        "かな",
        max_length=160,
        validators=[validate_kana],
        help_text="「かぶしきがいしゃ」は省いて構いません。",
    )
    postal_code = LineField("郵便番号", max_length=8, blank=True)
    address = LineField("所在地", max_length=200, blank=True)
    representative_title = LineField("代表者職名", max_length=60, blank=True)
    representative_name = LineField("代表者氏名", max_length=60, blank=True)
    website = models.URLField("ウェブサイト", max_length=300, blank=True)
    deleted_at = models.DateTimeField("削除日時", null=True, blank=True, editable=False)
    # Kept by save(): 五十音 order and the searchable spellings, former names included.
    kana_key = models.CharField(max_length=400, editable=False, default="")
    search_names = models.TextField(editable=False, default="")

    history = history(excluded_fields=["kana_key", "search_names"])
    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = "相手方"
        verbose_name_plural = "相手方"
        ordering = ["kana_key", "pk"]
        indexes = [models.Index("kana_key", "id", name="company_kana")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(corporate_number=None) | models.Q(corporate_number__length=13),
                name="company_corporate_number_13_digits",
                violation_error_message="法人番号は13桁です。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        if self.corporate_number:
            self.corporate_number = corporate_number.normalise(self.corporate_number)
        else:
            self.corporate_number = None
        former = [] if self._state.adding else list(self.former_names.values_list("name", "name_kana"))
        self.refresh_keys(former)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("agreements:company-detail", args=[self.pk])

    def is_in_use(self) -> bool:
        """Whether an agreement that is not deleted names this company."""
        return self.parties.filter(agreement__deleted_at=None).exists()

    def refresh_keys(self, former_names: list[tuple[str, str]]) -> None:
        """Compute the sort key and the searchable spellings from the names."""
        self.kana_key = kana.sort_key(self.name_kana)
        spellings = [(self.name, self.name_kana), *former_names]
        parts = [part for pair in spellings for part in pair if part]
        self.search_names = search_text.normalise(" ".join([*parts, self.corporate_number or ""]))


class CompanyFormerName(models.Model):
    """A name the company had before (merger, rename); agreements keep the name as signed."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="former_names", verbose_name="相手方")
    name = LineField("旧名称", max_length=120)
    name_kana = LineField("旧かな", max_length=160, blank=True, validators=[validate_kana])
    until = models.DateField("使用終了日", null=True, blank=True)

    history = history()

    class Meta:
        verbose_name = "相手方の旧名称"
        verbose_name_plural = "相手方の旧名称"
        ordering = ["company", "until", "pk"]
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="company_former_name_once")]

    def __str__(self) -> str:
        return self.name


class CompanyContactQuerySet(models.QuerySet["CompanyContact"]):
    def visible_to(self, user) -> "CompanyContactQuerySet":
        """Contacts belong to the municipality that keeps them; nobody else sees them."""
        return self.known().filter(access.own_municipality(user))

    def managed_by(self, user) -> "CompanyContactQuerySet":
        """Contacts whose personal data this person answers for."""
        return self.known().filter(access.managed_municipality(user))

    def known(self) -> "CompanyContactQuerySet":
        """Contacts of which anything is known: an erased one is only a number that others refer to."""
        return self.filter(erased_at=None)

    def editable_by(self, user) -> "CompanyContactQuerySet":
        return self.visible_to(user) if access.may_register(user) else self.none()

    def current(self, on: date) -> "CompanyContactQuerySet":
        return self.known().filter(models.Q(ended_on=None) | models.Q(ended_on__gte=on))


class CompanyContact(Recorded):
    """相手窓口: a person at a company, as one municipality knows them (personal data: keep it minimal)."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="contacts", verbose_name="相手方")
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="company_contacts", verbose_name="自治体"
    )
    section = LineField("部署", max_length=100, blank=True)
    title = LineField("職名", max_length=60, blank=True)
    name = LineField("氏名", max_length=60)
    email = models.EmailField("メール", blank=True)
    phone = LineField("電話", max_length=30, blank=True)
    verified_on = models.DateField("最終確認日", null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確認者",
    )
    ended_on = models.DateField("終了日", null=True, blank=True)
    erased_at = models.DateTimeField("消去日時", null=True, blank=True, editable=False)

    history = history()
    objects = CompanyContactQuerySet.as_manager()

    class Meta:
        verbose_name = "相手窓口"
        verbose_name_plural = "相手窓口"
        ordering = ["company", "ended_on", "name"]

    def __str__(self) -> str:
        return f"{self.section} {self.title} {self.name}".strip()

    @property
    def audit_label(self) -> str:
        """How the audit, which forgets nothing, calls the contact: without the person's name."""
        return f"相手窓口 {self.pk}"

    def needs_verification(self, today: date) -> bool:
        """Whether nobody has made sure of this contact for a year (rule V06)."""
        return self.verified_on is None or renewal.add_months(self.verified_on, VERIFIED_FOR_MONTHS) < today
