"""Hostile clients with small numbers, for every run of the tests; by hand they send gigabytes.

Deep mail is read in tests/e2e/bad_input, floods by SMTP are in tests/mailserver/smtp/test_limits.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import hostile

CASES = ("size said", "endless line", "endless chunk", "10,000 recipients", "LOGIN literal", "IMAP floods")


@pytest.mark.timeout(240)
def test_hostile_clients_cost_little_and_leave_nothing(tmp_path: Path) -> None:
    report = hostile.run(tmp_path, 64 * hostile.MIB, CASES, timed=False)
    assert not report.missed, report.missed
