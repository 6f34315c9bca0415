import factory
from factory.django import DjangoModelFactory

from agreements.models import PlanLink
from municipalities.choices import PlanState
from municipalities.models import Plan, PlanItem

from .agreements import AgreementFactory
from .municipalities import MunicipalityFactory


class PlanFactory(DjangoModelFactory):
    """A plan in force without nodes."""

    class Meta:
        model = Plan

    municipality = factory.SubFactory(MunicipalityFactory)
    name = factory.Sequence(lambda number: f"見本第{number}次総合計画")
    first_year = 2021
    last_year = 2030
    state = PlanState.CURRENT


class PlanItemFactory(DjangoModelFactory):
    """A node at the top of its plan; `parent=` puts it below another node of the same plan."""

    class Meta:
        model = PlanItem

    plan = factory.Maybe(
        "parent",
        yes_declaration=factory.SelfAttribute("parent.plan"),
        no_declaration=factory.SubFactory(PlanFactory),
    )
    parent = None
    code = factory.Sequence(lambda number: f"{number + 1}")
    name = factory.Sequence(lambda number: f"見本の施策{number + 1}")


class PlanLinkFactory(DjangoModelFactory):
    class Meta:
        model = PlanLink

    agreement = factory.SubFactory(AgreementFactory)
    plan_item = factory.SubFactory(
        PlanItemFactory, plan__municipality=factory.SelfAttribute("...agreement.municipality")
    )
