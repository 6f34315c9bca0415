"""職員: new colleagues are invited afterwards; the roles of those who are here already are not touched."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms

from municipalities import access
from municipalities.choices import Role
from municipalities.models import Department, StaffMember
from municipalities.validators import validate_kana

from .columns import Column
from .importable import Judgement, LedgerRow, ModelImport, Scope
from .row_form import CellChoiceField, CellLineField, ImportRowForm, folded

_ROLES = {
    Role.VIEWER: ("閲覧者", "閲覧のみ"),
    Role.EDITOR: ("編集", "編集者", "編集(自課)"),
    Role.MANAGER: ("管理", "管理者", "企画課"),
}


class StaffRowForm(ImportRowForm):
    username = CellLineField(max_length=150, validators=[StaffMember.username_validator])
    name = CellLineField(max_length=60)
    name_kana = CellLineField(max_length=80, validators=[validate_kana])
    email = forms.EmailField(required=False)
    department = CellLineField(max_length=80)
    role = CellChoiceField(choices=Role.choices, others=_ROLES)

    def clean_username(self) -> str:
        name = unicodedata.normalize("NFKC", self.cleaned_data["username"])
        if not name:
            raise forms.ValidationError("ユーザー名を入力してください。", code="required")
        return name

    def clean_department(self) -> Department | None:
        name = self.cleaned_data["department"]
        if not name:
            return None
        found = self.known["departments"].get(folded(name))
        if found is None:
            raise forms.ValidationError(f"「{name}」という課は登録されていません。")
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        new = cleaned.get("username", "").casefold() not in self.known["staff"]
        if new and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", "氏名を入力してください。")
        if new and cleaned.get("role") == Role.EDITOR and not cleaned.get("department"):
            self.add_error("department", "「編集（自課）」には課が必要です。")
        return cleaned


class StaffImport(ModelImport):
    key = "staff"
    label = "職員"
    lead = "職員をまとめて登録します。登録した人には、職員の画面から案内を渡してください。すでにいる職員の役割は変わりません。"
    list_url = "municipalities:staff-list"
    model = StaffMember
    is_bulk = False
    form_class = StaffRowForm
    columns = (
        Column(
            key="username",
            label="ユーザー名",
            synonyms=("ID", "ログインID", "職員番号", "ユーザーID", "アカウント"),
            example="mihon-01",
            is_identity=True,
        ),
        Column(key="name", label="氏名", synonyms=("名前", "職員名"), example="見本 太郎"),
        Column(
            key="name_kana",
            label="かな",
            synonyms=("フリガナ", "ふりがな", "氏名カナ", "氏名かな"),
            example="みほん たろう",
        ),
        Column(
            key="email",
            label="メールアドレス",
            synonyms=("メール", "E-mail", "email", "mail"),
            example="mihon@example.jp",
        ),
        Column(
            key="department",
            label="課",
            synonyms=("所属", "所属課", "課名", "部署", "担当課"),
            example="企画課",
        ),
        Column(
            key="role",
            label="役割",
            synonyms=("権限", "区分"),
            hint="閲覧・編集・管理。空欄は閲覧",
            example="閲覧",
        ),
    )

    @classmethod
    def may_import(cls, user: Any) -> bool:
        return access.may_import(user) and access.is_manager(user)

    def prepare(self, rows: Sequence[LedgerRow], scope: Scope) -> dict[str, Any]:
        departments = Department.objects.filter(municipality=scope.municipality).valid(scope.today)
        names = {
            unicodedata.normalize("NFKC", row.cells.get("username", "")).strip().casefold() for row in rows
        }
        everyone = StaffMember.objects.select_related("department").order_by("pk")
        return {
            "seen": {},
            "departments": {folded(each.name): each for each in departments},
            # User names are unique in the whole system; there are few enough to read them all.
            "staff": {
                each.username.casefold(): each for each in everyone if each.username.casefold() in names
            },
        }

    def identity(self, form: ImportRowForm) -> Any:
        return form.cleaned_data["username"].casefold()

    def find(self, judgement: Judgement, form: ImportRowForm, known: Any) -> Any:
        judgement.label = f"{form.cleaned_data['username']} {form.cleaned_data.get('name', '')}".strip()
        target = known["staff"].get(form.cleaned_data["username"].casefold())
        if target is None:
            return None
        if target.municipality_id != form.scope.municipality.pk or target.is_superuser:
            judgement.refuse("username", "このユーザー名は使えません。別のユーザー名にしてください。")
            return None
        role = form.cleaned_data.pop("role", "")
        form.cleaned_data.pop("username")
        if role and role != target.role:
            judgement.warn("role", "役割は取込みでは変わりません。職員の画面で変更してください。")
        return target

    def new(self, values: dict[str, Any], scope: Scope) -> StaffMember:
        member = StaffMember(municipality=scope.municipality, **{"role": Role.VIEWER, **values})
        member.set_unusable_password()
        return member

    def take_away(self, instance: StaffMember) -> str:
        from municipalities.staffing import LastManager, disable

        try:
            disable(member=instance)
        except LastManager as refusal:
            return str(refusal)
        return ""
