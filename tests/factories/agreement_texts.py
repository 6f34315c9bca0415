import factory
from factory.django import DjangoModelFactory

from agreements.choices import ClauseKind, ClauseUse, TextOrigin
from agreements.domain.legal_text import Article, LegalText, Signatory
from agreements.models import Clause, TextVersion

from .agreements import AgreementFactory
from .municipalities import MunicipalityFactory


class ClauseFactory(DjangoModelFactory):
    class Meta:
        model = Clause

    municipality = factory.SubFactory(MunicipalityFactory)
    kind = ClauseKind.COST
    use = ClauseUse.ALWAYS
    heading = factory.Sequence(lambda number: f"見本の費用{number}")
    text = "費用は、{当事者}がそれぞれ負担する。"
    order = factory.Sequence(lambda number: number)


class TextVersionFactory(DjangoModelFactory):
    """The first version of a draft; `text=LegalText(…)` replaces its text."""

    class Meta:
        model = TextVersion

    class Params:
        text = LegalText(
            title="見本の協定書",
            preamble="甲と乙は、次のとおり協定を締結する。",
            articles=(
                Article("目的", "本協定は、地域の活性化を目的とする。", ClauseKind.PURPOSE.value),
                Article("費用", "費用は、{条:目的}のため、{満了日}まで各自が負担する。"),
            ),
            closing="本書2通を作成する。",
            signatories=(Signatory(label="甲", name="福岡市"), Signatory(label="乙", name="株式会社見本")),
        )

    agreement = factory.SubFactory(AgreementFactory, whole=True, draft=True)
    number = factory.LazyAttribute(lambda version: version.agreement.text_versions.count() + 1)
    origin = TextOrigin.COMPOSED
    body = factory.LazyAttribute(lambda version: version.text.as_json())
