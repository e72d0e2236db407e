"""Hostile clients with small numbers, for every run of the tests; by hand they send gigabytes.

Deep mail is read in tests/e2e/bad_input, floods by SMTP are in tests/mailserver/smtp/test_limits.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.product import running
from tests.faults import hostile, memory
from tests.faults.kill_any import PASSWORD, people
from tests.faults.report import Report

CASES = ("size said", "endless line", "endless chunk", "10,000 recipients", "LOGIN literal", "IMAP floods")
KINDS = ("signed in, IDLE", "literal before LOGIN", "in DATA with 2 MiB sent")


@pytest.mark.timeout(240)
def test_hostile_clients_cost_little_and_leave_nothing(tmp_path: Path) -> None:
    report = Report("hostile clients")
    with running(tmp_path, people(1), PASSWORD) as product:
        hostile.attack(hostile.Target(product, report, 64 * hostile.MIB, timed=False, connections=1), CASES)
        memory.per_connection(memory.Run(product, report), 40, KINDS)
    assert not report.missed, report.missed


# Where no cgroup can be made there is no limit to stay within: the list of limits is empty, and pytest says so.
@pytest.mark.parametrize("limit", [640 * memory.MIB] if memory.cgroups_work() else [])
@pytest.mark.timeout(240)
def test_a_server_in_a_small_cgroup_stays_within_it(limit: int, tmp_path: Path) -> None:
    report = Report("memory")
    memory.all_together(tmp_path, 20, limit, report, messages=4)
    assert not report.missed, report.missed
