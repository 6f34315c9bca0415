"""A hostile text in every text field of every row, by introspection: a new field is attacked too."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

# Longest first: each field gets the longest that fits.
MARKUP = (
    "'\"><x-mark x-mark=1>{{7*7}}${7*7}<script>x()</script><img onerror=x()></textarea></title>' OR 1=1;--",
    "'\"><x-mark x-mark=1>{{7*7}}<img onerror=1>",
    '"><x-mark>{{7*7}}',
    "\"'><x-mark>",
    "<x-mark>",
)
FORMULA = ('=HYPERLINK("http://x-mark.example","x-mark")', "=1+1|x-mark", "=x-mark", "=1")

# Not typed by anyone: keys, digests, facts measured from a file. The audit itself refuses every change.
_MEASURED = {
    *("password", "sha256", "content_type", "code", "prefecture_code", "corporate_number", "file"),
    *("kind", "file_kind"),
}
_MACHINE = {"AuditChain", "AuditEvent", "LoginFailure", "PasswordHistory"}


def text_fields() -> Iterator[tuple[type[models.Model], list[models.Field]]]:
    """Every model of ours, the histories included, with the fields in which someone's text can stand."""
    for label in ("agreements", "municipalities"):
        for model in apps.get_app_config(label).get_models():
            if model.__name__ in _MACHINE:
                continue
            found = [
                field
                for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField)
                and not field.choices
                and not field.name.startswith("history_")
                and field.name not in _MEASURED
            ]
            if found:
                yield model, found


def plant(texts: tuple[str, ...]) -> int:
    """Overwrite all these fields past every check, as a hole could have; returns how many values."""
    planted = 0
    for model, fields in text_fields():
        for pk in model._base_manager.values_list("pk", flat=True):
            values = {field.name: _fitting(texts, field, pk) for field in fields}
            values = {name: value for name, value in values.items() if value}
            model._base_manager.filter(pk=pk).update(**values)
            planted += len(values)
    return planted


def _fitting(texts: tuple[str, ...], field: models.Field, pk: object) -> str | None:
    """With the key at its end, so that nothing unique collides."""
    room = field.max_length or 10_000
    return next((f"{text}{pk}" for text in texts if len(f"{text}{pk}") <= room), None)
