"""見本: two made-up agreements that show the work from the proposal to the report.

No real agreement carries anything made up: these have a made-up company, and everything in them begins with
（見本）. Days lie around today, so that something is done, something runs, and something is overdue.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from agreements.actions.action_items import complete_action, create_action, start_action
from agreements.actions.agreement_texts import compose_text
from agreements.actions.clauses import add_usual_clauses
from agreements.actions.diagnosis import mark_reviewed
from agreements.actions.drafts import AgreementDraft, ItemDraft, PartyDraft
from agreements.actions.expectations import open_round, save_answers, start_round, submit_answers
from agreements.actions.meetings import TaskDraft, record_meeting
from agreements.actions.opinions import ask_opinions
from agreements.actions.progress import record_progress
from agreements.actions.proposals import add_usual_criteria, receive_proposal
from agreements.actions.register import register_agreement
from agreements.actions.submissions import accept_submission, receive_submission
from agreements.actions.transition import transition
from agreements.choices import (
    ActionState,
    AgreementKind,
    AgreementState,
    ContractMethod,
    ExpectationCost,
    ExpectationKind,
    FieldCategory,
    Funding,
    MeetingForm,
    Publication,
    Side,
    SubmissionKind,
    SubmissionSource,
)
from agreements.domain.clauses import is_usual
from agreements.domain.renewal import add_months
from agreements.models import Agreement, Clause, Company, CompanyContact, ExpectationRound
from agreements.models.ledger_facts import read_facts
from municipalities import fiscal_year
from municipalities.models import Department, Municipality, PlanItem, StaffMember

COMPANY = "（見本）架空ヘルス株式会社"
RUNNING, PROPOSED = "デモ-見本1", "デモ-見本2"
_NOTE = "（見本）操作を試すための架空の協定です。実在の団体・会社とは関係ありません。"


def load_samples(municipality: Municipality, *, planning: StaffMember, clerk: StaffMember) -> int:
    """Add the samples that are missing, also counting put-away ones as there; returns how many came.

    `planning` runs the ledger, `clerk` belongs to the 課 that does the work.
    """
    today = timezone.localdate()
    added = 0
    for number, load in ((RUNNING, _load_running), (PROPOSED, _load_proposed)):
        if Agreement.objects.filter(municipality=municipality, ledger_number=number).exists():
            continue
        load(municipality, planning, clerk, today)
        added += 1
    return added


def _load_running(
    municipality: Municipality, planning: StaffMember, clerk: StaffMember, today: date
) -> Agreement:
    """In force for a year and more: actions, a meeting, a worksheet in which the sides differ."""
    year = fiscal_year.fiscal_year_of(today)
    values = {
        "ledger_number": RUNNING,
        "title": "（見本）健康づくりに関する包括連携協定",
        "title_kana": "みほんけんこうづくりにかんするほうかつれんけいきょうてい",
        "purpose": "（見本）町民の健康づくりを、双方の資源を生かして進める。",
        "state": AgreementState.ACTIVE,
        "backfilled": True,
        "signed_on": add_months(today, -14),
        "first_expiry": fiscal_year.last_day(year),
        "auto_renew": True,
        "renewal_months": 12,
        "notice_months": 2,
        "renewal_text": "（見本）満了の2か月前までに申出がないときは、1年間更新する。",
        "person_in_charge": clerk,
    }
    items = (
        ItemDraft(text="（見本）健康教室の開催に関すること。", categories=(FieldCategory.HEALTH,)),
        ItemDraft(text="（見本）高齢者の見守りに関すること。", categories=(FieldCategory.WELFARE,)),
        ItemDraft(text="（見本）その他、必要と認める事項に関すること。", categories=(FieldCategory.OTHER,)),
    )
    agreement = _register(municipality, clerk.department, values, items, by=planning, today=today)
    mark_reviewed(agreement=agreement, on=today)
    CompanyContact.objects.create(
        company=_company(),
        municipality=municipality,
        section="（見本）地域連携部",
        name="見本 窓口（デモ）",
        email="madoguchi@example.jp",
        verified_on=add_months(today, -2),
        verified_by=clerk,
    )
    _add_actions(agreement, clerk, today)
    _hold_meeting(agreement, clerk, today)
    _align(agreement, clerk, today)
    return agreement


def _load_proposed(
    municipality: Municipality, planning: StaffMember, clerk: StaffMember, today: date
) -> Agreement:
    """A proposal that has just come in; the 課 is asked what it thinks."""
    values = {
        "ledger_number": PROPOSED,
        "title": "（見本）デジタル活用に関する連携協定（提案）",
        "title_kana": "みほんでじたるかつようにかんするれんけいきょうてい",
        "purpose": "（見本）町民のデジタル活用を支える。",
        "state": AgreementState.PROPOSED,
    }
    items = (
        ItemDraft(text="（見本）スマートフォン教室の開催に関すること。", categories=(FieldCategory.DIGITAL,)),
    )
    agreement = _register(municipality, planning.department, values, items, by=planning, today=today)
    add_usual_criteria(municipality=municipality)
    proposal = {
        "proposer": COMPANY,
        "company": _company(),
        "summary": "（見本）公民館でスマートフォン教室を開きたい。講師は当社が出し、会場は町が用意する。",
        "received_on": today,
        "received_by": planning,
    }
    receive_proposal(agreement=agreement, values=proposal, answers=(), seen=None)
    transition(
        agreement=agreement,
        target=AgreementState.REVIEWING,
        on=today,
        by=planning,
        version=agreement.version,
        today=today,
    )
    ask_opinions(
        agreement=Agreement.objects.get(pk=agreement.pk),
        departments=[clerk.department] if clerk.department else [],
        question="（見本）公民館を会場にできますか。",
        asked_on=today,
        due_on=today + timedelta(days=14),
        by=planning,
    )
    _draft_text(agreement, planning)
    return agreement


def _draft_text(agreement: Agreement, by: StaffMember) -> None:
    """A first 協定書案, made of what the ledger of the sample knows."""
    add_usual_clauses(municipality=agreement.municipality)
    library = Clause.objects.in_use().filter(municipality=agreement.municipality)
    facts = read_facts(agreement)
    usual = [each for each in library if is_usual(each.as_text, facts)]
    compose_text(agreement=agreement, clauses=usual, by=by, base=0, note="（見本）最初の案")


def _register(
    municipality: Municipality,
    department: Department | None,
    values: dict[str, Any],
    items: tuple[ItemDraft, ...],
    *,
    by: StaffMember,
    today: date,
) -> Agreement:
    common = {
        "kind": AgreementKind.COMPREHENSIVE,
        "department": department,
        "publication": Publication.PRIVATE,
        "note": _NOTE,
    }
    parties = (PartyDraft(target=municipality, label="甲"), PartyDraft(target=_company(), label="乙"))
    draft = AgreementDraft(values={**common, **values}, parties=parties, items=items)
    return register_agreement(municipality=municipality, draft=draft, by=by, today=today)


def _company() -> Company:
    known = Company.objects.alive().filter(name=COMPANY).first()
    return known or Company.objects.create(name=COMPANY, name_kana="みほんかくうへるす")


def _add_actions(agreement: Agreement, clerk: StaffMember, today: date) -> None:
    year = fiscal_year.fiscal_year_of(today)
    classes, watching, _other = agreement.cooperation_fields.all()  # type: ignore[attr-defined]
    plans = PlanItem.objects.alive().filter(plan__municipality=agreement.municipality, code="見本1-2")
    common = {
        "department": clerk.department,
        "person_in_charge": clerk,
        "partner_in_charge": "（見本）地域連携部",
        "plan_item": plans.first(),
    }

    def add(item: Any, **values: Any) -> Any:
        values = {**common, **values, "cooperation_fields": [item]}
        return create_action(agreement=agreement, by=clerk, values=values)

    running = add(
        classes,
        title="（見本）健康教室を年4回開く",
        starts_on=fiscal_year.first_day(year),
        due_on=fiscal_year.last_day(year),
        target_value=Decimal(120),
        target_unit="人",
        funding=Funding.ZERO_BUDGET,
    )
    start_action(action=running, by=clerk)
    record_progress(
        action=running,
        by=clerk,
        on=today,
        value=Decimal(80),
        text="（見本）3回目を開いた。延べ80人。",
    )
    done = add(
        classes,
        title="（見本）野菜を食べる啓発ポスターを配る",
        starts_on=today - timedelta(days=100),
        due_on=today - timedelta(days=5),
        target_value=Decimal(30),
        target_unit="か所",
        funding=Funding.PARTNER_COST,
    )
    complete_action(
        action=done,
        seen=done.updated_at,
        by=clerk,
        values={
            "result_value": Decimal(32),
            "result_text": "（見本）店舗と公民館に掲示した。",
            "completed_on": today - timedelta(days=10),
        },
    )
    add(
        watching,
        title="（見本）見守り訪問を試しに行う",
        state=ActionState.IN_PROGRESS,
        starts_on=today - timedelta(days=120),
        due_on=today - timedelta(days=20),
        target_value=Decimal(20),
        target_unit="世帯",
        funding=Funding.MUNICIPAL_BUDGET,
        budget_project="（見本）高齢者見守り事業",
        budget_thousands=300,
        contract_method=ContractMethod.BID,
    )
    add(watching, title="（見本）見守りの連絡票を見直す", plan_item=None, funding=Funding.UNDECIDED)


def _hold_meeting(agreement: Agreement, clerk: StaffMember, today: date) -> None:
    record_meeting(
        agreement=agreement,
        by=clerk,
        values={
            "held_on": today - timedelta(days=30),
            "form": MeetingForm.IN_PERSON,
            "own_attendees": clerk.name,
            "partner_attendees": "見本 窓口（デモ）",
            "summary": "（見本）健康教室の参加者数と、見守り訪問の遅れについて話した。",
            "decisions": "（見本）見守り訪問の対象を選び直す。",
            "next_on": today + timedelta(days=60),
        },
        tasks=[
            TaskDraft(
                what="（見本）訪問する世帯の一覧を作る",
                side=Side.OWN,
                who=str(clerk.department or ""),
                due_on=today + timedelta(days=14),
            ),
            TaskDraft(
                what="（見本）訪問員の研修日を示す",
                side=Side.PARTNER,
                who="（見本）地域連携部",
                due_on=today + timedelta(days=21),
            ),
        ],
    )


def _align(agreement: Agreement, clerk: StaffMember, today: date) -> None:
    """Both sides have written and are opened: of the first item one thinks it free, the other paid."""
    now = timezone.now()
    round_ = start_round(agreement=agreement, by=clerk)
    rows = list(round_.rows.all())  # type: ignore[attr-defined]
    own = {
        row.pk: {
            "expects": f"（見本）{'参加者を増やしたい。' if place == 0 else '町の負担なく続けたい。'}",
            "offers": "（見本）会場、広報紙での周知",
            "cost": ExpectationCost.FREE,
        }
        for place, row in enumerate(rows)
    }
    save_answers(round_=round_, answers=own, by=clerk, version=1)
    submit_answers(round_=round_, by=clerk, version=2, now=now)
    partner = {
        str(row.pk): {
            "expects": f"（見本）{'将来は有料の講座にしたい。' if place == 0 else '地域に役立ちたい。'}",
            "kinds": [ExpectationKind.ORDER if place == 0 else ExpectationKind.COMMUNITY],
            "offers": "（見本）講師、教材",
            "cost": ExpectationCost.PAID if place == 0 else ExpectationCost.FREE,
            "cost_cap": 200_000 if place == 0 else None,
            "cost_note": "",
        }
        for place, row in enumerate(rows)
    }
    submission = receive_submission(
        agreement=agreement,
        round_=round_,
        kind=SubmissionKind.ANSWERS,
        source=SubmissionSource.EXCEL,
        payload={"rows": partner},
        now=now,
        by_name="（見本）地域連携部 見本 窓口（デモ）",
        by=clerk,
    )
    stored = ExpectationRound.objects.get(pk=round_.pk)
    open_round(round_=stored, by=clerk, version=stored.version, now=now)
    accept_submission(submission=submission, by=clerk, now=now, today=today)
