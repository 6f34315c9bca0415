"""公開サイトの書き出し: where the site will lie."""

from django import forms
from django.core.exceptions import ValidationError

from agreements.static_site.layout import clean_base_url


class PublicSiteForm(forms.Form):
    base_url = forms.CharField(
        label="サイトを置くアドレス",
        max_length=200,
        required=False,
        widget=forms.URLInput(attrs={"inputmode": "url"}),
        help_text=(
            "例：https://www.city.example.lg.jp/renkei/。サイトマップや更新情報（Atom）に書きます。"
            "決まっていなければ空欄のままにしてください。サイトの中のリンクは、どこに置いても動きます。"
        ),
    )

    def clean_base_url(self) -> str:
        try:
            return clean_base_url(self.cleaned_data["base_url"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
