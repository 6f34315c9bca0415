from datetime import date

import factory
from factory.django import DjangoModelFactory

from agreements.choices import AgreementState
from agreements.models import (
    Approval,
    DepartmentOpinion,
    IntakeCriterion,
    Proposal,
    SigningCeremony,
    Transition,
)

from .agreements import AgreementFactory
from .municipalities import DepartmentFactory, MunicipalityFactory


class IntakeCriterionFactory(DjangoModelFactory):
    class Meta:
        model = IntakeCriterion

    municipality = factory.SubFactory(MunicipalityFactory)
    text = factory.Sequence(lambda number: f"見本の基準{number}")


class ProposalFactory(DjangoModelFactory):
    class Meta:
        model = Proposal

    agreement = factory.SubFactory(AgreementFactory, draft=True)
    proposer = factory.Sequence(lambda number: f"株式会社見本{number}")
    summary = "健康づくりの提案"
    received_on = date(2026, 4, 1)


class DepartmentOpinionFactory(DjangoModelFactory):
    """A question to another 課 of the same municipality, not answered yet."""

    class Meta:
        model = DepartmentOpinion

    agreement = factory.SubFactory(AgreementFactory, draft=True, state=AgreementState.NEGOTIATING)
    department = factory.SubFactory(
        DepartmentFactory, municipality=factory.SelfAttribute("..agreement.municipality")
    )
    question = "ご意見を伺います。"
    asked_on = date(2026, 4, 1)
    due_on = date(2026, 4, 15)


class ApprovalFactory(DjangoModelFactory):
    """A round that is not decided yet."""

    class Meta:
        model = Approval

    agreement = factory.SubFactory(AgreementFactory, draft=True, state=AgreementState.NEGOTIATING)
    municipality = factory.SelfAttribute("agreement.municipality")
    drafted_on = date(2026, 4, 20)


class SigningCeremonyFactory(DjangoModelFactory):
    class Meta:
        model = SigningCeremony

    agreement = factory.SubFactory(AgreementFactory, draft=True)
    held_on = date(2026, 5, 1)
    place = "市役所 応接室"


class TransitionFactory(DjangoModelFactory):
    class Meta:
        model = Transition

    agreement = factory.SubFactory(AgreementFactory, draft=True, state=AgreementState.NEGOTIATING)
    from_state = AgreementState.PROPOSED
    to_state = AgreementState.NEGOTIATING
    on = date(2026, 4, 1)
