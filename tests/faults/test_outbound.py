"""The outbound process killed at random, with small numbers; by hand the script takes larger ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import outbound_kill


@pytest.mark.timeout(240)
def test_killing_the_outbound_process_loses_nothing(own_database: str, tmp_path: Path) -> None:
    result = outbound_kill.run(tmp_path, messages=200, kills=5, database=own_database)
    assert result["clean"], result
    assert (result["acknowledged"], result["arrived"], result["kills"]) == (200, 200, 5)
