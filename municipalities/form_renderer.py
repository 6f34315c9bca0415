"""Forms from the project's templates, but the plainest widget, one `<input>`, without three of them."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

_INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in ("date", "email", "hidden", "input", "number", "tel", "text", "url")
)


class FormRenderer(TemplatesSetting):
    """The conditions of a list alone have a dozen inputs."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name not in _INPUTS:
            return super().render(template_name, context, request)
        return input_html(context["widget"])


def input_html(widget: dict[str, Any]) -> SafeString:
    """As `django/forms/widgets/input.html` writes it."""
    value = widget["value"]
    return format_html(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        "" if value is None else format_html(' value="{}"', str(value)),
        flatatt({name: each for name, each in widget["attrs"].items() if each is not False}),
    )
