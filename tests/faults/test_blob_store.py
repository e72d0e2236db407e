"""An object store that fails and comes back; by hand the script has more senders, and lets it hang."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import blob_store
from tests.faults.s3stub import Mood


@pytest.mark.timeout(240)
def test_a_blob_store_that_fails_costs_451_and_nothing_else(tmp_path: Path) -> None:
    for passing in blob_store.run(tmp_path, senders=4, moods=[Mood.ERROR, Mood.CUT], stretch=6):
        assert passing.result["clean"], passing.result
