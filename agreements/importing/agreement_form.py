"""One row of a ledger of agreements."""

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms

from agreements.choices import AgreementKind, AgreementState, EndedReason, FieldCategory, Retention
from agreements.domain.cells import split_items, split_names
from agreements.domain.renewal.clause import suggest_renewal
from municipalities import access
from municipalities.models import Department, StaffMember
from municipalities.validators import validate_kana
from municipalities.wareki import parse_date

from .parties import read_numbers
from .row_form import (
    CellChoiceField,
    CellDateField,
    CellLineField,
    CellMonthsField,
    CellNumberField,
    CellProseField,
    CellYesNoField,
    ImportRowForm,
    folded,
    is_nothing,
)

_KINDS = {
    AgreementKind.COMPREHENSIVE: ("包括", "包括協定", "包括連携協定", "包括的連携"),
    AgreementKind.PROJECT: ("個別", "事業連携", "個別連携", "連携協定", "事業", "個別協定"),
    AgreementKind.DISASTER: ("災害", "災害協定", "災害時応援協定", "災害応援", "防災", "防災協定"),
    AgreementKind.WATCHING: ("見守り協定", "見守り活動", "見守"),
    AgreementKind.LOCATION: ("立地協定", "企業立地"),
    AgreementKind.UNIVERSITY: ("大学", "大学連携", "学校", "大学等連携"),
    AgreementKind.INTERMUNICIPAL: ("自治体間", "広域", "広域連携", "自治体間連携"),
    AgreementKind.OTHER: ("その他", "覚書"),
}
_STATES = {
    AgreementState.ACTIVE: (
        "締結中",
        "有効",
        "実施中",
        "継続",
        "継続中",
        "締結済",
        "締結済み",
        "更新",
        "更新中",
        "現行",
    ),
    AgreementState.SUSPENDED: ("中断", "休止中"),
    AgreementState.ENDED: ("満了", "解除", "廃止", "失効", "終結", "終了済", "合意解除", "一方解除"),
}
_REASON_BY_STATE = {
    "満了": EndedReason.EXPIRED,
    "合意解除": EndedReason.MUTUAL,
    "一方解除": EndedReason.UNILATERAL,
}
_REASONS = {
    EndedReason.EXPIRED: ("期間満了",),
    EndedReason.MUTUAL: ("解除(合意)",),
    EndedReason.REPLACED: ("移行", "新協定"),
}
_RANGE = re.compile(
    r"\s*(?:[〜～~]|から|より|(?<=[日0-9])\s*[-‐−－―ー–—](?=\s*(?:[令平昭RHS]|[12][0-9]{3})))\s*"
)
_SPLIT_SMALL = re.compile(r"[\n、,;；/／]+")


