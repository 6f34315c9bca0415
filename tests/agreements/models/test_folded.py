"""`Folded` against its definition, `search_text.normalise`, on whichever database the tests run."""

import pytest
from django.db.models import Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.domain.search_text import normalise
from agreements.models.folded import Folded
from municipalities.models import Municipality
from tests.factories import MunicipalityFactory

pytestmark = pytest.mark.django_db

ALPHABET = (
    "観光髙高崎﨑𠮷吉ｶﾞがカヶヵーｰ-−~〜ＤＸdx１①㈱(株)（有）ヷ゛゜か\u200b\u00ad葛\U000e0100 \u3000\n・•"
)


def folded(text: str) -> str:
    return Municipality.objects.annotate(folded=Folded(Value(text))).values_list("folded", flat=True)[0]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(ALPHABET, max_size=20))
def test_the_database_folds_as_the_search_does(text):
    if not Municipality.objects.exists():
        MunicipalityFactory()
    assert folded(text) == normalise(text)
