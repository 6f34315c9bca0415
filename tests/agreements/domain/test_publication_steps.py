from itertools import product

import pytest

from agreements.choices import AgreementState, Publication
from agreements.domain.publication_steps import refusal

CASES = list(product(AgreementState.values, Publication.values, Publication.values))


@pytest.mark.parametrize(("state", "current", "wanted"), CASES)
def test_only_signed_agreements_are_published_and_published_ones_only_withdrawn(state, current, wanted):
    why = refusal(state=state, current=current, wanted=wanted)
    if current == wanted:
        assert not why
    elif current == "published":
        assert (not why) == (wanted == "withdrawn")
    elif wanted == "withdrawn" or (current, wanted) == ("withdrawn", "private"):
        assert why
    elif wanted == "published":
        assert (not why) == (state in {"active", "suspended", "ended"})
    else:
        assert not why
