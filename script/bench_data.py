"""Seeded, realistic rows for the benchmarks: the same number gives the same data every time.

Written past the ORM, by COPY on PostgreSQL and by executemany on SQLite: a million agreements with two
million parties, five million items and actions would take hours otherwise.
"""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import cycle, islice
from typing import Any

from django.db import transaction

from agreements.choices import AgreementKind, AgreementState, Publication
from agreements.domain import corporate_number, kana, renewal, search_index, search_text
from agreements.models import (
    ActionItem,
    Agreement,
    Company,
    CooperationField,
    CooperationFieldCategory,
    Party,
    SearchDocument,
)
from agreements.models.tokens_field import create_index, drop_index
from municipalities.fiscal_year import fiscal_year_of
from municipalities.models import Department, Municipality

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CHUNK = 5_000

# What agreements promise, by how often: 観光 is in a fifth of all, 銀聯 in one of thousands.
SUBJECTS = {
    "観光振興": ("03", 6),
    "防災・災害時支援": ("10", 9),
    "地域福祉の増進": ("06", 6),
    "高齢者・障がい者の見守り": ("06", 8),
    "子育て支援": ("07", 8),
    "青少年の健全育成": ("08", 6),
    "健康づくりと食育の推進": ("05", 9),
    "環境保全・脱炭素": ("12", 7),
    "ＤＸとデジタル技術の活用": ("13", 6),
    "地産地消と特産品の販路拡大": ("04", 6),
    "スポーツ、文化、芸術の振興": ("09", 6),
    "移住定住の促進": ("01", 4),
    "雇用の創出と産業振興": ("02", 4),
    "交通安全と防犯": ("11", 4),
    "公共交通の維持": ("14", 3),
    "女性活躍と多文化共生": ("15", 3),
    "その他市政の推進や市民サービスの提供": ("99", 12),
    "空き家の利活用": ("01", 1),
    "関係人口の拡大": ("01", 1),
    "水素エネルギーの導入": ("12", 0.1),
    "銀聯カードの利用促進": ("03", 0.01),
}
ACTIONS = ("パンフレットの配布", "合同防災訓練", "健康教室の開催", "出前講座", "特産品フェア", "見守り活動")
TRADES = (
    "商店",
    "銀行",
    "信用金庫",
    "生命保険",
    "電力",
    "運輸",
    "製薬",
    "食品",
    "大学",
    "通信",
    "不動産",
    "新聞社",
)
PLACES = (
    "東",
    "西",
    "南",
    "北",
    "中央",
    "髙﨑",
    "山手",
    "港",
    "緑",
    "旭",
    "富士",
    "若葉",
    "大和",
    "𠮷野",
    "清水",
)
_READINGS = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわ"


