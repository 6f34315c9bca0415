"""Who is told: the 担当者, else the editors of the 課, else the managers. Disabled staff never."""

from collections import defaultdict
from dataclasses import dataclass, field

from municipalities.choices import Role
from municipalities.models import StaffMember


@dataclass(frozen=True, slots=True)
class Owners:
    """The active staff, by the ways in which somebody answers for something. Values are keys."""

    people: dict[int, int] = field(default_factory=dict)  # person -> municipality
    editors: dict[int, list[int]] = field(default_factory=dict)  # 課 -> people
    members: dict[int, list[int]] = field(default_factory=dict)  # 課 -> people of any role
    managers: dict[int, list[int]] = field(default_factory=dict)  # municipality -> people

    def of(self, municipality: int, person: int | None, department: int | None) -> list[int]:
        if person is not None and self.people.get(person) == municipality:
            return [person]
        return self.editors.get(department or 0) or self.managers.get(municipality, [])

    def of_asked(self, municipality: int, department: int) -> list[int]:
        """Of a 庁内意見照会, which everyone of the 課 may answer."""
        editors = self.editors.get(department) or self.members.get(department)
        return editors or self.managers.get(municipality, [])


def load_owners(municipality: int | None = None) -> Owners:
    """One query. `municipality`: of this one alone."""
    staff = StaffMember.objects.filter(is_active=True, municipality__isnull=False)
    if municipality is not None:
        staff = staff.filter(municipality=municipality)
    people: dict[int, int] = {}
    editors, members, managers = defaultdict(list), defaultdict(list), defaultdict(list)
    rows = staff.order_by("pk").values_list("pk", "municipality_id", "department_id", "role")
    for pk, own, department, role in rows:
        people[pk] = own
        if department is not None:
            members[department].append(pk)
            if role in {Role.EDITOR, Role.MANAGER}:
                editors[department].append(pk)
        if role == Role.MANAGER:
            managers[own].append(pk)
    return Owners(people, dict(editors), dict(members), dict(managers))
