"""公開ページの設定: which fields go out, and how a municipality presents itself."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.http.request import validate_host

from agreements.choices import PublicField
from agreements.models import PublicProfile
from agreements.public_logo import MAX_BYTES, NoLogo, draw_logo

from .procedure_forms import SeenMixin

_HOST = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)


class PublicProfileForm(SeenMixin, forms.ModelForm):
    fields_shown = forms.MultipleChoiceField(
        label="公開する項目",
        choices=PublicField.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "自治体名・協定名称・種別・状態・締結日・当事者の名称は、公開した協定でいつも表示されます。"
            "外した項目は、すぐに公開ページから消えます。加えた項目は、次に公開を承認したときから表示されます。"
        ),
    )
    website = forms.URLField(
        label="ウェブサイト",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="例：https://www.city.example.lg.jp",
    )
    logo_file = forms.FileField(
        label="ロゴ",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=(
            f"PNG、JPEG、WebP。{MAX_BYTES // 1024**2}MBまで。小さくして、ページの左上に表示します。"
            "撮影場所などの情報は取り除きます。"
        ),
    )
    remove_logo = forms.BooleanField(label="ロゴを使わない", required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = PublicProfile
        fields = ("display_name", "contact", "website", "licence", "host_name")
        help_texts = {
            "display_name": "例：福岡市の連携協定。空欄のときは「（自治体名）の連携協定」になります。",
            "contact": "公開ページに表示されます。課の名前と代表の電話番号などを書いてください。",
            "host_name": (
                "例：renkei.city.example.lg.jp。このホスト名では、公開ページだけが見られます。"
                "使う前に、システム管理者がDNSとPUBLIC_HOSTSを設定します。空欄にすると使わなくなります。"
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("fields_shown", self.instance.fields)
        written = self.instance.updated_at
        self.initial["seen"] = written.isoformat() if written else ""
        self.logo: bytes | None = None
        if not self.instance.logo:
            del self.fields["remove_logo"]

    def clean_fields_shown(self) -> list[str]:
        """What is told of 取組 needs the 取組; a 効果額 stands in reports as well."""
        chosen = self.cleaned_data["fields_shown"]
        if PublicField.ACTIONS not in chosen:
            alone = {PublicField.ACTION_OWNERS, PublicField.RESULTS} & set(chosen)
            if PublicField.EFFECTS in chosen and PublicField.REPORTS not in chosen:
                alone.add(PublicField.EFFECTS)
            if alone:
                names = "」「".join(each.label for each in PublicField if each in alone)
                raise forms.ValidationError(
                    f"「{names}」は、「{PublicField.ACTIONS.label}」と一緒に選んでください。"
                )
        return chosen

    def clean_host_name(self) -> str | None:
        """Only a name that the operator gave to public pages: nobody takes a host of the staff away."""
        text = (self.cleaned_data["host_name"] or "").strip().rstrip(".").lower()
        if not text:
            return None
        try:
            host = text.encode("idna").decode()
        except UnicodeError:
            host = ""
        if not _HOST.fullmatch(host):
            raise forms.ValidationError(
                "ホスト名だけを入力してください（例：renkei.city.example.lg.jp）。「https://」や「/」は要りません。"
            )
        if not validate_host(host, settings.RENKEI_PUBLIC_HOSTS):
            raise forms.ValidationError(
                "このホスト名は、まだ使えません。システム管理者に、DNSとPUBLIC_HOSTSの設定を依頼してください。"
            )
        return host

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("logo_file")
        if file and cleaned.get("remove_logo"):
            self.add_error("remove_logo", "新しいロゴを選んだときは、このチェックを外してください。")
        elif file:
            try:
                self.logo = draw_logo(file, size=file.size)
            except NoLogo as error:
                self.add_error("logo_file", str(error))
        elif cleaned.get("remove_logo"):
            self.logo = b""
        return cleaned

    def values(self) -> dict[str, Any]:
        """Field values of the settings; the logo is `logo`."""
        names = self._meta.fields or ()
        return {
            "fields": self.cleaned_data["fields_shown"],
            **{name: self.cleaned_data[name] for name in names},
        }

    def conflict_with(self, stored: PublicProfile) -> list[dict[str, Any]]:
        """Both versions of every field (rows of the conflict table)."""
        rows = []
        for name, mine in self.values().items():
            theirs = getattr(stored, name)
            label = self.fields["fields_shown" if name == "fields" else name].label
            rows.append(
                {
                    "label": label,
                    "theirs": _words(name, theirs),
                    "mine": _words(name, mine),
                    "changed": (theirs or "") != (mine or ""),
                }
            )
        return rows


def _words(name: str, value: Any) -> str:
    if name == "fields":
        return "、".join(str(PublicField(each).label) for each in value if each in PublicField.values)
    if name == "licence":
        return str(dict(PublicProfile._meta.get_field("licence").flatchoices)[value])  # type: ignore[union-attr]
    return value or ""
