"""Few descriptors and few connections, for every run of the tests; by hand there are more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import descriptors


@pytest.mark.timeout(240)
def test_a_door_says_no_before_the_store_lacks_descriptors(tmp_path: Path) -> None:
    report = descriptors.run(tmp_path, limit=128, imap=70, smtp=10, watch_s=1.0)
    assert not report.missed, report.missed
