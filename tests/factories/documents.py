import hashlib

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from agreements.choices import DocumentKind
from agreements.models import AgreementDocument
from tests.sample_files import pdf

from .agreements import AgreementFactory


class DocumentFactory(DjangoModelFactory):
    """A PDF on the disk, internal; `content` and `content_type` replace it; `paper=True`: only on a shelf."""

    class Meta:
        model = AgreementDocument

    class Params:
        content = pdf()
        paper = factory.Trait(
            is_paper_only=True,
            shelf_location="企画課 書庫A-3",
            file="",
            original_name="",
            size=None,
            sha256="",
            content_type="",
        )

    agreement = factory.SubFactory(AgreementFactory)
    kind = DocumentKind.OTHER
    title = factory.Sequence(lambda number: f"見本の書類{number}")
    version = 1
    original_name = "見本.pdf"
    content_type = "application/pdf"
    file = factory.LazyAttribute(lambda document: ContentFile(document.content, "any.pdf"))
    size = factory.LazyAttribute(lambda document: len(document.content))
    sha256 = factory.LazyAttribute(lambda document: hashlib.sha256(document.content).hexdigest())
