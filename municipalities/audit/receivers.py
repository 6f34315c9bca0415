"""What records itself: logins, credentials, and changes of fields that somebody named here.

Connected in `MunicipalitiesConfig.ready`; other apps name their fields with `watch`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import models
from django.db.models.signals import post_save, pre_save
from django.http import HttpRequest

from municipalities.choices import AuditKind
from municipalities.models import StaffMember

from .recording import record

_PERMISSIONS = ("municipality", "department", "role", "is_active", "is_superuser")


def connect() -> None:
    pairs = [
        (user_logged_in, on_login),
        (user_logged_out, on_logout),
        (user_login_failed, on_login_failed),
        (authentication_failed, on_second_factor_failed),
        (password_changed, on_password("パスワードを変更")),
        (password_set, on_password("パスワードを設定")),
        (password_reset, on_password("パスワードを再設定")),
        (authenticator_added, on_authenticator("追加")),
        (authenticator_removed, on_authenticator("削除")),
        (authenticator_reset, on_authenticator("再発行")),
    ]
    for signal, receiver in pairs:
        signal.connect(receiver, weak=False, dispatch_uid=f"municipalities.audit.{id(signal)}")
    watch(StaffMember, _PERMISSIONS, lambda before, after: AuditKind.PERMISSION_CHANGE)


# -- Logins -------------------------------------------------------------------------------------------
def on_login(sender: Any, request: HttpRequest, user: StaffMember, **kwargs: Any) -> None:
    methods = [each["method"] for each in request.session.get("account_authentication_methods", [])]
    details: dict[str, Any] = {"認証方法": methods} if methods else {}
    record(AuditKind.LOGIN, request=request, actor=user, target=user, **details)


def on_logout(sender: Any, request: HttpRequest, user: StaffMember | None, **kwargs: Any) -> None:
    if user is not None:
        record(AuditKind.LOGOUT, request=request, actor=user, target=user)


def on_login_failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """An account that exists is named; any other name is kept in outline: people type passwords there."""
    typed = str(credentials.get("username") or credentials.get("email") or "")
    member = StaffMember.objects.filter(username__iexact=typed).first() if typed else None
    if member:
        record(AuditKind.LOGIN_FAILED, request=request, target=member)
    else:
        record(AuditKind.LOGIN_FAILED, request=request, 入力された名前=_outline(typed))


def on_second_factor_failed(sender: Any, request: HttpRequest, user: StaffMember, **kwargs: Any) -> None:
    record(AuditKind.LOGIN_FAILED, request=request, target=user, 段階="二要素認証")


def _outline(typed: str) -> str:
    return f"{typed[:2]}…（{len(typed)}文字）" if typed else ""


# -- Credentials --------------------------------------------------------------------------------------
def on_password(what: str) -> Callable[..., None]:
    def receiver(sender: Any, request: HttpRequest, user: StaffMember, **kwargs: Any) -> None:
        record(AuditKind.CREDENTIAL_CHANGE, request=request, actor=user, target=user, 内容=what)

    return receiver


def on_authenticator(what: str) -> Callable[..., None]:
    def receiver(
        sender: Any, request: HttpRequest, user: StaffMember, authenticator: Authenticator, **kwargs: Any
    ) -> None:
        kind = authenticator.get_type_display()
        record(
            AuditKind.CREDENTIAL_CHANGE, request=request, target=user, 内容=f"二要素認証を{what}", 種類=kind
        )

    return receiver


# -- Fields -------------------------------------------------------------------------------------------
def watch(
    model: type[models.Model],
    names: Iterable[str],
    kind_of: Callable[[Any, Any], AuditKind],
) -> None:
    """Record every saved change of these fields, whoever saves; one event for each save.

    A new row is compared with the fields' defaults. `kind_of(before, after)` gets the first changed field's
    values. What `QuerySet.update` writes goes unseen: whoever calls it records it.
    """
    names = tuple(names)
    before = f"_watched_{'_'.join(names)}"
    fields: list[Any] = [model._meta.get_field(name) for name in names]

    def remember(sender: Any, instance: Any, raw: bool = False, update_fields: Any = None, **_: Any) -> None:
        written = [
            field
            for field in fields
            if update_fields is None or {field.name, field.attname} & {*update_fields}
        ]
        if raw or not written:
            return
        stored = None
        if not instance._state.adding:
            keys = [field.attname for field in written]
            stored = model._base_manager.filter(pk=instance.pk).values(*keys).first()
        stored = stored or {field.attname: field.get_default() for field in written}
        setattr(instance, before, stored)

    def compare(sender: Any, instance: Any, **_: Any) -> None:
        stored = instance.__dict__.pop(before, {})
        changed = [
            field
            for field in fields
            if field.attname in stored and stored[field.attname] != getattr(instance, field.attname)
        ]
        if not changed:
            return
        first = changed[0].attname
        changes = {
            str(field.verbose_name): [
                _words(field, stored[field.attname]),
                _words(field, getattr(instance, field.attname)),
            ]
            for field in changed
        }
        record(kind_of(stored[first], getattr(instance, first)), target=instance, 変更=changes)

    uid = f"municipalities.audit.watch.{model._meta.label_lower}.{'.'.join(names)}"
    pre_save.connect(remember, sender=model, weak=False, dispatch_uid=f"{uid}.before")
    post_save.connect(compare, sender=model, weak=False, dispatch_uid=f"{uid}.after")


def _words(field: Any, value: Any) -> str:
    """The value as a person reads it; names, because what a key stands for may be renamed later."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if field.is_relation:
        return str(field.related_model._base_manager.filter(pk=value).first() or value)
    return str(dict(field.flatchoices).get(value, value))
