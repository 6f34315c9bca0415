"""The shared look in templates: icons, badges, dates, navigation. A builtin library: no `{% load %}` needed.

`docs/design.md` lists every component with its call.
"""

import functools
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models import Model
from django.forms import BaseForm, BaseFormSet, BoundField, ModelChoiceField
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.choices import flatten_choices
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from municipalities import fiscal_year as fiscal_years
from municipalities import wareki as japanese_dates

register = template.Library()

NOT_RECORDED = mark_safe('<span aria-hidden="true">—</span><span class="visually-hidden">未登録</span>')

# A tone is a colour set of tokens.css; colour never stands alone, so each state has its icon too.
STATES = {
    "proposed": ("blue", "inbox"),
    "reviewing": ("blue", "users"),
    "negotiating": ("cyan", "messages-square"),
    "approving": ("purple", "stamp"),
    "active": ("green", "handshake"),
    "suspended": ("yellow", "circle-pause"),
    "ended": ("gray", "archive"),
    "declined": ("gray", "ban"),
    # of a 取組
    "planned": ("gray", "circle-dashed"),
    "in_progress": ("blue", "circle-play"),
    "done": ("green", "circle-check"),
    "cancelled": ("gray", "ban"),
    # of a すり合わせ
    "filling": ("blue", "file-pen"),
    "opened": ("yellow", "eye"),
    "confirmed": ("green", "circle-check"),
    # of what a company sent
    "pending": ("orange", "inbox"),
    "accepted": ("green", "circle-check"),
    "partly": ("cyan", "circle-dot"),
    "rejected": ("gray", "ban"),
    "replaced": ("gray", "archive"),
}
PUBLICATIONS = {
    "private": ("gray", "lock"),
    "preparing": ("yellow", "file-pen"),
    "published": ("green", "globe"),
    "withdrawn": ("orange", "globe-off"),
}
WARNINGS = {
    "renewal_due": ("更新判断期", "orange", "alarm-clock"),
    "expired": ("満了超過", "red", "calendar-x"),
    "dormant": ("形骸化疑い", "yellow", "moon"),
    "overdue": ("期限超過", "red", "clock-alert"),
    "due_soon": ("期限間近", "orange", "clock"),
    "no_actions": ("取組なし", "yellow", "circle-dashed"),
    "unready": ("未整備", "gray", "circle-question-mark"),
    "deleted": ("削除済み", "gray", "trash-2"),
    "internal": ("内部用", "purple", "lock"),
    "demo": ("見本データ", "gray", "flask-conical"),
}
GRADES = {
    "A": ("良好", "green", "circle-check"),
    "B": ("軽微な補正", "cyan", "circle-dot"),
    "C": ("要協議", "yellow", "triangle-alert"),
    "D": ("要仕切り直し", "red", "octagon-alert"),
}


# -- Icons and badges -------------------------------------------------------------------------------
@functools.lru_cache(maxsize=512)
def _svg(name: str, label: str) -> SafeString:
    attributes = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    svg = lucide(name, size=None, **{"class": "icon", "focusable": "false", **attributes})
    return mark_safe("".join(line.strip() for line in svg.splitlines()))  # noqa: S308  (from the wheel)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A lucide icon as inline SVG. Decorative (hidden from screen readers) unless it has a `label`.

    Raises lucide.IconDoesNotExist for an unknown name.
    """
    return _svg(str(name), str(label))


@register.simple_tag
def badge(label: str, tone: str = "gray", icon: str = "") -> SafeString:
    """A word on a tone: gray, blue, cyan, purple, green, yellow, orange or red."""
    return _badge(label, tone, icon)


# `typed`: what is already safe must not answer for the same words that are not.
@functools.lru_cache(maxsize=512, typed=True)
def _badge(label: Any, tone: str, icon: str) -> SafeString:
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, _svg(icon, "") if icon else "", label)


@register.simple_tag
def state_badge(record: Any) -> SafeString:
    """The state of an agreement or 取組 (anything with `state` and `get_state_display`)."""
    return badge(record.get_state_display(), *STATES[record.state])


@register.simple_tag
def publication_badge(agreement: Any) -> SafeString:
    return badge(agreement.get_publication_display(), *PUBLICATIONS[agreement.publication])


@register.simple_tag
def warning_badge(key: str, label: str = "") -> SafeString:
    """A derived warning (`WARNINGS` has the keys); `label` replaces the usual word."""
    word, tone, name = WARNINGS[key]
    return badge(label or word, tone, name)


@register.simple_tag
def grade_badge(grade: str | None, word: str = "判定前") -> SafeString:
    """A diagnosis grade A–D with its meaning; `word` stands for no grade (判定前, 対象なし, 未整備)."""
    if not grade:
        return badge(word, "gray", "circle-dashed")
    meaning, tone, name = GRADES[grade]
    return badge(f"{grade} {meaning}", tone, name)


# -- Values -----------------------------------------------------------------------------------------
@register.filter
def wareki(value: date | None) -> str:
    """「令和2年9月23日」; 「—」 (read as 未登録) for None. Of a moment, the day it was in Japan."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localdate(value)
    return japanese_dates.format_wareki(value) if value else NOT_RECORDED


