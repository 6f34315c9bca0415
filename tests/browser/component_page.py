"""A page with every scripted component and the two answers they ask for: the URLs of `test_components.py`."""

import json

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Template
from django.urls import path

PAGE = """
{% extends "base.html" %}
{% block title %}部品{% endblock %}
{% block heading %}部品{% endblock %}
{% block actions %}<button class="button" type="button" data-print hidden>印刷</button>{% endblock %}
{% block content %}
  {% error_summary form items %}
  <form method="post" action="/echo/" data-dirty-check novalidate>
    {% csrf_token %}
    {{ form.title.as_field_group }}
    {{ form.company_name.as_field_group }}{{ form.company }}
    <details data-suggest-panel="new-company">
      <summary>相手方を新しく登録する</summary>
      <label for="new-name">新しい相手方の名称</label><input id="new-name" name="new_name" data-suggest-name>
    </details>
    {% include "components/paste_split.html" %}
    {% include "components/formset.html" with formset=items %}
    <button class="button button-primary" name="save" value="1">保存する</button>
    <button class="button button-danger" name="delete" value="1"
      data-confirm="この協定を削除します。" data-confirm-action="削除する">削除…</button>
  </form>
  <a href="/elsewhere/">ほかのページ</a>
{% endblock %}
"""
ROW = "{{ form.text.as_field_group }}"
PASTE = {
    "id": "paste",
    "name": "pasted",
    "url": "/split/",
    "prefix": "items",
    "field": "text",
    "noun": "連携事項",
    "label": "まとめて貼り付ける",
}
COMPANIES = [
    {"id": 1, "label": "株式会社ローソン", "sublabel": "東京都品川区", "group": "登録済み"},
    {"id": 2, "label": "株式会社ローソン銀行", "sublabel": "<b>法人番号なし</b>", "group": "登録済み"},
]


class AgreementForm(forms.Form):
    title = forms.CharField(label="協定名称")
    company_name = forms.CharField(
        label="相手方",
        required=False,
        widget=forms.TextInput(
            attrs={
                "data-suggest-url": "/suggest/",
                "data-suggest-value": "company",
                "data-suggest-create": "new-company",
                "data-suggest-noun": "相手方",
            }
        ),
    )
    company = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ItemForm(forms.Form):
    text = forms.CharField(label="本文")


ItemFormSet = forms.formset_factory(ItemForm, extra=0, can_order=True, can_delete=True)


@login_not_required
def component_page(request: HttpRequest) -> HttpResponse:
    """`/` with three rows; `/?failed` as it comes back with errors."""
    failed = "failed" in request.GET
    items = ItemFormSet(prefix="items", initial=[{"text": text} for text in ("観光", "防災", "健康")])
    form = AgreementForm({"title": ""} if failed else None)
    context = {"form": form, "items": items, "row_template": Template(ROW), "csrf_token": "0" * 64, **PASTE}
    return HttpResponse(Template(PAGE).render(Context({"request": request, **context})))


@login_not_required
def suggest(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"results": [item for item in COMPANIES if request.GET["q"] in item["label"]]})


def split(request: HttpRequest) -> HttpResponse:
    if request.headers["X-CSRFToken"] != "0" * 64:
        return HttpResponse(status=403)
    return JsonResponse({"items": request.POST["text"].split()})


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(json.dumps(request.POST), content_type="text/plain; charset=utf-8")


def _open(view):
    view = login_not_required(view)
    view.csrf_exempt = True  # the page is not the subject; the token's way is checked in `split`
    return view


urlpatterns = [
    path("", component_page),
    path("elsewhere/", component_page),
    path("suggest/", suggest),
    path("split/", _open(split)),
    path("echo/", _open(echo)),
    path("favicon.ico", _open(lambda request: HttpResponse(status=204))),  # asked for beside plain text
]
