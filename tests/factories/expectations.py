from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from agreements.choices import (
    ExpectationOccasion,
    ExpectationRoundState,
    Side,
    SubmissionKind,
    SubmissionSource,
)
from agreements.models import (
    CompanyMerge,
    CompanySubmission,
    ExpectationAnswer,
    ExpectationConfirmation,
    ExpectationRound,
    ExpectationRow,
)

from .agreements import AgreementFactory, CompanyFactory, CooperationFieldFactory

OPENED_AT = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


class ExpectationRoundFactory(DjangoModelFactory):
    """A round in which nobody has written anything; `opened=True`: both may look, but there is nothing."""

    class Meta:
        model = ExpectationRound

    class Params:
        opened = factory.Trait(state=ExpectationRoundState.OPENED, opened_at=OPENED_AT)

    agreement = factory.SubFactory(AgreementFactory)
    number = factory.LazyAttribute(lambda round_: round_.agreement.expectation_rounds.count() + 1)
    occasion = ExpectationOccasion.REVIEW


class ExpectationRowFactory(DjangoModelFactory):
    class Meta:
        model = ExpectationRow

    round = factory.SubFactory(ExpectationRoundFactory)
    item = factory.SubFactory(CooperationFieldFactory, agreement=factory.SelfAttribute("..round.agreement"))
    item_number = factory.SelfAttribute("item.number")
    item_text = factory.SelfAttribute("item.text")


class ExpectationAnswerFactory(DjangoModelFactory):
    class Meta:
        model = ExpectationAnswer

    row = factory.SubFactory(ExpectationRowFactory)
    side = Side.OWN
    expects = "観光客の滞在を延ばしたい"
    cost = "free"


class ExpectationConfirmationFactory(DjangoModelFactory):
    class Meta:
        model = ExpectationConfirmation

    row = factory.SubFactory(ExpectationRowFactory, round__opened=True)
    side = Side.OWN
    name = "見本 太郎"
    confirmed_on = date(2026, 9, 2)
    content_hash = "0" * 16


class CompanySubmissionFactory(DjangoModelFactory):
    """Answers by link that wait, blank as long as no `payload` is given."""

    class Meta:
        model = CompanySubmission

    round = factory.SubFactory(ExpectationRoundFactory)
    agreement = factory.SelfAttribute("round.agreement")
    kind = SubmissionKind.ANSWERS
    source = SubmissionSource.LINK
    payload = factory.LazyFunction(lambda: {"rows": {}})
    by_name = "地域連携部 見本 花子"
    received_at = OPENED_AT


class CompanyMergeFactory(DjangoModelFactory):
    class Meta:
        model = CompanyMerge

    source = factory.SubFactory(CompanyFactory)
    target = factory.SubFactory(CompanyFactory)
    source_name = factory.SelfAttribute("source.name")
