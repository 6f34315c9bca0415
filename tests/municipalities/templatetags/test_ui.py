"""The shared template tags, form templates and error pages, as a page uses them."""

from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace

import django_filters
import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from agreements.choices import ActionState, AgreementState, Publication
from agreements.models import Agreement
from municipalities.models import Municipality
from municipalities.templatetags import ui
from tests.factories import MunicipalityFactory

VOID = {"input", "img", "br", "link", "meta", "hr", "col"}


class Page(HTMLParser):
    """The elements of a page: `find(tag, **attributes)` gives (attributes, text) of each match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict, list[str]]] = []
        self.open: list[tuple[str, dict, list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        element = (tag, dict(attrs), [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for _, _, texts in self.open:
            texts.append(data)

    def find(self, tag, **attributes):
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            (attrs, " ".join("".join(texts).split()))
            for name, attrs, texts in self.elements
            if name == tag and all(value in (attrs.get(key) or "").split() for key, value in wanted.items())
        ]


def render(source: str, path: str = "/", **context) -> Page:
    return Page(render_html(source, path, **context))


def render_html(source: str, path: str = "/", **context) -> str:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    return Template(source).render(Context({"request": request, **context}))


# -- Values -------------------------------------------------------------------------------------------
def test_wareki_shows_a_date_and_names_a_missing_one():
    assert ui.wareki(date(2020, 9, 23)) == "令和2年9月23日"
    assert "未登録" in ui.wareki(None)


@pytest.mark.parametrize("value", [2019, date(2019, 5, 1), date(2020, 3, 31)])
def test_fiscal_year_accepts_a_year_or_a_day_in_it(value):
    assert ui.fiscal_year(value) == "令和元年度"


def test_or_dash_keeps_zero():
    assert ui.or_dash(0) == 0
    assert ui.or_dash("") == ui.or_dash(None) == ui.NOT_RECORDED


# -- Icons and badges ---------------------------------------------------------------------------------
def test_icon_is_hidden_from_screen_readers_unless_labelled_and_fits_a_strict_csp():
    plain, labelled = render('{% icon "lock" %}{% icon "lock" label="内部用" %}').find("svg")
    assert plain[0]["aria-hidden"] == "true"
    assert labelled[0] | {"role": "img", "aria-label": "内部用"} == labelled[0]
    assert "style" not in plain[0]


def test_icon_label_is_escaped():
    assert "<b>" not in render_html('{% icon "lock" label=label %}', label='"><b>')


@pytest.mark.parametrize("choices", [AgreementState, ActionState])
def test_every_state_has_a_badge_with_icon_and_word(choices):
    for state in choices:
        record = SimpleNamespace(state=state.value, get_state_display=lambda state=state: state.label)
        page = render("{% state_badge record %}", record=record)
        assert [text for _, text in page.find("span", class_="badge")] == [state.label]
        assert page.find("svg")


def test_every_publication_has_a_badge():
    for value in Publication:
        agreement = Agreement(publication=value)
        assert (
            render("{% publication_badge a %}", a=agreement).find("span", class_="badge")[0][1] == value.label
        )


def test_every_warning_and_grade_has_an_existing_icon():
    for key in ui.WARNINGS:
        assert ui.WARNINGS[key][0] in ui.warning_badge(key)
    assert "D 要仕切り直し" in ui.grade_badge("D")
    assert {grade for grade in "ABCD" if grade in ui.grade_badge(grade)} == set("ABCD")
    assert "未整備" in ui.grade_badge(None, "未整備")


# -- Navigation ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "current"), [("/agreements/", "page"), ("/agreements/7/", "true"), ("/elsewhere/", None)]
)
def test_nav_link_marks_the_page_and_its_section(path, current, monkeypatch):
    monkeypatch.setattr(ui, "reverse", lambda name: f"/{name}/")
    page = render('{% nav_link "agreements" "協定" "file-text" %}', path)
    assert page.find("a")[0][0].get("aria-current") == current


def test_nav_link_marks_pages_that_belong_to_its_section(monkeypatch):
    monkeypatch.setattr(ui, "reverse", lambda name: f"/{name}/")
    page = render('{% nav_link "actions" "取組" "file-text" "/action-plan/" %}', "/action-plan/board/")
    assert page.find("a")[0][0].get("aria-current") == "true"


def test_breadcrumb_links_all_but_the_page_itself():
    page = render('{% breadcrumb "協定" "/agreements/" title %}', title="<福岡市>")
    assert page.find("a") == [({"href": "/agreements/"}, "協定")]
    assert page.find("span", aria_current="page")[0][1] == "<福岡市>"


@pytest.mark.parametrize(
    ("query", "href", "order"),
    [
        ("q=観光&page=3", {"q": ["観光"], "sort": ["title"]}, None),
        ("q=観光&sort=title", {"q": ["観光"], "sort": ["-title"]}, "ascending"),
        ("sort=-title", {"sort": ["title"]}, "descending"),
        ("sort=signed_on", {"sort": ["title"]}, None),
    ],
)
def test_sort_header_toggles_keeps_filters_and_returns_to_the_first_page(query, href, order):
    page = render('<table><tr>{% sort_header "協定名称" "title" %}</tr></table>', f"/?{query}")
    assert dict(QueryDict(page.find("a")[0][0]["href"].removeprefix("?")).lists()) == href
    assert page.find("th")[0][0].get("aria-sort") == order


# -- Filter chips -------------------------------------------------------------------------------------
class Filter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="検索語")
    state = django_filters.MultipleChoiceFilter(label="状態", choices=AgreementState.choices)
    since = django_filters.DateFilter(label="締結日（から）")
    municipality = django_filters.ModelMultipleChoiceFilter(
        label="自治体", queryset=Municipality.objects.all()
    )


def chips(query: str) -> list[tuple[str, dict[str, list[str]]]]:
    request = RequestFactory().get(f"/?{query}")
    context = ui.filter_chips(Context({"request": request}), Filter(request.GET, Agreement.objects.none()))
    return [
        (f"{chip['label']}：{chip['value']}", dict(QueryDict(chip["url"].removeprefix("?")).lists()))
        for chip in context["chips"]
    ]


def test_each_chosen_value_is_a_chip_in_words_that_removes_only_itself():
    assert chips("q=観光&state=active&state=ended&since=2020-09-23&page=2&sort=title") == [
        ("検索語：観光", {"state": ["active", "ended"], "since": ["2020-09-23"], "sort": ["title"]}),
        (
            "状態：締結・実施中",
            {"q": ["観光"], "state": ["ended"], "since": ["2020-09-23"], "sort": ["title"]},
        ),
        ("状態：終了", {"q": ["観光"], "state": ["active"], "since": ["2020-09-23"], "sort": ["title"]}),
        ("締結日（から）：令和2年9月23日", {"q": ["観光"], "state": ["active", "ended"], "sort": ["title"]}),
    ]


def test_an_invalid_value_is_a_chip_too_and_marked():
    page = render(
        "{% filter_chips filter %}",
        "/?since=いつか",
        filter=Filter(QueryDict("since=いつか"), Agreement.objects.none()),
    )
    assert "いつか" in page.find("li", class_="is-invalid")[0][1]


@pytest.mark.django_db
def test_an_object_is_named_on_its_chip():
    city = MunicipalityFactory(fukuoka=True)
    assert [label for label, _ in chips(f"municipality={city.pk}")] == ["自治体：福岡市"]


def test_no_filters_no_chips():
    assert not render("{% filter_chips f %}", f=Filter(None, Agreement.objects.none())).find("ul")


# -- Forms --------------------------------------------------------------------------------------------
class ItemForm(forms.Form):
    text = forms.CharField(label="本文", help_text="原文のとおり")
    fields_ = forms.MultipleChoiceField(
        label="分野", choices=[("01", "まち"), ("02", "産業")], widget=forms.CheckboxSelectMultiple
    )
    confirmed = forms.BooleanField(label="確認した", required=False)
    secret = forms.IntegerField(widget=forms.HiddenInput)


ItemFormSet = forms.formset_factory(ItemForm, extra=0, can_order=True, can_delete=True)


def test_a_field_shows_label_mark_hint_control_and_error_in_this_order():
    html = str(ItemForm({})["text"].as_field_group())
    places = [html.index(part) for part in ("本文", "※必須", "原文のとおり", "<input", "必須です")]
    assert places == sorted(places)


def test_hint_and_error_are_tied_to_the_control():
    page = Page(ItemForm({})["text"].as_field_group())
    described = page.find("input", name="text")[0][0]["aria-describedby"].split()
    ids = {attrs["id"] for _, attrs, _ in page.elements if "id" in attrs}
    assert len(described) == 2
    assert set(described) <= ids


def test_a_group_of_choices_is_a_fieldset_and_a_single_box_carries_its_label():
    group = Page(ItemForm()["fields_"].as_field_group())
    assert group.find("fieldset")
    assert "分野" in group.find("legend")[0][1]
    box = Page(ItemForm()["confirmed"].as_field_group())
    assert box.find("label")[0][1] == "確認した"


def test_error_summary_links_every_error_to_an_existing_field():
    form = ItemForm({"fields_": "99"})
    page = render("{% error_summary form %}{{ form }}", form=form)
    ids = {attrs["id"] for _, attrs, _ in page.elements if "id" in attrs}
    links = page.find("a")
    assert {attrs["href"].removeprefix("#") for attrs, _ in links} == {"id_text", "id_fields__0"}
    assert {attrs["href"].removeprefix("#") for attrs, _ in links} <= ids
    assert "3件" in page.find("h2")[0][1]  # the hidden field's error is told without a link


def test_error_summary_numbers_rows_as_the_user_ordered_them_and_skips_deleted_ones():
    data = {"items-TOTAL_FORMS": "3", "items-INITIAL_FORMS": "0"}
    for index, order in enumerate(["3", "2", "1"]):
        data |= {
            f"items-{index}-{key}": value
            for key, value in {"ORDER": order, "fields_": ["01"], "secret": "1"}.items()
        }
    data |= {"items-0-text": "a", "items-1-DELETE": "on"}
    formset = ItemFormSet(data, prefix="items")
    formset.noun = "連携事項"
    assert not formset.is_valid()
    page = render("{% error_summary formset %}", formset=formset)
    assert [(attrs["href"], text.partition("：")[0]) for attrs, text in page.find("a")] == [
        ("#id_items-2-text", "連携事項 1行目 本文")
    ]


def test_error_summary_is_silent_without_errors():
    assert not render("{% error_summary form nothing %}", form=ItemForm()).elements


def test_formset_renders_rows_in_order_and_a_template_row(tmp_path, settings):
    (tmp_path / "row.html").write_text("{{ form.text.as_field_group }}", encoding="utf-8")
    templates = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    settings.TEMPLATES = templates
    formset = ItemFormSet(
        {
            "items-TOTAL_FORMS": "2",
            "items-INITIAL_FORMS": "0",
            "items-0-ORDER": "2",
            "items-0-text": "後",
            "items-1-ORDER": "1",
            "items-1-text": "先",
        },
        prefix="items",
    )
    html = render_to_string(
        "components/formset.html", {"formset": formset, "noun": "連携事項", "row_template": "row.html"}
    )
    page = Page(html)
    assert [attrs["value"] for attrs, _ in page.find("input", type="text") if "value" in attrs] == [
        "先",
        "後",
    ]
    assert page.find("input", name="items-__prefix__-text")
    assert page.find("button", name="add_row")[0][0]["value"] == "items"


# -- Pages --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [400, 403, 404, 409, 413, 429, 500])
def test_error_pages_render_without_any_context_and_show_the_id(code):
    template = get_template(f"{code}.html")
    assert Page(template.render()).find("h1")
    assert "7f3a" in template.render({"error_id": "7f3a"})


def test_an_unknown_icon_fails_loudly():
    with pytest.raises(Exception, match="no-such-icon"):
        ui.icon("no-such-icon")
