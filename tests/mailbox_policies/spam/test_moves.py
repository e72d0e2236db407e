"""What a move says."""

from __future__ import annotations

from itertools import product

import pytest

from mailbox_policies.spam.moves import Place, meaning

SAYS = {
    (Place.ELSEWHERE, Place.JUNK): "spam",
    (Place.TRASH, Place.JUNK): "spam",
    (Place.JUNK, Place.ELSEWHERE): "ham",
}


@pytest.mark.parametrize(("source", "target"), tuple(product(Place, Place)))
def test_into_junk_is_unwanted_out_of_it_wanted_and_trash_says_nothing(source: Place, target: Place) -> None:
    assert meaning(source, target) == SAYS.get((source, target))
