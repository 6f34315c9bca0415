"""Choices of the municipality side (a leaf: imports nothing of ours)."""

from django.db.models import TextChoices


class MunicipalityKind(TextChoices):
    PREFECTURE = "prefecture", "都道府県"
    DESIGNATED_CITY = "designated_city", "政令指定都市"
    CITY = "city", "市"
    SPECIAL_WARD = "special_ward", "特別区"
    TOWN = "town", "町"
    VILLAGE = "village", "村"


class Role(TextChoices):
    """What a staff member may do inside their own municipality; `access.py` says what each means."""

    VIEWER = "viewer", "閲覧"
    EDITOR = "editor", "編集（自課）"
    MANAGER = "manager", "管理（企画課）"
