"""Forms from the project's templates, but inputs and selects without several for each of them."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in ("date", "email", "hidden", "input", "number", "tel", "text", "url")
)


_SELECT = "django/forms/widgets/select.html"
_OPTION = "django/forms/widgets/select_option.html"


class FormRenderer(TemplatesSetting):
    """The conditions of a list alone have a dozen inputs."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name in _INPUTS:
            return input_html(context["widget"])
        if template_name == _SELECT and _is_plain(context["widget"]):
            return select_html(context["widget"])
        return super().render(template_name, context, request)


def input_html(widget: dict[str, Any]) -> SafeString:
    """As `django/forms/widgets/input.html` writes it."""
    value = widget["value"]
    return format_html(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        "" if value is None else format_html(' value="{}"', str(value)),
        _attributes(widget["attrs"]),
    )


def select_html(widget: dict[str, Any]) -> SafeString:
    """As `django/forms/widgets/select.html` writes it."""
    groups = [
        format_html('<optgroup label="{}">{}</optgroup>', name, _options(options))
        if name
        else _options(options)
        for name, options, _place in widget["optgroups"]
    ]
    return format_html(
        '<select name="{}"{}>{}</select>',
        widget["name"],
        _attributes(widget["attrs"]),
        format_html_join("", "{}", ((group,) for group in groups)),
    )


def _options(options: list[dict[str, Any]]) -> SafeString:
    return format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((str(each["value"]), _attributes(each["attrs"]), each["label"]) for each in options),
    )


def _attributes(attrs: dict[str, Any]) -> SafeString:
    return flatatt({name: each for name, each in attrs.items() if each is not False})


def _is_plain(widget: dict[str, Any]) -> bool:
    """Whether every option is written by Django's own template."""
    return all(
        option["template_name"] == _OPTION for _name, options, _ in widget["optgroups"] for option in options
    )
