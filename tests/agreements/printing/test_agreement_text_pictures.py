"""What a 協定書 looks like, compared with stored pictures (see `test_pictures`)."""

import pytest

from agreements.choices import AgreementState
from agreements.domain.legal_text import Article, LegalText, Signatory
from agreements.models import Agreement, TextVersion
from agreements.printing.agreement_text import print_agreement_text
from tests.agreements.printing import test_pictures as pictures
from tests.factories import AgreementFactory, MunicipalityFactory, StaffMemberFactory, TextVersionFactory

pytestmark = pytest.mark.django_db

TEXT = LegalText(
    title="健康づくりに関する包括連携協定書",
    preamble="福岡市（以下「甲」という。）と株式会社見本（以下「乙」という。）は、次のとおり協定を締結する。",
    articles=(
        Article("目的", "本協定は、健康づくりを進めることを目的とする。"),
        Article(
            "連携事項",
            "甲及び乙は、{条:目的}の目的を達成するため、次に掲げる事項について連携し、協力する。\n"
            "(1) 健康の保持及び増進に関すること。\nア 健康教室\n"
            "(ア) 年に四回、市内の公民館で開くもの\n(2) 防災\n"
            "2 前項の事項は、毎年度、甲及び乙が協議の上、見直すものとし、その結果を書面に残すものとする。",
        ),
        Article("有効期間", "本協定の有効期間は、本協定締結の日から{満了日}までとする。"),
    ),
    closing="本協定の締結を証するため、本書2通を作成し、それぞれ記名押印の上、各自その1通を保有する。",
    signatories=(
        Signatory("甲", "福岡市中央区天神一丁目8番1号", "福岡市", "市長", "髙﨑　𠮷子"),
        Signatory("乙", "", "株式会社見本"),
    ),
)


def page_of(state: str, folder) -> object:
    fukuoka = MunicipalityFactory(fukuoka=True)
    agreement = AgreementFactory(municipality=fukuoka, state=state, signed_on=pictures.TODAY)
    TextVersionFactory(agreement=Agreement.objects.get(pk=agreement.pk), number=2, text=TEXT)
    clerk = StaffMemberFactory(manager=True, municipality=fukuoka, name="福岡 太郎", department=None)
    version = TextVersion.objects.select_related("agreement__municipality").get()
    pdf = print_agreement_text(version, user=clerk, today=pictures.TODAY)
    return pictures.rendered(pdf, 1, pictures.WHOLE, folder)


@pytest.mark.parametrize(
    ("state", "name"),
    [(AgreementState.NEGOTIATING, "agreement-text-draft"), (AgreementState.ACTIVE, "agreement-text")],
)
def test_agreement_text_looks_as_it_was_accepted(state, name, tmp_path):
    assert pictures.looks_like(page_of(state, tmp_path), name)
