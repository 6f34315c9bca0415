from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.remaining_time import remaining, spoken

counts = st.integers(0, 1_000_000)


@given(counts, counts, st.timedeltas(timedelta(seconds=1), timedelta(days=1)))
def test_remaining_is_known_once_something_is_done_and_never_negative(done, total, elapsed):
    left = remaining(done, total, elapsed)
    assert (left is None) == (done == 0 or total == 0)
    if left is not None:
        assert left >= timedelta(0)
        assert (left == timedelta(0)) == (done >= total) or left < timedelta(milliseconds=1)


def test_remaining_follows_the_pace_so_far():
    assert remaining(25, 100, timedelta(seconds=10)) == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "まもなく終わります"),
        (31, "あと約40秒"),
        (60, "あと約1分"),
        (150, "あと約3分"),
        (3600, "あと約1時間"),
        (5000, "あと約2時間"),
    ],
)
def test_spoken_rounds_up(seconds, text):
    assert spoken(timedelta(seconds=seconds)) == text
