"""Seeded, realistic rows for the benchmarks: the same number gives the same data every time."""

import random
from datetime import date, timedelta

from agreements.choices import AgreementKind, AgreementState, FieldCategory, Publication
from agreements.domain import corporate_number
from agreements.models import (
    ActionItem,
    Agreement,
    Company,
    CooperationField,
    CooperationFieldCategory,
    Party,
    SearchDocument,
)
from municipalities.models import Department, Municipality

ITEMS = (
    "観光振興に関すること",
    "市の環境政策に関すること",
    "地産地消や地域経済の活性化に関すること",
    "地域の安全・安心の確保や災害時の支援に関すること",
    "子育てや青少年育成の支援に関すること",
    "高齢者・障がい者の支援に関すること",
    "健康づくりの推進に関すること",
    "デジタル技術の活用に関すること",
    "スポーツ、文化、芸術の振興に関すること",
    "その他市民サービスの向上に関すること",
)
CHUNK = 2_000


def _company(number: int) -> Company:
    rest = f"99{number:010}"
    code = next(digit + rest for digit in "123456789" if corporate_number.is_valid(digit + rest))
    company = Company(
        corporate_number=code,
        name=f"株式会社見本{number}",
        name_kana=f"みほん{number}",
        address="見本県見本市1-1",
    )
    company.refresh_keys([])
    return company


def make_agreements(count: int, *, municipalities: int = 40, seed: int = 20261122) -> None:
    """Write `count` agreements with parties, items and actions, spread over the first municipalities."""
    random_ = random.Random(seed)
    bodies = list(Municipality.objects.open().order_by("code")[:municipalities])
    Department.objects.bulk_create(Department(municipality=body, name="企画調整課") for body in bodies)
    departments = {department.municipality_id: department for department in Department.objects.all()}
    companies = Company.objects.bulk_create([_company(number) for number in range(max(20, count // 4))])
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        agreements = [_agreement(number, random_, bodies, departments) for number in numbers]
        Agreement.objects.bulk_create(agreements)
        _parts(agreements, random_, companies)
        SearchDocument.objects.refresh([agreement.pk for agreement in agreements])


def _agreement(number, random_, bodies, departments) -> Agreement:
    body = random_.choice(bodies)
    signed_on = date(2005, 4, 1) + timedelta(days=random_.randrange(7_800))
    renewing = random_.random() < 0.6
    agreement = Agreement(
        municipality=body,
        department=departments[body.pk],
        ledger_number=f"B-{number:07}",
        title=f"{random_.choice(ITEMS)[:-5]}に関する包括連携協定",
        title_kana="ほうかつれんけいきょうてい",
        kind=random_.choice(AgreementKind.values),
        state=random_.choice((AgreementState.ACTIVE,) * 6 + (AgreementState.ENDED, AgreementState.PROPOSED)),
        backfilled=True,
        signed_on=signed_on,
        effective_on=signed_on,
        first_expiry=signed_on + timedelta(days=random_.choice((365, 1_095, 1_825))),
        auto_renew=renewing,
        renewal_months=12 if renewing else None,
        notice_months=random_.choice((1, 2, 3, None)),
        publication=random_.choice((Publication.PUBLISHED, Publication.PRIVATE)),
    )
    agreement.set_expiry(date(2026, 11, 22))
    agreement.kana_key = f"{random_.randrange(10**6):06}"
    return agreement


def _parts(agreements: list[Agreement], random_, companies: list[Company]) -> None:
    Party.objects.bulk_create(
        party
        for agreement in agreements
        for party in (
            Party(agreement=agreement, municipality_id=agreement.municipality_id, label="甲", order=1),
            Party(agreement=agreement, company=random_.choice(companies), label="乙", order=2),
        )
    )
    items = CooperationField.objects.bulk_create(
        CooperationField(agreement=agreement, number=number, text=text)
        for agreement in agreements
        for number, text in enumerate(random_.sample(ITEMS, random_.randint(3, 8)), start=1)
    )
    CooperationFieldCategory.objects.bulk_create(
        CooperationFieldCategory(cooperation_field=item, category=random_.choice(FieldCategory.values))
        for item in items
    )
    ActionItem.objects.bulk_create(
        ActionItem(agreement=agreement, title="見本の取組", due_on=date(2027, 3, 31))
        for agreement in agreements
        for _ in range(random_.randint(0, 4))
    )
