import factory
from factory.django import DjangoModelFactory

from agreements.models import (
    AnnualReport,
    AnnualReportLine,
    PlanChange,
    PlanCorrespondence,
    PlanLink,
    ReportDeadline,
)
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


class PlanCorrespondenceFactory(DjangoModelFactory):
    """A node of a plan that became the same of the next one."""

    class Meta:
        model = PlanCorrespondence

    old_item = factory.SubFactory(PlanItemFactory)
    plan = factory.SubFactory(
        PlanFactory,
        municipality=factory.SelfAttribute("..old_item.plan.municipality"),
        predecessor=factory.SelfAttribute("..old_item.plan"),
    )
    new_item = factory.SubFactory(PlanItemFactory, plan=factory.SelfAttribute("..plan"))


class PlanChangeFactory(DjangoModelFactory):
    class Meta:
        model = PlanChange

    plan = factory.SubFactory(PlanFactory)
    made = factory.LazyFunction(lambda: {"links": [], "actions": []})


class AnnualReportFactory(DjangoModelFactory):
    """A report in work without lines; `actions.annual_reports` takes it further."""

    class Meta:
        model = AnnualReport

    agreement = factory.SubFactory(AgreementFactory)
    fiscal_year = 2025
    department = factory.SelfAttribute("agreement.department")


class AnnualReportLineFactory(DjangoModelFactory):
    class Meta:
        model = AnnualReportLine

    report = factory.SubFactory(AnnualReportFactory)
    order = factory.Sequence(lambda number: number + 1)
    title = factory.Sequence(lambda number: f"見本の取組{number}")


class ReportDeadlineFactory(DjangoModelFactory):
    class Meta:
        model = ReportDeadline

    municipality = factory.SubFactory(MunicipalityFactory)
