from datetime import date

import factory
from factory.django import DjangoModelFactory

from agreements.choices import (
    ActionState,
    AgreementKind,
    AgreementState,
    EndedReason,
    FieldCategory,
    PartyRole,
    Publication,
    Retention,
)
from agreements.domain import corporate_number
from agreements.models import (
    ActionItem,
    Agreement,
    Company,
    CompanyContact,
    CooperationField,
    CooperationFieldCategory,
    DisposalItem,
    DisposalList,
    Party,
    SearchDocument,
)

from .municipalities import DepartmentFactory, MunicipalityFactory, StaffMemberFactory


def _made_up_corporate_number(number: int) -> str:
    """13 digits with a right check digit, beginning after it with 99 (no registry office has that number)."""
    rest = f"99{number:010}"
    return next(digit + rest for digit in "123456789" if corporate_number.is_valid(digit + rest))


class CompanyFactory(DjangoModelFactory):
    class Meta:
        model = Company

    class Params:
        lawson = factory.Trait(
            name="株式会社ローソン", name_kana="ろーそん", corporate_number="2010701019195"
        )
        unnumbered = factory.Trait(corporate_number=None)

    name = factory.Sequence(lambda number: f"株式会社見本{number}")
    name_kana = factory.Sequence(lambda number: f"みほん{number}")
    corporate_number = factory.Sequence(_made_up_corporate_number)


class CompanyContactFactory(DjangoModelFactory):
    class Meta:
        model = CompanyContact

    company = factory.SubFactory(CompanyFactory)
    municipality = factory.SubFactory(MunicipalityFactory)
    section = "地域連携部"
    name = factory.Sequence(lambda number: f"窓口 担当{number}")
    email = factory.Sequence(lambda number: f"contact{number}@example.jp")


class AgreementFactory(DjangoModelFactory):
    """A signed, unpublished agreement of a 課 of its municipality; without parties and items.

    `whole=True` adds the municipality as 甲, a company as 乙, two items with 分野 and one action, and makes
    it searchable. `whole__company`, `whole__items` (texts) and `whole__action` (title) replace these parts.
    """

    class Meta:
        model = Agreement
        skip_postgeneration_save = True

    class Params:
        published = factory.Trait(publication=Publication.PUBLISHED, published_on=date(2024, 4, 1))
        draft = factory.Trait(state=AgreementState.PROPOSED, signed_on=None, effective_on=None)
        disposable = factory.Trait(
            state=AgreementState.ENDED,
            signed_on=date(2010, 4, 1),
            ended_on=date(2015, 3, 31),
            ended_reason=EndedReason.EXPIRED,
            retention=Retention.FIVE,
        )
        renewing = factory.Trait(
            first_expiry=date(2025, 3, 31), auto_renew=True, renewal_months=12, notice_months=1
        )

    municipality = factory.SubFactory(MunicipalityFactory)
    department = factory.SubFactory(DepartmentFactory, municipality=factory.SelfAttribute("..municipality"))
    ledger_number = factory.Sequence(lambda number: f"2024-{number:05}")
    title = factory.Sequence(lambda number: f"見本の包括連携協定{number}")
    title_kana = factory.Sequence(lambda number: f"みほんのほうかつれんけいきょうてい{number}")
    kind = AgreementKind.COMPREHENSIVE
    state = AgreementState.ACTIVE
    signed_on = date(2024, 4, 1)
    effective_on = factory.SelfAttribute("signed_on")

    @factory.post_generation
    def whole(self, create: bool, wanted: object, **parts) -> None:
        if not (create and (wanted or parts)):
            return
        PartyFactory(agreement=self, municipality=self.municipality, label="甲", order=1)
        company = parts.get("company") or CompanyFactory()
        PartyFactory(agreement=self, company=company, label="乙", order=2)
        texts = parts.get("items", ("観光の振興に関すること", "その他地域の活性化に関すること"))
        items = [
            CooperationFieldFactory(agreement=self, number=number, text=text)
            for number, text in enumerate(texts, start=1)
        ]
        ActionItemFactory(
            agreement=self, title=parts.get("action", "観光パンフレットの配布"), cooperation_fields=items[:1]
        )
        SearchDocument.objects.refresh([self.pk])


