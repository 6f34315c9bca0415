"""診断: an honest, explainable mirror of an agreement (domain.md §4). Pure: a snapshot and a day in, findings
out."""

from agreements.domain.diagnosis.grade import Axis, AxisGrade, Grade
from agreements.domain.diagnosis.judgement import RULES, Diagnosis, diagnose
from agreements.domain.diagnosis.rule import Finding, Level, Place, Rule, RuleResult
from agreements.domain.diagnosis.settings import WEIGHTED_RULES, Settings
from agreements.domain.diagnosis.snapshot import (
    AGREEMENT,
    Action,
    Contact,
    Cost,
    Expectation,
    Item,
    Response,
    Snapshot,
    Subject,
)
from agreements.domain.diagnosis.wording import action_findings, item_findings

__all__ = [
    "AGREEMENT",
    "RULES",
    "WEIGHTED_RULES",
    "Action",
    "Axis",
    "AxisGrade",
    "Contact",
    "Cost",
    "Diagnosis",
    "Expectation",
    "Finding",
    "Grade",
    "Item",
    "Level",
    "Place",
    "Response",
    "Rule",
    "RuleResult",
    "Settings",
    "Snapshot",
    "Subject",
    "action_findings",
    "diagnose",
    "item_findings",
]
