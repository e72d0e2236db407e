"""The procedure with small numbers, for every run of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import kill_office


@pytest.mark.timeout(300)
def test_killing_any_process_while_an_office_works_leaves_each_act_done_once(own_database: str, tmp_path: Path) -> None:
    result = kill_office.run(tmp_path, kills=6, acts=8, database=own_database, stretch=6, junk=20)
    assert result["missed"] == [], result