class DisposalListFactory(DjangoModelFactory):
    """An open list of a manager's; `agreements=[…]` are on it."""

    class Meta:
        model = DisposalList
        skip_postgeneration_save = True

    municipality = factory.SubFactory(MunicipalityFactory)
    title = factory.Sequence(lambda number: f"廃棄目録{number}")
    created_by = factory.SubFactory(
        StaffMemberFactory, manager=True, municipality=factory.SelfAttribute("..municipality")
    )

    @factory.post_generation
    def agreements(self, create: bool, wanted: list[Agreement] | None, **_: object) -> None:
        for agreement in wanted or ():
            DisposalItemFactory(disposal_list=self, agreement=agreement)


class DisposalItemFactory(DjangoModelFactory):
    """An agreement on a list that is not approved yet."""

    class Meta:
        model = DisposalItem

    disposal_list = factory.SubFactory(DisposalListFactory)
    agreement = factory.SubFactory(
        AgreementFactory, disposable=True, municipality=factory.SelfAttribute("..disposal_list.municipality")
    )
    agreement_number = factory.SelfAttribute("agreement.pk")
    ledger_number = factory.SelfAttribute("agreement.ledger_number")
    title = factory.SelfAttribute("agreement.title")
    kind = factory.SelfAttribute("agreement.kind")
    signed_on = factory.SelfAttribute("agreement.signed_on")
    ended_on = factory.SelfAttribute("agreement.ended_on")
    ended_reason = factory.SelfAttribute("agreement.ended_reason")
    retention = factory.SelfAttribute("agreement.retention")
    due_on = factory.SelfAttribute("agreement.disposal_due")


class PartyFactory(DjangoModelFactory):
    """A company as 乙, unless a `municipality` is given."""

    class Meta:
        model = Party

    agreement = factory.SubFactory(AgreementFactory)
    municipality = None
    company = factory.Maybe("municipality", None, factory.SubFactory(CompanyFactory))
    label = "乙"
    role = PartyRole.SIGNATORY
    order = 2
    name_as_signed = factory.LazyAttribute(lambda party: (party.company or party.municipality).name)


class CooperationFieldFactory(DjangoModelFactory):
    """An item with one 分野; `categories=[…]` replaces it."""

    class Meta:
        model = CooperationField
        skip_postgeneration_save = True

    agreement = factory.SubFactory(AgreementFactory)
    number = factory.LazyAttribute(lambda item: item.agreement.cooperation_fields.count() + 1)
    text = factory.Sequence(lambda number: f"見本{number}の振興に関すること")

    @factory.post_generation
    def categories(self, create: bool, wanted: list[str] | None, **_: object) -> None:
        if create:
            for category in [FieldCategory.TOURISM] if wanted is None else wanted:
                CooperationFieldCategory.objects.create(cooperation_field=self, category=category)


class ActionItemFactory(DjangoModelFactory):
    """An action of the agreement's own 課; `cooperation_fields=[…]` are the items it serves."""

    class Meta:
        model = ActionItem
        skip_postgeneration_save = True

    agreement = factory.SubFactory(AgreementFactory)
    title = factory.Sequence(lambda number: f"見本の取組{number}")
    department = factory.SelfAttribute("agreement.department")
    partner_in_charge = "地域連携部"
    # What a state needs to be true.
    result_text = factory.LazyAttribute(lambda a: "見本の実績" if a.state == ActionState.DONE else "")
    cancelled_reason = factory.LazyAttribute(
        lambda a: "見本の理由" if a.state == ActionState.CANCELLED else ""
    )
    state = ActionState.PLANNED

    @factory.post_generation
    def cooperation_fields(self, create: bool, wanted: list[CooperationField] | None, **_: object) -> None:
        if create and wanted:
            self.cooperation_fields.set(wanted)
