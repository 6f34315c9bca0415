import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from agreements.choices import ImportOutcome
from agreements.models import ImportMapping, ImportRow, LedgerImport

from .municipalities import MunicipalityFactory, StaffMemberFactory


class LedgerImportFactory(DjangoModelFactory):
    """A small CSV of agreements that was sent, its columns not settled yet."""

    class Meta:
        model = LedgerImport

    municipality = factory.SubFactory(MunicipalityFactory)
    by = factory.SubFactory(
        StaffMemberFactory, editor=True, municipality=factory.SelfAttribute("..municipality")
    )
    kind = "agreements"
    original_name = factory.Sequence(lambda number: f"協定一覧{number}.csv")
    file = factory.LazyFunction(
        lambda: ContentFile("協定名称,締結日\n見本の協定,R2.9.23\n".encode(), "any.csv")
    )
    file_kind = "csv"
    size = 50
    sha256 = "0" * 64
    header_row = 1


class ImportRowFactory(DjangoModelFactory):
    class Meta:
        model = ImportRow

    ledger_import = factory.SubFactory(LedgerImportFactory)
    number = factory.Sequence(lambda number: number + 2)
    label = factory.Sequence(lambda number: f"見本の協定{number}")
    outcome = ImportOutcome.CREATE


class ImportMappingFactory(DjangoModelFactory):
    class Meta:
        model = ImportMapping

    municipality = factory.SubFactory(MunicipalityFactory)
    kind = "agreements"
    signature = factory.Sequence(lambda number: f"{number:064}")
    mapping = factory.LazyFunction(lambda: {"title": 0})
