from datetime import date, datetime
from zoneinfo import ZoneInfo

import factory
from factory.django import DjangoModelFactory

from agreements.choices import DiagnosisGrade
from agreements.models import (
    DiagnosisMonth,
    DiagnosisResponse,
    DiagnosisResult,
    DiagnosisSettings,
    FairnessLink,
    Restart,
)

from .agreements import ActionItemFactory, AgreementFactory
from .meetings import MeetingFactory
from .municipalities import MunicipalityFactory, StaffMemberFactory


class GradesFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    agreement = factory.SubFactory(AgreementFactory)
    overall_grade = clarity_grade = alignment_grade = vitality_grade = DiagnosisGrade.B
    overall_score = clarity_score = alignment_score = vitality_score = 70


class DiagnosisResultFactory(GradesFactory):
    class Meta:
        model = DiagnosisResult

    on = date(2026, 10, 1)
    computed_at = datetime(2026, 10, 1, 3, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


class DiagnosisMonthFactory(GradesFactory):
    class Meta:
        model = DiagnosisMonth

    month = date(2026, 10, 1)


class DiagnosisResponseFactory(DjangoModelFactory):
    """An answer to 「取組が1件もありません」 of the agreement as a whole."""

    class Meta:
        model = DiagnosisResponse

    agreement = factory.SubFactory(AgreementFactory)
    rule = "V01"
    subject_kind = "agreement"
    reason = "見本の理由"
    given_on = date(2026, 9, 1)
    by = factory.SubFactory(
        StaffMemberFactory, editor=True, municipality=factory.SelfAttribute("..agreement.municipality")
    )


class DiagnosisSettingsFactory(DjangoModelFactory):
    class Meta:
        model = DiagnosisSettings

    municipality = factory.SubFactory(MunicipalityFactory)


class FairnessLinkFactory(DjangoModelFactory):
    """A 取組 and a policy-stage talk of one agreement."""

    class Meta:
        model = FairnessLink

    action = factory.SubFactory(ActionItemFactory)
    meeting = factory.SubFactory(
        MeetingFactory,
        agreement=factory.SelfAttribute("..action.agreement"),
        is_policy_talk=True,
    )


class RestartFactory(DjangoModelFactory):
    class Meta:
        model = Restart

    agreement = factory.SubFactory(AgreementFactory)
    begun_on = date(2026, 9, 1)
    agenda = "1. これまでの経過の確認"