def make_agreements(count: int, *, municipalities: int | None = None, seed: int = 20261122) -> None:
    """Write `count` agreements with parties, items, 分野, actions and search documents.

    Over the first municipalities (all without a number), of which a few have many and most have few.
    """
    random_ = random.Random(seed)
    bodies = list(Municipality.objects.open().order_by("code")[:municipalities])
    departments = _departments(bodies)
    companies = list(_companies(max(20, count * 3 // 10), random_))
    weights = [1 / (1 + place) ** 0.5 for place in range(len(bodies))]
    shuffled = random_.sample(bodies, len(bodies))
    numbers = iter(range(1, count + 1))
    with transaction.atomic(), _index_made_at_the_end():
        while chunk := list(islice(numbers, CHUNK)):
            owners = random_.choices(shuffled, weights, k=len(chunk))
            _write_chunk(chunk, owners, departments, companies, random_)
    _set_sequences()


def make_actions(count: int, *, seed: int = 20261122) -> None:
    """Write 取組 until there are `count`, over the agreements in turn: what a running plan looks like."""
    random_ = random.Random(seed)
    items: dict[int, list[int]] = {}
    for agreement, item in CooperationField.objects.order_by("pk").values_list("agreement_id", "pk"):
        items.setdefault(agreement, []).append(item)
    targets = cycle(sorted(items))
    missing = count - ActionItem.objects.count()
    made = ActionItem.objects.bulk_create(
        (_action(next(targets), random_) for _ in range(missing)), batch_size=500
    )
    link = ActionItem.cooperation_fields.through
    link.objects.bulk_create(
        (
            link(actionitem_id=action.pk, cooperationfield_id=random_.choice(items[action.agreement_id]))
            for action in made
        ),
        batch_size=500,
    )


def _action(agreement: int, random_: random.Random) -> ActionItem:
    due = TODAY + timedelta(days=random_.randrange(-400, 400))
    has_target = random_.random() < 0.5
    return ActionItem(
        agreement_id=agreement,
        title=f"{random_.choice(list(SUBJECTS))}に向けた{random_.choice(ACTIONS)}",
        description=random_.choice(("", "関係機関と連携し、必要に応じて実施する。", "年2回、市役所で開く。")),
        partner_in_charge=random_.choice(("", "地域連携部")),
        starts_on=due - timedelta(days=random_.randrange(0, 300)),
        due_on=random_.choice((due, due, None)),
        target_value=random_.randrange(10, 500) if has_target else None,
        target_unit="人" if has_target else "",
    )


@contextmanager
def _index_made_at_the_end() -> Iterator[None]:
    """An index of tokens that is made at once costs a tenth."""
    from django.db import connection

    if connection.vendor == "sqlite":
        drop_index()
        yield
        create_index()
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if cursor.fetchone()[0]:
            # The keys are right by making; to check ten million of them takes longer than to write them.
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("DROP INDEX agreements_searchindex")
    yield
    with connection.cursor() as cursor:
        # No index is made of a table while foreign keys wait to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE INDEX agreements_searchindex ON agreements_searchdocument USING gin (tokens)")


def _departments(bodies: list[Municipality]) -> dict[int, list[tuple[int, str]]]:
    names = ("企画調整課", "観光課", "危機管理課", "福祉課", "健康増進課")
    Department.objects.bulk_create(
        [Department(municipality=body, name=name) for body in bodies for name in names], batch_size=2_000
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for pk, body, name in Department.objects.order_by("pk").values_list("pk", "municipality_id", "name"):
        found.setdefault(body, []).append((pk, name))
    return found


def _companies(count: int, random_: random.Random) -> Iterator[tuple[int, str, str]]:
    """(key, name, what it is found by); written as they are made."""
    made = []
    for number in range(1, count + 1):
        rest = f"99{number:010}"
        code = next(digit + rest for digit in "123456789" if corporate_number.is_valid(digit + rest))
        name = f"株式会社{random_.choice(PLACES)}{random_.choice(TRADES)}{number}"
        reading = "".join(random_.choices(_READINGS, k=5))
        words = search_text.normalise(f"{name} {reading} {code}")
        made.append((number, name, words))
        values = {
            "id": number,
            "corporate_number": code,
            "name": name,
            "name_kana": reading,
            "kana_key": kana.sort_key(reading),
            "search_names": words,
        }
        _Rows.of(Company).add(values)
    _Rows.flush()
    return iter(made)


@lru_cache(maxsize=100_000)
def _tokens(text: str) -> frozenset[str]:
    return frozenset(search_text.search_tokens(text))


@lru_cache(maxsize=10_000)
def _normal(text: str) -> str:
    return search_text.normalise(text)


def _write_chunk(
    numbers: list[int],
    owners: list[Municipality],
    departments: dict[int, list[tuple[int, str]]],
    companies: list[tuple[int, str, str]],
    random_: random.Random,
) -> None:
    subjects = list(SUBJECTS)
    weights = [weight for _category, weight in SUBJECTS.values()]
    for number, body in zip(numbers, owners, strict=True):
        chosen = list(dict.fromkeys(random_.choices(subjects, weights, k=random_.randint(2, 8))))
        # Half of all have one partner, few have several; some partners are everywhere.
        partners = {
            companies[int(len(companies) * random_.random() ** 3)]
            for _ in range(random_.choice((1, 1, 1, 2)))
        }
        department, department_name = random_.choice(departments[body.pk])
        values = _agreement(number, body, department, chosen[0], random_)
        _Rows.of(Agreement).add(values)
        parties = [("municipality_id", body.pk, body.name), *(("company_id", c[0], c[1]) for c in partners)]
        for order, (column, key, name) in enumerate(parties):
            _Rows.of(Party).add(
                {
                    "agreement_id": number,
                    column: key,
                    "name_as_signed": name,
                    "order": order + 1,
                    "label": "甲乙丙丁"[order],
                }
            )
        for place, subject in enumerate(chosen, start=1):
            item = number * 10 + place
            text = f"{subject}に関すること"
            _Rows.of(CooperationField).add(
                {"id": item, "agreement_id": number, "number": place, "text": text}
            )
            _Rows.of(CooperationFieldCategory).add(
                {"cooperation_field_id": item, "category": SUBJECTS[subject][0]}
            )
        actions = random_.choices(ACTIONS, k=random_.choice((0, 2, 5, 8, 10)))
        for action in actions:
            due_on = TODAY + timedelta(days=random_.randrange(-300, 600))
            _Rows.of(ActionItem).add(
                {"agreement_id": number, "title": action, "due_on": due_on, "department_id": department}
            )
        _document(values, body, department_name, partners, chosen, actions)
    _Rows.flush()


def _agreement(
    number: int, body: Municipality, department: int, subject: str, random_: random.Random
) -> dict[str, Any]:
    signed_on = (
        date(2005, 4, 1) + timedelta(days=random_.randrange(7_800)) if random_.random() < 0.98 else None
    )
    first_expiry = signed_on and signed_on + timedelta(days=random_.choice((365, 1_095, 1_825)))
    auto_renew = random_.random() < 0.6
    notice = random_.choice((1, 2, 3, None))
    terms = renewal.Terms(first_expiry, auto_renew, 12 if auto_renew else None, notice, None)
    title = f"{subject}に関する包括連携協定"
    reading = "".join(random_.choices(_READINGS, k=8))
    is_published = random_.random() < 0.5
    return {
        "id": number,
        "municipality_id": body.pk,
        "department_id": department,
        "ledger_number": f"B-{number:07}",
        "title": title,
        "title_kana": reading,
        "kana_key": kana.sort_key(reading),
        "kind": random_.choice(AgreementKind.values),
        "state": random_.choice(
            (AgreementState.ACTIVE,) * 6 + (AgreementState.ENDED, AgreementState.PROPOSED)
        ),
        "backfilled": True,
        "purpose": f"{body.name}の{subject}に向けて、相互の資源を活かして連携する。",
        "signed_on": signed_on,
        "effective_on": signed_on,
        "first_expiry": first_expiry,
        "auto_renew": auto_renew,
        "renewal_months": 12 if auto_renew else None,
        "notice_months": notice,
        "expires_on": renewal.current_expiry(terms, TODAY),
        "notice_on": renewal.notice_deadline(terms, TODAY),
        "publication": Publication.PUBLISHED if is_published else Publication.PRIVATE,
        "updated_at": NOW - timedelta(minutes=random_.randrange(2_000_000)),
        "version": 1,
    }


def _document(
    values: dict[str, Any],
    body: Municipality,
    department: str,
    partners: Iterable[tuple[int, str, str]],
    subjects: list[str],
    actions: list[str],
) -> None:
    """The same as `SearchDocument.of`, put together from parts whose tokens are known already."""
    public = [values["title"], values["title_kana"], body.name, values["purpose"], body.name_kana]
    public += [words for _key, _name, words in partners]
    public += [f"{subject}に関すること" for subject in subjects]
    internal = [values["ledger_number"], department, *actions]
    signed_on = values["signed_on"]
    facets = search_index.facets(
        municipality=body.pk,
        is_published=values["publication"] == Publication.PUBLISHED,
        is_deleted=False,
        companies=[key for key, _name, _words in partners],
        categories={SUBJECTS[subject][0] for subject in subjects},
        year=fiscal_year_of(signed_on) if signed_on else None,
    )
    tokens = set(facets).union(*map(_tokens, public))
    tokens.update(search_index.INTERNAL + token for text in internal for token in _tokens(text))
    fields = {
        "agreement_id": values["id"],
        "public_text": " ".join(map(_normal, public)),
        "internal_text": " ".join(map(_normal, internal)),
    }
    _Rows.of(SearchDocument).add({**fields, "tokens": sorted(tokens), "digest": ""})


class _Rows:
    """Rows of one table on their way into the database."""

    tables: dict[Any, "_Rows"] = {}

    def __init__(self, model: Any) -> None:
        from django.db import connection

        self.connection = connection
        self.model = model
        self.fields = [f for f in model._meta.concrete_fields if not f.generated]
        if model not in (Agreement, Company, CooperationField, SearchDocument):
            self.fields = [field for field in self.fields if not field.primary_key]
        self.defaults = {
            field.attname: NOW if field.name in {"created_at", "updated_at"} else field.get_default()
            for field in self.fields
        }
        self.waiting: list[list[Any]] = []

    @classmethod
    def of(cls, model: Any) -> "_Rows":
        if model not in cls.tables:
            cls.tables[model] = cls(model)
        return cls.tables[model]

    def add(self, values: dict[str, Any]) -> None:
        self.waiting.append([values.get(name, default) for name, default in self.defaults.items()])

    @classmethod
    def flush(cls) -> None:
        for rows in cls.tables.values():
            if rows.waiting:
                rows.write()
                rows.waiting = []

    def write(self) -> None:
        table = self.model._meta.db_table
        columns = ", ".join(f'"{field.column}"' for field in self.fields)
        if "tokens" in self.defaults:
            write = search_index.tsvector if self._is_postgres else search_index.hex_tokens
            place = list(self.defaults).index("tokens")
            for row in self.waiting:
                row[place] = write(row[place])
        if self._is_postgres:
            with (
                self.connection.cursor() as cursor,
                cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
            ):
                for row in self.waiting:
                    copy.write_row(row)
            return
        prepared = [
            [
                field.get_db_prep_value(value, self.connection)
                for field, value in zip(self.fields, row, strict=True)
            ]
            for row in self.waiting
        ]
        marks = ", ".join(["%s"] * len(self.fields))
        with self.connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", prepared)

    @property
    def _is_postgres(self) -> bool:
        return bool(self.connection.vendor == "postgresql")


def _set_sequences() -> None:
    """Keys were given by us: the database must go on behind them; and it must know its new size."""
    from django.core.management.color import no_style
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(_Rows.tables)):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    _Rows.tables.clear()