@register.filter
def fiscal_year(value: int | date | None) -> str:
    """「令和元年度」 for 2019, or for a date in it; 「—」 for None."""
    if value is None:
        return NOT_RECORDED
    return fiscal_years.label(fiscal_years.fiscal_year_of(value) if isinstance(value, date) else value)


@register.filter
def or_dash(value: Any) -> Any:
    """The value, or 「—」 (read as 未登録) when there is none. 0 is a value."""
    return NOT_RECORDED if value is None or value == "" else value


@register.filter
def figure(value: Decimal | int | None) -> str:
    """A number as people write it: 「1,060」, 「45.5」; 「—」 for None."""
    if value is None:
        return NOT_RECORDED
    whole, _, rest = f"{value:f}".partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")


# -- Navigation -------------------------------------------------------------------------------------
@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, view_name: str, label: str, icon: str, *also: str) -> dict[str, Any]:
    """One entry of the global navigation; marks the page itself and the section it belongs to.

    `also`: beginnings of the paths of pages that belong to the section without lying below it.
    """
    url = reverse(view_name)
    request = context.get("request")
    path, inner = (request.path, request.path_info) if request else ("", "")
    in_section = (url != "/" and path.startswith(url)) or inner.startswith(also)
    current = "page" if path == url else "true" if in_section else ""
    return {"url": url, "label": label, "icon": icon, "current": current}


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(*parts: str) -> dict[str, Any]:
    """`{% breadcrumb "協定" list_url agreement %}`: label and URL in turn; the last label is this page."""
    pairs = zip(parts[0::2], [*parts[1::2], ""], strict=False)
    return {"crumbs": [{"label": label, "url": url} for label, url in pairs]}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: Context, label: str, key: str, numeric: bool = False, param: str = "sort", default: str = ""
) -> dict[str, Any]:
    """A `<th>` whose link sorts by `key` (`?sort=key` / `?sort=-key`), keeping filters, back to page 1.

    `default` is the order of the list when the URL names none.
    """
    query = context["request"].GET.copy()
    active = query.get(param, default).split(",")[0]
    query.pop("page", None)
    query[param] = f"-{key}" if active == key else key
    order = {key: "ascending", f"-{key}": "descending"}.get(active, "")
    return {"label": label, "url": f"?{query.urlencode()}", "order": order, "numeric": numeric}


