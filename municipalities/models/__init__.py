from .department import Department
from .municipality import Municipality, MunicipalityFormerName
from .staff_member import StaffMember

__all__ = ["Department", "Municipality", "MunicipalityFormerName", "StaffMember"]