class AgreementRowForm(ImportRowForm):
    municipality = CellLineField(max_length=40)
    ledger_number = CellLineField(max_length=30)
    title = CellLineField(max_length=200)
    title_kana = CellLineField(max_length=300, validators=[validate_kana])
    kind = CellChoiceField(choices=AgreementKind.choices, others=_KINDS)
    state = CellChoiceField(choices=AgreementState.choices, others=_STATES)
    partners = CellProseField(max_length=2000)
    corporate_number = CellProseField(max_length=1000)
    partner_kana = CellProseField(max_length=1000)
    signed_on = CellDateField()
    effective_on = CellDateField()
    first_expiry = CellDateField()
    term = CellProseField(max_length=1000)
    auto_renew = CellYesNoField()
    renewal_months = CellMonthsField(least=1, most=600)
    notice_months = CellMonthsField(least=0, most=120)
    notice_days = CellNumberField(least=0, most=3650)
    renewal_text = CellProseField(max_length=2000)
    items = CellProseField()
    categories = CellProseField(max_length=1000)
    purpose = CellProseField(max_length=4000)
    department = CellLineField(max_length=80)
    related_departments = CellProseField(max_length=1000)
    person_in_charge = CellLineField(max_length=60)
    document_number = CellLineField(max_length=60)
    approved_on = CellDateField()
    council_resolution_on = CellDateField()
    paper_original_only = CellYesNoField()
    retention = CellChoiceField(
        choices=Retention.choices,
        others={Retention.PERMANENT: ("永年", "永久保存")}
        | {years: (f"{years}年間", f"{years}年保存") for years in (1, 3, 5, 10)},
    )
    parent = CellLineField(max_length=30)
    ended_on = CellDateField()
    ended_reason = CellChoiceField(choices=EndedReason.choices, others=_REASONS)
    publication = CellLineField(max_length=20)
    note = CellProseField(max_length=4000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remarks: list[str] = []
        """What could not be stored as a value and is kept in 備考 word for word."""

    # -- Cells --------------------------------------------------------------------------------------
    def clean_municipality(self) -> str:
        name = self.cleaned_data["municipality"]
        own = self.scope.municipality
        if name and folded(name) not in {folded(own.name), folded(own.full_name), own.code, own.code[:5]}:
            raise forms.ValidationError(f"「{name}」の協定です。{own}の協定だけを取り込めます。")
        return name

    def clean_partners(self) -> list[str]:
        names = split_names(self.stated("partners"))
        for name in names:
            if len(name) > 120:
                raise forms.ValidationError(
                    f"相手方の名称が長すぎます（{len(name)}文字）。120文字以内にしてください。"
                )
        return names

    def clean_corporate_number(self) -> list[str]:
        try:
            return read_numbers(self.stated("corporate_number"))
        except ValueError as error:
            raise forms.ValidationError(str(error), code="corporate_number") from error

    def clean_partner_kana(self) -> list[str]:
        readings = split_names(self.stated("partner_kana"))
        for reading in readings:
            validate_kana(reading)
        return readings

    def clean_items(self) -> list[str]:
        texts = split_items(self.stated("items"))
        for text in texts:
            if len(text) > 2000:
                raise forms.ValidationError("連携事項の1件が長すぎます。2,000文字以内にしてください。")
        if len(texts) > 100:
            raise forms.ValidationError(f"連携事項が{len(texts)}件あります。100件までです。")
        return texts

    def clean_categories(self) -> list[str]:
        codes, unknown = [], []
        for word in _SPLIT_SMALL.split(self.stated("categories")):
            code = _CATEGORIES.get(_plain_category(word)) if word.strip() else None
            if code:
                codes.append(code)
            elif word.strip():
                unknown.append(word.strip())
        if unknown:
            self._keep("categories", "分野", "、".join(unknown))
        return list(dict.fromkeys(codes))

    def clean_department(self) -> Department | None:
        name = self.cleaned_data["department"]
        user = self.scope.by
        found = self.known["departments"].get(folded(name)) if name else None
        if access.is_manager(user):
            if name and found is None:
                self._keep("department", "主担当課", name, "という課は登録されていないため空欄にし、")
            return found
        if user.department_id is None:
            raise forms.ValidationError("あなたの課が決まっていないため、取り込めません。")
        if not name:
            self.warnings.append(
                ("department", f"主担当課が空欄のため、あなたの課（{user.department}）の協定とします。")
            )
            return None
        if found is None or found.pk != user.department_id:
            raise forms.ValidationError(f"自分の課（{user.department}）の行だけを取り込めます。")
        return found

    def clean_related_departments(self) -> list[Department]:
        found: list[Any] = []
        unknown: list[Any] = []
        for name in _SPLIT_SMALL.split(self.stated("related_departments")):
            if name.strip():
                known = self.known["departments"].get(folded(name))
                (found if known else unknown).append(known or name.strip())
        if unknown:
            self._keep("related_departments", "関係課", "、".join(unknown))
        return found

    def clean_person_in_charge(self) -> StaffMember | None:
        name = self.cleaned_data["person_in_charge"]
        found = self.known["staff"].get(folded(name)) if name else None
        if name and found is None:
            self._keep("person_in_charge", "担当者", name, "という職員は登録されていないため空欄にし、")
        return found

    def clean_parent(self) -> Any:
        number = self.cleaned_data["parent"]
        found = self.known["numbers"].get(number) if number else None
        if number and (found is None or found.deleted_at):
            raise forms.ValidationError(
                f"管理番号「{number}」の協定は登録されていません。先に親協定を取り込んでください。"
            )
        return found

    def _keep(self, column: str, label: str, text: str, why: str = "は読み取れないため、") -> None:
        self.remarks.append(f"{label}：{text}")
        self.warnings.append((column, f"「{text[:60]}」{why}備考に残します。"))

    # -- The row ------------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        says_which = any(cleaned.get(name) for name in ("title", "partners", "ledger_number"))
        if not says_which and not self.errors:
            self.add_error("title", "協定名称か相手方のどちらかを入力してください。")
        self._read_term(cleaned)
        self._read_renewal(cleaned)
        self._read_end(cleaned)
        self._check_dates(cleaned)
        if len(cleaned.get("corporate_number") or ()) > len(cleaned.get("partners") or ()):
            self.add_error("corporate_number", "法人番号が相手方より多くあります。")
        return cleaned

    def _read_term(self, cleaned: dict[str, Any]) -> None:
        """「令和2年4月1日～令和5年3月31日」 as two dates; whatever else the cell says is kept."""
        text = self.stated("term")
        if not text:
            return
        pieces = _RANGE.split(re.sub(r"まで(?:とする)?。?$", "", text.strip()), maxsplit=1)
        dates: list[date | None] = []
        for piece in pieces:
            try:
                dates.append(parse_date(piece).value)
            except ValueError:
                dates.append(None)
        if len(pieces) == 2 and all(dates):
            cleaned["effective_on"] = cleaned.get("effective_on") or dates[0]
            cleaned["first_expiry"] = cleaned.get("first_expiry") or dates[1]
        elif len(pieces) == 1 and dates[0]:
            cleaned["first_expiry"] = cleaned.get("first_expiry") or dates[0]
        elif cleaned.get("renewal_text") or is_nothing(text):
            self.remarks.append(f"有効期間：{text}")
        else:
            cleaned["renewal_text"] = text
            self.warnings.append(
                (
                    "term",
                    "日付として読み取れないため、更新条件の原文に残します。満了日は後で確かめてください。",
                )
            )

    def _read_renewal(self, cleaned: dict[str, Any]) -> None:
        """An automatic renewal needs its length; without one the words are kept and nothing is made up."""
        if cleaned.get("notice_months") is not None and cleaned.get("notice_days") is not None:
            self.add_error("notice_days", "通知期限は「か月前」か「日前」のどちらか一方にしてください。")
        if not cleaned.get("auto_renew") or cleaned.get("renewal_months") or "renewal_months" in self.errors:
            return
        said = suggest_renewal(cleaned.get("renewal_text") or "")
        if said.auto_renew and said.renewal_months:
            cleaned["renewal_months"] = said.renewal_months
            self.warnings.append(
                ("renewal_months", f"更新条件の原文から、更新期間を{said.renewal_months}か月とします。")
            )
            return
        cleaned["auto_renew"] = None
        self._keep(
            "auto_renew",
            "自動更新",
            str(self.data.get("auto_renew", "")),
            "は更新期間が分からないため、自動更新を設定せず、",
        )

    def _read_end(self, cleaned: dict[str, Any]) -> None:
        state, ended_on = cleaned.get("state"), cleaned.get("ended_on")
        if not cleaned.get("ended_reason"):
            cleaned["ended_reason"] = _REASON_BY_STATE.get(self.stated("state"), "")
        if not state and (cleaned.get("ended_reason") or ended_on):
            cleaned["state"] = AgreementState.ENDED
        elif state and state != AgreementState.ENDED and cleaned.get("ended_reason"):
            self.add_error(
                "state", "終了理由がありますが、状態が終了ではありません。どちらかを直してください。"
            )

    def _check_dates(self, cleaned: dict[str, Any]) -> None:
        signed, effective = cleaned.get("signed_on"), cleaned.get("effective_on")
        expiry, ended = cleaned.get("first_expiry"), cleaned.get("ended_on")
        if signed and signed > self.scope.today:
            self.add_error("signed_on", "締結日が今日より後です。日付を確かめてください。")
        expiry_column = "first_expiry" if self.stated("first_expiry") else "term"
        if expiry and signed and expiry < signed:
            self.add_error(expiry_column, "満了日が締結日より前です。どちらかの日付を直してください。")
        elif expiry and effective and expiry < effective:
            self.add_error(expiry_column, "満了日が効力発生日より前です。どちらかの日付を直してください。")
        if ended and signed and ended < signed:
            self.add_error("ended_on", "終了日が締結日より前です。どちらかの日付を直してください。")
        elif ended and ended > self.scope.today:
            self.add_error("ended_on", "終了日が今日より後です。日付を確かめてください。")


def _plain_category(word: str) -> str:
    return re.sub(r"[\s・、/]+", "", unicodedata.normalize("NFKC", word))


def _category_words() -> dict[str, str]:
    """Every whole label, code, and word of a label that stands in one label alone."""
    words: dict[str, list[str]] = {}
    for code, label in FieldCategory.choices:
        for word in (code, label, *label.split("・")):
            words.setdefault(_plain_category(word), []).append(code)
    return {word: codes[0] for word, codes in words.items() if len(set(codes)) == 1}


_CATEGORIES = _category_words()
