"""The demo: real published agreements, made-up 課 and people.

Everything made up says so: names end in （デモ）, ledger numbers begin with デモ-. Each agreement goes into
the ledger of its first municipality with the facts its sources give; what they leave open stays empty.

Beside them stand two agreements that are made up as a whole and say 「（見本）」 (`_demo_samples`).

The agreements are public facts and so are published, except 福岡市's: that one stays 非公開, so that the demo
shows what another municipality may not see.
"""

import json
import secrets
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from agreements.actions.drafts import ActionDraft, AgreementDraft, ItemDraft, PartyDraft
from agreements.actions.plan_links import link_agreement
from agreements.actions.publication import publish
from agreements.actions.register import register_agreement
from agreements.choices import AgreementKind, AgreementState, PartyRole, Publication
from agreements.models import Agreement, Company
from municipalities.choices import PlanState, Role
from municipalities.models import Department, Municipality, Plan, PlanItem, StaffMember

from ._demo_samples import load_samples

FACTS = Path(apps.get_app_config("agreements").path) / "data" / "real_agreements.json"
PASSWORD = "renkei-demo-2026"  # noqa: S105  (of the demo, printed at every run; see Command._password)
ADMIN = "demo-admin"

# code: (prefix of the usernames, surname, かな, 主担当課 of the demo agreement)
_MUNICIPALITIES = {
    "401307": ("fukuoka", "福岡", "ふくおか", "地域連携課（デモ）"),
    "205419": ("obuse", "小布施", "おぶせ", "地域連携課（デモ）"),
    "111007": ("saitama", "埼玉", "さいたま", "都市戦略本部行財政改革推進部"),
}
_PLANNING = "企画課（デモ）"
_PRIVATE = {"401307"}
# Whose ledger shows the made-up agreements.
_WITH_SAMPLES = "205419"
# role: (given name, かな, whether in the planning section)
_STAFF = {
    Role.VIEWER: ("次郎", "じろう", False),
    Role.EDITOR: ("花子", "はなこ", False),
    Role.MANAGER: ("太郎", "たろう", True),
}


