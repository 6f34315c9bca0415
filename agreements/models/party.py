from django.db import models
from django.db.models import Q

from agreements.choices import PartyRole
from municipalities.models import Municipality
from municipalities.models.base import history
from municipalities.models.fields import LineField

from .agreement import Agreement
from .company import Company

# The usual labels in their usual order; others (「両市」) are free text.
USUAL_LABELS = "甲乙丙丁戊己庚辛壬癸"


class Party(models.Model):
    """当事者: exactly one municipality or one company, with its label, as it stood at the signing."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="parties", verbose_name="協定")
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="parties", verbose_name="自治体"
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="parties", verbose_name="相手方"
    )
    label = LineField("呼称", max_length=20, blank=True, help_text="甲・乙など。文中で使わないときは空欄")
    role = models.CharField("役割", max_length=12, choices=PartyRole, default=PartyRole.SIGNATORY)
    order = models.PositiveSmallIntegerField("順序", default=1)
    signatory_title = LineField("締結者の職名", max_length=60, blank=True)
    signatory_name = LineField("締結者の氏名", max_length=60, blank=True)
    # Companies rename and merge; the sheet prints the name that was signed.
    name_as_signed = LineField("締結時の名称", max_length=120, blank=True)

    history = history()

    class Meta:
        verbose_name = "当事者"
        verbose_name_plural = "当事者"
        ordering = ["agreement", "order", "pk"]
        indexes = [models.Index("company", "agreement", name="party_company_agreement")]
        constraints = [
            models.CheckConstraint(
                condition=Q(municipality=None, company__isnull=False)
                | Q(municipality__isnull=False, company=None),
                name="party_is_municipality_or_company",
                violation_error_message="当事者は、自治体か相手方のどちらか一方を選んでください。",
            ),
            models.UniqueConstraint(
                fields=["agreement", "company"],
                condition=Q(company__isnull=False),
                name="party_company_once",
                violation_error_message="同じ相手方が2回入っています。",
            ),
            models.UniqueConstraint(
                fields=["agreement", "municipality"],
                condition=Q(municipality__isnull=False),
                name="party_municipality_once",
                violation_error_message="同じ自治体が2回入っています。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.name}".strip()

    @property
    def target(self) -> Municipality | Company:
        """The body itself."""
        return self.company or self.municipality  # type: ignore[return-value]

    @property
    def name(self) -> str:
        """Name as signed, else today's."""
        return self.name_as_signed or str(self.target)
