"""Who may see and edit what: the one place that knows.

Roles (`municipalities.choices.Role`) work inside a person's own municipality:

- viewer: sees everything of the municipality;
- editor: also writes the agreements and actions of the own 課;
- manager (企画課): writes everything of the municipality, approves, signs, publishes, renews, manages staff;
- system admin (`is_superuser`): sees and writes everything, belongs to no municipality.

Everyone sees other municipalities' *published* agreements, without their internal fields.

The functions return `Q` objects or booleans, so that a QuerySet (`visible_to`, `editable_by`), a form
and a template ask the same question. A `prefix` reaches the rows through a relation: ``"agreement__"``.
"""

from typing import Any

from django.db.models import Q

from .choices import ApiScope, Role

_NOTHING = Q(pk__in=())


def is_staff_of_a_municipality(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active and user.municipality_id)


def is_system_admin(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


def is_manager(user: Any) -> bool:
    """May publish, renew and manage staff in the own municipality."""
    return is_system_admin(user) or (is_staff_of_a_municipality(user) and user.role == Role.MANAGER)


def role_of(user: Any) -> str:
    """The role by name, system admins included; settings name roles so."""
    return "system_admin" if is_system_admin(user) else user.role


def may_register(user: Any) -> bool:
    """May register agreements (in the own municipality) and companies."""
    return is_staff_of_a_municipality(user) and user.role in {Role.EDITOR, Role.MANAGER}


def may_import(user: Any) -> bool:
    """May import ledgers: managers all of the municipality, editors what belongs to their 課."""
    return may_register(user)


def may_keep_clauses(user: Any) -> bool:
    """May keep the 条項ひな形 of the own municipality: whoever writes its agreements."""
    return may_register(user)


def keepable_clauses(user: Any) -> Q:
    """条項ひな形 the person may write."""
    return own_municipality(user) if may_keep_clauses(user) else _NOTHING


def may_edit_companies(user: Any) -> bool:
    """Companies are shared master data: whoever registers agreements keeps them right; history tells who."""
    return is_system_admin(user) or may_register(user)


def may_merge_companies(user: Any) -> bool:
    """May make one of two companies: that reaches into the agreements of other municipalities."""
    return is_manager(user)


def own_municipality(user: Any, prefix: str = "") -> Q:
    """Rows with a `municipality` that is the person's own."""
    if is_system_admin(user):
        return Q()
    if is_staff_of_a_municipality(user):
        return Q(**{f"{prefix}municipality": user.municipality_id})
    return _NOTHING


def managed_municipality(user: Any, prefix: str = "") -> Q:
    """Rows with a `municipality` of which the person is a manager."""
    return own_municipality(user, prefix) if is_manager(user) else _NOTHING


def readable_audit(user: Any, prefix: str = "") -> Q:
    """操作記録 the person may read: managers their municipality's, system admins all."""
    return managed_municipality(user, prefix)


def visible_agreements(user: Any, prefix: str = "") -> Q:
    """Agreements of the own municipality, and everyone's published ones."""
    published = Q(**{f"{prefix}publication": "published"})
    if is_system_admin(user):
        return Q()
    if is_staff_of_a_municipality(user):
        return own_municipality(user, prefix) | published
    return _NOTHING


def internal_agreements(user: Any, prefix: str = "") -> Q:
    """Agreements whose internal fields (課, contacts, notes, drafts, history) the person may read."""
    return own_municipality(user, prefix)


def may_see_internal(user: Any, agreement: Any) -> bool:
    """The same rule as `internal_agreements`, for one object at hand."""
    return is_system_admin(user) or (
        is_staff_of_a_municipality(user) and agreement.municipality_id == user.municipality_id
    )


def editable_agreements(user: Any, prefix: str = "") -> Q:
    """Agreements the person may write: managers all of the municipality, editors those of their 課."""
    if is_system_admin(user):
        return Q()
    if not is_staff_of_a_municipality(user):
        return _NOTHING
    own = own_municipality(user, prefix)
    if user.role == Role.MANAGER:
        return own
    if user.role == Role.EDITOR and user.department_id:
        return own & (
            Q(**{f"{prefix}department": user.department_id})
            | Q(**{f"{prefix}department": None, f"{prefix}created_by": user.pk})
        )
    return _NOTHING


def may_edit(user: Any, agreement: Any) -> bool:
    """The same rule as `editable_agreements`, for one object at hand."""
    if is_system_admin(user):
        return True
    if not is_staff_of_a_municipality(user) or agreement.municipality_id != user.municipality_id:
        return False
    if user.role == Role.MANAGER:
        return True
    if user.role != Role.EDITOR or user.department_id is None:
        return False
    if agreement.department_id is None:
        return agreement.created_by_id == user.pk
    return agreement.department_id == user.department_id


def editable_actions(user: Any, prefix: str = "") -> Q:
    """取組 the person may write: those of agreements the person may write, and an editor those of the own 課,
    also where another 課 keeps the agreement."""
    of_agreement = editable_agreements(user, f"{prefix}agreement__")
    if is_system_admin(user) or not is_staff_of_a_municipality(user) or user.role != Role.EDITOR:
        return of_agreement
    if not user.department_id:
        return of_agreement
    own = own_municipality(user, f"{prefix}agreement__")
    return of_agreement | (own & Q(**{f"{prefix}department": user.department_id}))


def may_edit_action(user: Any, action: Any) -> bool:
    """The same rule as `editable_actions`, for one object at hand."""
    if may_edit(user, action.agreement):
        return True
    return (
        may_see_internal(user, action.agreement)
        and is_staff_of_a_municipality(user)
        and user.role == Role.EDITOR
        and user.department_id is not None
        and action.department_id == user.department_id
    )


# -- Other systems of the municipality (API tokens) -----------------------------------------------------
# A token is nobody (`models.api_token.ApiPrincipal`): the rules above give it nothing, its scopes the rest.
def has_scope(principal: Any, scope: str) -> bool:
    """Whether a token was issued for this; people have no scopes."""
    return scope in getattr(principal, "scopes", ())


def api_readable(principal: Any, prefix: str = "") -> Q:
    """Rows with a `municipality` whose internal values the token may read: its own, never others'."""
    if not has_scope(principal, ApiScope.READ):
        return _NOTHING
    return Q(**{f"{prefix}municipality": principal.municipality_id})


def api_reportable_actions(principal: Any, prefix: str = "") -> Q:
    """取組 whose progress the token may record: all of its municipality, whatever the 課."""
    if not has_scope(principal, ApiScope.WRITE_PROGRESS):
        return _NOTHING
    return Q(**{f"{prefix}agreement__municipality": principal.municipality_id})


# States of an agreement in which its 課 still works on it (`agreements.domain.lifecycle`).
_BEFORE_APPROVAL = frozenset({"proposed", "reviewing", "negotiating"})


def may_decide(user: Any, agreement: Any) -> bool:
    """May approve, send back, sign, suspend, end and take back steps: managers of the municipality."""
    return is_manager(user) and may_edit(user, agreement)


def may_move(user: Any, agreement: Any) -> bool:
    """May take the agreement's next step: its editors up to 決裁に回す, managers always."""
    if agreement.state in _BEFORE_APPROVAL:
        return may_edit(user, agreement)
    return may_decide(user, agreement)


def answerable_opinions(user: Any) -> Q:
    """庁内意見照会 the person may answer: everyone of the asked 課, whatever the role; managers for any."""
    if is_system_admin(user):
        return Q()
    if not is_staff_of_a_municipality(user):
        return _NOTHING
    own = own_municipality(user, "agreement__")
    return own if user.role == Role.MANAGER else own & Q(department=user.department_id or 0)


def assignable_departments(user: Any) -> Q:
    """課 a person may make responsible: managers any of the municipality, editors their own."""
    if is_manager(user):
        return own_municipality(user)
    if is_staff_of_a_municipality(user) and user.role == Role.EDITOR and user.department_id:
        return Q(pk=user.department_id)
    return _NOTHING
