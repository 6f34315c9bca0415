"""APIトークン: what a manager says of the system that gets one."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from . import access
from .api_tokens import LONGEST
from .choices import ApiScope
from .form_fields import NoticesMixin, WarekiDateField
from .models import ApiToken
from .municipality_field import MunicipalityField
from .wareki import format_wareki

_USUAL = timedelta(days=365)
_RIGHTS = {
    "read": ("読取りだけ", [ApiScope.READ]),
    "progress": ("読取りと、取組の進捗の記録", [ApiScope.READ, ApiScope.WRITE_PROGRESS]),
}


class ApiTokenForm(NoticesMixin, forms.ModelForm):
    """A new token. A system admin, who belongs to no municipality, names the one it is for."""

    municipality = MunicipalityField(label="自治体", help_text="名称か全国地方公共団体コード（6桁）")
    rights = forms.ChoiceField(
        label="できること",
        choices=[(key, label) for key, (label, _) in _RIGHTS.items()],
        widget=forms.RadioSelect,
        initial="read",
        help_text="読み取れるのは、自分の自治体の協定・連携事項・取組・期限・施策です（職員や相手窓口の氏名は含みません）。",
    )
    expires_on = WarekiDateField(label="有効期限（この日まで）")

    class Meta:
        model = ApiToken
        fields = ("name",)

    field_order = ["municipality", "name", "rights", "expires_on"]

    def __init__(self, *args: Any, user: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        self.initial.setdefault("expires_on", today + _USUAL)
        if access.is_staff_of_a_municipality(user):
            del self.fields["municipality"]

    def clean_expires_on(self) -> date:
        day: date = self.cleaned_data["expires_on"]
        if day < self.today:
            raise ValidationError("有効期限が今日より前です。", code="past")
        if day > self.today + LONGEST:
            latest = format_wareki(self.today + LONGEST)
            raise ValidationError(f"有効期限は{latest}までの日にしてください。", code="too_far")
        return day

    def values(self) -> dict[str, Any]:
        """What `issue_token` takes."""
        cleaned = self.cleaned_data
        return {
            "municipality": cleaned.get("municipality") or self.user.municipality,
            "name": cleaned["name"],
            "scopes": [str(scope) for scope in _RIGHTS[cleaned["rights"]][1]],
            "expires_on": cleaned["expires_on"],
        }
