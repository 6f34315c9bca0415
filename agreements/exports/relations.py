"""What belongs to many rows at once: one query for each relation, whatever the number of rows."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from agreements.choices import FieldCategory, PartyRole
from agreements.models import Agreement, CooperationField, CooperationFieldCategory, Party

Lines = dict[int, list[str]]


def partner_names(home: dict[int, int]) -> Lines:
    """Names of the parties other than the agreement's own municipality, in their order.

    `home`: the municipality of each agreement, by keys.
    """
    return _partners(home, lambda name, number: name)


def partner_numbers(home: dict[int, int]) -> Lines:
    """The 法人番号 of the same parties in the same order; an empty line for none."""
    return _partners(home, lambda name, number: number)


def _partners(home: dict[int, int], wanted: Callable[[str, str], str]) -> Lines:
    found: Lines = defaultdict(list)
    parties = (
        Party.objects.filter(agreement__in=list(home))
        .order_by("agreement", "order", "pk")
        .values_list(
            "agreement_id",
            "role",
            "name_as_signed",
            "municipality_id",
            "company__name",
            "municipality__name",
            "company__corporate_number",
        )
    )
    for agreement_id, role, name, municipality_id, company_name, municipality_name, number in parties:
        if municipality_id is not None and municipality_id == home[agreement_id]:
            continue
        note = "" if role == PartyRole.SIGNATORY else f"（{PartyRole(role).label}）"
        found[agreement_id].append(wanted(f"{name or company_name or municipality_name}{note}", number or ""))
    return found


def item_texts(pks: Collection[int]) -> Lines:
    """「(1) 観光の振興に関すること」, in the order of the agreement."""
    found: Lines = defaultdict(list)
    items = CooperationField.objects.filter(agreement__in=pks).order_by("agreement", "number")
    for agreement_id, number, text in items.values_list("agreement_id", "number", "text"):
        found[agreement_id].append(f"({number}) {text}")
    return found


def item_categories(pks: Collection[int]) -> Lines:
    """「(1) 観光・シティプロモーション・国際、防災・災害時支援」 for each item that has a 分野."""
    by_item: dict[tuple[int, int], list[str]] = defaultdict(list)
    rows = CooperationFieldCategory.objects.filter(cooperation_field__agreement__in=pks)
    for agreement_id, number, category in rows.order_by(
        "cooperation_field__agreement", "cooperation_field__number", "category"
    ).values_list("cooperation_field__agreement_id", "cooperation_field__number", "category"):
        by_item[agreement_id, number].append(str(FieldCategory(category).label))
    found: Lines = defaultdict(list)
    for (agreement_id, number), labels in by_item.items():
        found[agreement_id].append(f"({number}) {'、'.join(labels)}")
    return found


def related_departments(pks: Collection[int]) -> Lines:
    found: Lines = defaultdict(list)
    through = Agreement.related_departments.through._default_manager.filter(agreement__in=pks)
    for agreement_id, name in through.order_by("agreement", "department__name").values_list(
        "agreement_id", "department__name"
    ):
        found[agreement_id].append(name)
    return found


def counts(parts: QuerySet, pks: Iterable[int]) -> dict[int, int]:
    """How many of these parts each agreement has."""
    counted = parts.filter(agreement__in=list(pks)).order_by().values("agreement_id")
    return dict(counted.annotate(count=Count("pk")).values_list("agreement_id", "count"))


def in_lines(lines: Sequence[str]) -> str:
    """One value a line; nothing at all when every value is empty."""
    return "\n".join(lines) if any(lines) else ""


def labels(choices: Any) -> Callable[[Any], str]:
    """The Japanese word of a stored choice."""
    words = {value: str(label) for value, label in choices.choices}
    return lambda value: words.get(value, "")
