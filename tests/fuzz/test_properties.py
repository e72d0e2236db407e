"""What holds for any words in any order: addresses, headers, commands and all other targets, by hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.target import NAMES, Target, load


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Words of the target's dictionary, its seeds and odd octets, one behind the other."""
    pieces = st.one_of(st.sampled_from(target.tokens()), st.sampled_from(target.seeds()), st.binary(max_size=6))
    return st.lists(pieces, max_size=25).map(b"".join)


@pytest.mark.parametrize("name", NAMES)
def test_any_words_in_any_order_are_sound(name: str) -> None:
    target = load(name)

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(inputs(target))
    def check(raw: bytes) -> None:
        target.check(raw[: target.longest])

    check()