@register.inclusion_tag("components/filter_chips.html", takes_context=True)
def filter_chips(context: Context, filterset: Any, sort: str = "sort") -> dict[str, Any]:
    """Every applied filter of a django-filter FilterSet, also an invalid one, with a link that removes it."""
    query = context["request"].GET
    form = filterset.form
    chips = []
    form.is_valid()  # fills cleaned_data, also beside invalid values
    for bound in form if form.is_bound else ():
        if bound.html_name == sort:
            continue
        for value in filter(None, query.getlist(bound.html_name)):
            rest = [
                (key, item)
                for key, items in query.lists()
                for item in items
                if key != "page" and not (key == bound.html_name and item == value)
            ]
            chips.append(
                {
                    "label": bound.label,
                    "value": _spoken_value(bound, value),
                    "url": f"?{urlencode(rest)}",
                    "invalid": bool(bound.errors),
                }
            )
    # Order and columns are no conditions; `view=none` is the list without the view a person begins with.
    kept = {name: query[name] for name in (sort, "columns") if query.get(name)}
    if context.get("begins_with_view"):
        kept["view"] = "none"
    return {"chips": chips, "clear_url": f"?{urlencode(kept)}"}


def _spoken_value(bound: BoundField, raw: str) -> str:
    """What the user chose, in words: a choice's label, an object's name, a date in 和暦."""
    field, cleaned = bound.field, bound.form.cleaned_data.get(bound.name)
    if isinstance(cleaned, date):
        return japanese_dates.format_wareki(cleaned)
    if isinstance(cleaned, bool):
        return "はい" if cleaned else "いいえ"
    if isinstance(field, ModelChoiceField):
        # Only the chosen objects: the choices themselves may be 300,000 companies.
        objects = [cleaned] if isinstance(cleaned, Model) else cleaned or []
        words = {str(field.prepare_value(item)): field.label_from_instance(item) for item in objects}
    else:
        choices: Iterable[tuple[Any, Any]] = flatten_choices(getattr(field, "choices", None) or ())
        words = {str(key): str(label) for key, label in choices}
    return words.get(raw, raw)


# -- Forms ------------------------------------------------------------------------------------------
@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet) -> dict[str, Any]:
    """All errors of the given forms and formsets, each linked to its field.

    A formset may carry `noun` (e.g. 連携事項): its rows are then called 「連携事項 3行目」. A list of forms
    counts as its forms, each called by its own `noun`.
    """
    errors: list[dict[str, str]] = []
    for form in _flat(forms):
        if not form or not form.is_bound:
            continue
        if isinstance(form, BaseFormSet):
            errors += _formset_errors(form)
        else:
            errors += _form_errors(form, f"{getattr(form, 'noun', '')} ".lstrip())
    return {"errors": errors}


def _flat(forms: Iterable[Any]) -> Iterator[Any]:
    for form in forms:
        yield from form if isinstance(form, list) else [form]


def _formset_errors(formset: BaseFormSet) -> Iterator[dict[str, str]]:
    noun = getattr(formset, "noun", "")
    for text in formset.non_form_errors():
        yield {"url": "", "label": noun, "message": str(text)}
    for row in in_order(formset):
        if row["number"]:
            yield from _form_errors(row["form"], f"{noun} {row['number']}行目 ".lstrip())


@register.filter
def in_order(formset: BaseFormSet) -> list[dict[str, Any]]:
    """The rows as the user ordered them: `{form, number}`; a row marked for deletion has no number."""
    rows, number = [], 0
    for form in sorted(formset.forms, key=_order):
        if formset.can_delete and "DELETE" in form.fields and form["DELETE"].value():
            rows.append({"form": form, "number": ""})
        else:
            number += 1
            rows.append({"form": form, "number": number})
    return rows


def _order(form: BaseForm) -> float:
    try:
        return int(form["ORDER"].value())
    except (KeyError, TypeError, ValueError):
        return float("inf")  # a new row comes last


def _form_errors(form: BaseForm, prefix: str = "") -> Iterator[dict[str, str]]:
    for text in form.non_field_errors():
        yield {"url": "", "label": prefix.strip(), "message": str(text)}
    for bound in form:
        for text in bound.errors:
            # A group of radio buttons or check boxes has no element of its own id to focus: take the first.
            target = bound.id_for_label or (f"{bound.auto_id}_0" if bound.use_fieldset else bound.auto_id)
            url = "" if bound.is_hidden else f"#{target}"
            yield {"url": url, "label": f"{prefix}{bound.label}", "message": str(text)}