class Command(BaseCommand):
    help = (
        "デモ用のデータ（公表されている協定と、架空の課・職員）を読み込みます。何度実行しても構いません。"
        "DEBUG が無効のときは --force が必要です。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="DEBUG が無効でも読み込みます")
        parser.add_argument("--password", help="デモ職員のパスワード（新しく登録する職員だけに使います）")

    def handle(self, *, force: bool, password: str | None, **options: Any) -> None:
        if not (settings.DEBUG or force):
            raise CommandError(
                "デモデータは試用のためのものです。本番では読み込めません（どうしても必要なら --force）。"
            )
        # A password that stands in the source code is for trials on one's own machine only.
        password = password or (PASSWORD if settings.DEBUG else secrets.token_urlsafe(12))
        with transaction.atomic():
            if not Municipality.objects.exists():
                call_command("load_municipalities", stdout=self.stdout)
            added_staff = _load_staff(password)
            added_agreements = _load_agreements(timezone.localdate())
            added_agreements += _load_samples()
        self._report(password, added_staff, added_agreements)

    def _report(self, password: str, added_staff: int, added_agreements: int) -> None:
        self.stdout.write(f"デモデータ: 職員 {added_staff}人、協定 {added_agreements}件を追加しました。")
        self.stdout.write("デモのログイン:")
        for member in _demo_staff():
            place = f"{member.municipality} {member.get_role_display()}" if member.municipality else "全体"
            self.stdout.write(f"  {member.username:<16} {member.name}  {place}")
        if added_staff or settings.DEBUG:
            self.stdout.write(f"  パスワード: {password}（変更した人は、変更後のもの）")


def _demo_staff() -> list[StaffMember]:
    usernames = [f"{prefix}-{role}" for prefix, *_ in _MUNICIPALITIES.values() for role in _STAFF]
    members = StaffMember.objects.select_related("municipality").in_bulk(
        [*usernames, ADMIN], field_name="username"
    )
    return [members[username] for username in [*usernames, ADMIN]]


def _load_staff(password: str) -> int:
    """Add the 課 and people that are missing; returns how many people came."""
    added = 0
    for code, (prefix, surname, surname_kana, section) in _MUNICIPALITIES.items():
        municipality = Municipality.objects.get(code=code)
        planning = _department(municipality, _PLANNING)
        own = _department(municipality, section)
        for role, (given, given_kana, is_planning) in _STAFF.items():
            added += _add_member(
                f"{prefix}-{role}",
                password,
                name=f"{surname} {given}（デモ）",
                name_kana=f"{surname_kana} {given_kana}",
                municipality=municipality,
                department=planning if is_planning else own,
                role=role,
            )
    return added + _add_member(
        ADMIN,
        password,
        name="管理 みどり（デモ）",
        name_kana="かんり みどり",
        is_staff=True,
        is_superuser=True,
    )


def _add_member(username: str, password: str, **values: Any) -> int:
    if StaffMember.objects.filter(username=username).exists():
        return 0
    StaffMember.objects.create_user(username, password=password, **values)
    return 1


def _department(municipality: Municipality, name: str) -> Department:
    return Department.objects.get_or_create(municipality=municipality, name=name, valid_to=None)[0]


def _load_agreements(today: date) -> int:
    """Add the agreements that are missing, also counting put-away ones as there; returns how many came."""
    added = 0
    for number, facts in enumerate(json.loads(FACTS.read_text(encoding="utf-8"))["agreements"], start=1):
        municipality = Municipality.objects.get(code=facts["municipalities"][0]["code"])
        ledger_number = f"デモ-{number}"
        if Agreement.objects.filter(municipality=municipality, ledger_number=ledger_number).exists():
            continue
        draft = _draft(facts, municipality, ledger_number)
        agreement = register_agreement(municipality=municipality, draft=draft, by=None, today=today)
        if facts.get("plan"):
            _link_to_plan(agreement, facts["plan"])
        if agreement.publication == Publication.PUBLISHED:
            approver = StaffMember.objects.get(username=ADMIN)
            publish(agreement=agreement, by=approver, version=agreement.version, today=today)
        added += 1
    return added


def _load_samples() -> int:
    prefix = _MUNICIPALITIES[_WITH_SAMPLES][0]
    return load_samples(
        Municipality.objects.get(code=_WITH_SAMPLES),
        planning=StaffMember.objects.get(username=f"{prefix}-{Role.MANAGER}"),
        clerk=StaffMember.objects.get(username=f"{prefix}-{Role.EDITOR}"),
    )


def _link_to_plan(agreement: Agreement, name: str) -> None:
    """The plan's name is a fact; its period and nodes are not in the source: made-up nodes say 「見本」."""
    plan, is_new = Plan.objects.get_or_create(
        municipality=agreement.municipality, name=name, edition="", defaults={"state": PlanState.CURRENT}
    )
    if is_new:
        goal = PlanItem(plan=plan, code="見本1", name="見本の基本目標（デモ）", level="基本目標")
        goal.save()
        for number in (1, 2):
            PlanItem(
                plan=plan,
                parent=goal,
                code=f"見本1-{number}",
                name=f"見本の施策{number}（デモ）",
                level="施策",
            ).save()
    item = PlanItem.objects.alive().filter(plan=plan, code="見本1-1").first()
    if item is not None:
        link_agreement(agreement=agreement, item=item)


def _draft(facts: dict[str, Any], municipality: Municipality, ledger_number: str) -> AgreementDraft:
    kinds = {label: value for value, label in AgreementKind.choices}
    section = _MUNICIPALITIES[municipality.code][3] if municipality.code in _MUNICIPALITIES else ""
    is_private = municipality.code in _PRIVATE
    return AgreementDraft(
        values={
            "ledger_number": ledger_number,
            "title": facts["title"] or "",
            "title_kana": facts.get("title_kana") or "",
            "kind": kinds[facts["kind"]],
            "state": AgreementState.ACTIVE,
            "backfilled": True,
            "purpose": facts.get("purpose") or "",
            "signed_on": date.fromisoformat(facts["signed_on"]),
            "first_expiry": date.fromisoformat(facts["first_expiry"]) if facts["first_expiry"] else None,
            "auto_renew": facts.get("auto_renew", False),
            "renewal_months": facts.get("renewal_months"),
            "notice_months": facts.get("notice_months"),
            "department": _department(municipality, section) if section else None,
            "note": f"（デモ）公表資料による見本です。出典：{'、'.join(facts['sources'])}",
            "publication": Publication.PRIVATE if is_private else Publication.PUBLISHED,
        },
        parties=tuple(_parties(facts)),
        items=tuple(
            ItemDraft(text=text, categories=tuple(categories))
            for text, categories in zip(facts["items"] or (), facts.get("categories", ()), strict=True)
        ),
        actions=tuple(
            ActionDraft(title=action["title"], items=(action["item"],)) for action in facts.get("actions", ())
        ),
    )


def _parties(facts: dict[str, Any]) -> list[PartyDraft]:
    roles = {label: value for value, label in PartyRole.choices}
    bodies: list[tuple[Municipality | Company, dict[str, Any]]] = [
        (Municipality.objects.get(code=body["code"]), body) for body in facts["municipalities"]
    ]
    bodies += [(_company(body), body) for body in facts["companies"]]
    return [
        PartyDraft(target=target, label=body["label"], role=roles[body["role"]], name_as_signed=body["name"])
        for target, body in bodies
    ]


def _company(body: dict[str, Any]) -> Company:
    number = body.get("corporate_number")
    known = Company.objects.filter(corporate_number=number) if number else None
    known = known or Company.objects.alive().filter(name=body["name"])
    return known.first() or Company(
        name=body["name"], name_kana=body.get("kana", ""), corporate_number=number
    )
