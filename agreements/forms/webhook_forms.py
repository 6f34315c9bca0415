"""通知先（Webhook）: where to, and what is told."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from agreements.choices import WebhookEvent
from agreements.domain.webhooks import BadAddress, read_url
from agreements.models import WebhookEndpoint

from .procedure_forms import SeenMixin

_EVENTS = [(event.value, event.label) for event in WebhookEvent if event != WebhookEvent.TEST]
_MEANWHILE = (
    "この通知先は、開いた後にほかの人が変更しました。新しい内容を確かめて、もう一度変更してください。"
)


class WebhookForm(SeenMixin, forms.ModelForm):
    chosen = forms.MultipleChoiceField(
        label="知らせるできごと",
        choices=_EVENTS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "知らせるできごとを1つ以上選んでください。"},
        help_text="公開に関するできごとでは、公開した内容を送ります。ほかは、協定の番号・名称・日付だけを送ります。",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url")
        help_texts = {
            "url": "例：https://www.city.example.lg.jp/hooks/renkei　POSTで送り、転送には従いません。"
        }

    field_order = ["name", "url", "chosen", "seen"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("chosen", self.instance.events)
        if self.instance.pk:
            self.initial.setdefault("seen", self.instance.updated_at.isoformat())

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        try:
            read_url(url, https_only=settings.RENKEI_WEBHOOK_HTTPS_ONLY)
        except BadAddress as error:
            raise ValidationError(str(error), code="bad_address") from error
        return url

    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {"name": cleaned["name"], "url": cleaned["url"], "events": cleaned["chosen"]}

    def tell_of_conflict(self, stored: WebhookEndpoint) -> None:
        """Keep what was typed, say what stands now, and let the next save through."""
        self.add_error(None, _MEANWHILE)
        self.add_error(
            None, f"いまの内容：{stored.name}、{stored.url}、{stored.event_words or 'できごとなし'}"
        )
        data: Any = self.data
        self.data = data = data.copy()
        data["seen"] = stored.updated_at.isoformat()
