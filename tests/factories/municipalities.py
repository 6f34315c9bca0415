import factory
from factory.django import DjangoModelFactory

from municipalities.choices import MunicipalityKind, Role
from municipalities.models import Department, Municipality, StaffMember
from municipalities.municipality_code import check_digit

PASSWORD = "kyoutei-test-2026"


def _made_up_code(number: int) -> str:
    """A code with a right check digit that no real body has (none is numbered 800 or above)."""
    prefecture, rest = divmod(number, 200)
    digits = f"{prefecture % 47 + 1:02}{800 + rest}"
    return digits + check_digit(digits)


def _real(
    code: str, kind: str, prefecture: str, name: str, name_kana: str, county: str = ""
) -> factory.Trait:
    return factory.Trait(
        code=code, kind=kind, prefecture=prefecture, county=county, name=name, name_kana=name_kana
    )


class MunicipalityFactory(DjangoModelFactory):
    class Meta:
        model = Municipality
        django_get_or_create = ("code",)

    class Params:
        fukuoka = _real("401307", MunicipalityKind.DESIGNATED_CITY, "福岡県", "福岡市", "ふくおかし")
        obuse = _real("205419", MunicipalityKind.TOWN, "長野県", "小布施町", "おぶせまち", "上高井郡")
        saitama = _real("111007", MunicipalityKind.DESIGNATED_CITY, "埼玉県", "さいたま市", "さいたまし")
        sendai = _real("041009", MunicipalityKind.DESIGNATED_CITY, "宮城県", "仙台市", "せんだいし")
        yamagata = _real("062014", MunicipalityKind.CITY, "山形県", "山形市", "やまがたし")
        hokkaido = _real("010006", MunicipalityKind.PREFECTURE, "北海道", "北海道", "ほっかいどう")

    code = factory.Sequence(_made_up_code)
    kind = MunicipalityKind.CITY
    prefecture = "北海道"
    prefecture_code = factory.LazyAttribute(lambda body: body.code[:2])
    county = ""
    name = factory.Sequence(lambda number: f"見本第{number}市")
    name_kana = factory.Sequence(lambda number: f"みほんだい{number}し")


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    municipality = factory.SubFactory(MunicipalityFactory)
    name = factory.Sequence(lambda number: f"企画第{number}課")
    name_kana = factory.Sequence(lambda number: f"きかくだい{number}か")


class StaffMemberFactory(DjangoModelFactory):
    """A viewer of a municipality unless a trait says otherwise; everyone's password is `PASSWORD`."""

    class Meta:
        model = StaffMember
        skip_postgeneration_save = True

    class Params:
        viewer = factory.Trait(role=Role.VIEWER)
        editor = factory.Trait(role=Role.EDITOR)
        manager = factory.Trait(role=Role.MANAGER)
        system_admin = factory.Trait(municipality=None, department=None, is_staff=True, is_superuser=True)

    username = factory.Sequence(lambda number: f"staff-{number}")
    password = factory.django.Password(PASSWORD)
    name = factory.Sequence(lambda number: f"見本 職員{number}")
    name_kana = factory.Sequence(lambda number: f"みほん しょくいん{number}")
    municipality = factory.SubFactory(MunicipalityFactory)
    department = factory.SubFactory(DepartmentFactory, municipality=factory.SelfAttribute("..municipality"))
    role = Role.VIEWER
