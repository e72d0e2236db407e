"""One jump of the clock and back, for every run of the tests; by hand there are more, and longer looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import clock_jump


@pytest.mark.timeout(240)
def test_a_clock_that_jumps_sends_nothing_twice_and_revives_no_session(tmp_path: Path) -> None:
    report = clock_jump.run(tmp_path, {"+1 day": clock_jump.DAY, "back": 0}, watch_s=2.0, timed=False)
    assert not report.missed, report.missed
