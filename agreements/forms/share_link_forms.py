"""To whom a 相手方リンク goes, for what, how long and how often."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from agreements.actions.share_links import LinkTerms
from agreements.choices import SharePurpose
from agreements.domain import share_links
from agreements.models import Agreement, CompanyContact
from municipalities.form_fields import ListedObjectField, NoticesMixin, WarekiDateField, WholeNumberField
from municipalities.wareki import format_wareki

USUAL_DAYS = 30
USUAL_USES = 20
MAIL, COPY = "mail", "copy"


class ContactField(ListedObjectField):
    """A contact with its company: namesakes of two companies are told apart."""

    def __init__(self, *, objects: Any, **kwargs: Any) -> None:
        super().__init__(objects=objects, empty_label="（選んでください）", **kwargs)
        contacts: dict[str, Any] = self.by_key
        named = [
            (key, f"{each.company.name}　{each}{'' if each.email else '（メール未登録）'}")
            for key, each in contacts.items()
        ]
        self.choices = [("", "（選んでください）"), *named]


class ShareLinkForm(NoticesMixin, forms.Form):
    contact = ContactField(label="相手窓口", objects=())
    purpose = forms.ChoiceField(label="依頼の内容", choices=SharePurpose.choices, widget=forms.RadioSelect)
    until = WarekiDateField(label="有効期限", help_text="この日の終わりまで使えます。例：令和8年10月31日")
    max_uses = WholeNumberField(
        label="使える回数",
        min_value=1,
        max_value=share_links.MOST_USES,
        help_text="確認コードを入れて開くたびに1回と数えます。",
    )
    delivery = forms.ChoiceField(
        label="リンクの渡し方",
        choices=[
            (MAIL, "相手窓口にメールで送る"),
            (COPY, "リンクを表示する（自分で伝える。表示は1回だけです）"),
        ],
        widget=forms.RadioSelect,
    )
    code_by_phone = forms.BooleanField(
        label="確認コードを電話で伝える",
        required=False,
        help_text="メールが届かない相手のときに選びます。コードはこの協定の画面に1回だけ表示され、記録に残ります。",
    )

    def __init__(self, *args: Any, agreement: Agreement, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["contact"] = ContactField(
            label="相手窓口",
            objects=contacts_for(agreement, today),
            error_messages={"required": "相手窓口を選んでください。"},
        )
        self.order_fields(["contact", "purpose", "until", "max_uses", "delivery", "code_by_phone"])
        self.initial = {
            "until": today + timedelta(days=USUAL_DAYS),
            "max_uses": USUAL_USES,
            "delivery": MAIL,
            "purpose": SharePurpose.WORKSHEET,
            **self.initial,
        }

    def clean_until(self) -> date:
        until = self.cleaned_data["until"]
        latest = self.today + timedelta(days=share_links.LONGEST_DAYS)
        if not self.today <= until <= latest:
            raise forms.ValidationError(f"今日から{format_wareki(latest)}までの日にしてください。")
        return until

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        contact = cleaned.get("contact")
        if contact is not None and not contact.email:
            if cleaned.get("delivery") == MAIL:
                self.add_error(
                    "delivery", "この窓口にはメールが登録されていません。リンクを表示して伝えてください。"
                )
            if not cleaned.get("code_by_phone"):
                self.add_error(
                    "code_by_phone",
                    "この窓口にはメールが登録されていません。確認コードは電話で伝えてください。",
                )
        return cleaned

    @property
    def is_by_mail(self) -> bool:
        return self.cleaned_data["delivery"] == MAIL

    def terms(self) -> LinkTerms:
        cleaned = self.cleaned_data
        now = timezone.localtime()
        return LinkTerms(
            contact=cleaned["contact"],
            purpose=cleaned["purpose"],
            expires_at=share_links.end_of_day(now, (cleaned["until"] - self.today).days),
            max_uses=cleaned["max_uses"],
            code_by_phone=cleaned["code_by_phone"],
        )


def contacts_for(agreement: Agreement, today: date) -> QuerySet[CompanyContact]:
    """Contacts, as the agreement's municipality knows them, of the companies that are parties to it."""
    found = CompanyContact.objects.current(today).filter(
        municipality=agreement.municipality_id, company__parties__agreement=agreement
    )
    return found.select_related("company").distinct()
