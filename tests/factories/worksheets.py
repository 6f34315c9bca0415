"""A worksheet as people leave it at each stage; for tests of pages, files and printouts."""

from datetime import UTC, date, datetime
from typing import Any

from agreements.actions.expectations import (
    Confirmer,
    confirm_rows,
    open_round,
    propose_wording,
    save_answers,
    start_round,
    submit_answers,
)
from agreements.actions.submissions import accept_submission, receive_submission
from agreements.models import Agreement, CompanySubmission, ExpectationRound
from municipalities.models import StaffMember

NOW = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
TODAY = date(2026, 10, 1)
OWN_SECRET = "市だけの期待QW7"
PARTNER_SECRET = "企業だけの期待ZX9"


def stored(round_: ExpectationRound) -> ExpectationRound:
    return ExpectationRound.objects.select_related("agreement__municipality", "agreement__department").get(
        pk=round_.pk
    )


def payload(round_: ExpectationRound, **values: Any) -> dict[str, Any]:
    row = {
        "expects": PARTNER_SECRET,
        "kinds": [],
        "offers": "講師",
        "cost": "paid",
        "cost_cap": 300000,
        "cost_note": "",
    }
    return {"rows": {str(each.pk): {**row, **values} for each in round_.rows.all()}}


def filled_round(agreement: Agreement, by: StaffMember, **partner: Any) -> ExpectationRound:
    """Both sides have spoken (市は無償、相手方は有償); nothing is opened."""
    round_ = start_round(agreement=agreement, by=by)
    own = {row.pk: {"expects": OWN_SECRET, "cost": "free", "offers": "会場"} for row in round_.rows.all()}
    save_answers(round_=round_, answers=own, by=by, version=1)
    submit_answers(round_=round_, by=by, version=2, now=NOW)
    receive_submission(
        agreement=agreement,
        round_=round_,
        kind="answers",
        source="link",
        payload=payload(round_, **partner),
        now=NOW,
        by_name="地域連携部 見本 花子",
    )
    return stored(round_)


def opened_round(agreement: Agreement, by: StaffMember, **partner: Any) -> ExpectationRound:
    """Opened, and the company's answers taken over."""
    round_ = filled_round(agreement, by, **partner)
    open_round(round_=round_, by=by, version=round_.version, now=NOW)
    waiting = CompanySubmission.objects.pending().get(round=round_)
    accept_submission(submission=waiting, by=by, now=NOW, today=TODAY)
    return stored(round_)


def confirmed_round(agreement: Agreement, by: StaffMember, **partner: Any) -> ExpectationRound:
    """Agreed to be 無償, and confirmed by both."""
    round_ = opened_round(agreement, by, **partner)
    wording = {"agreed_wording": "年2回、健康教室を開く", "agreed_cost": "free", "agreed_on": TODAY}
    rows = {row.pk: wording for row in round_.rows.all()}
    propose_wording(round_=round_, rows=rows, by=by, version=round_.version)
    for side, name in (("own", "市 確認者"), ("partner", "相手方 確認者")):
        confirm_rows(
            round_=round_,
            side=side,
            rows=list(rows),
            confirmer=Confirmer(name=name, confirmed_on=TODAY, evidence="協議の議事録"),
            by=by,
            version=stored(round_).version,
            now=NOW,
            today=TODAY,
        )
    return stored(round_)
