"""Some n of the failing system calls, for every run of the tests; by hand the script goes through all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import syscall_fails


# Where nothing can be traced no call can be made to fail: the list of errors is empty, and pytest says so.
@pytest.mark.parametrize("error", ["EIO"] if syscall_fails.tracing_works() else [])
@pytest.mark.timeout(240)
def test_a_call_that_fails_costs_no_mail(error: str, tmp_path: Path) -> None:
    report = syscall_fails.run(tmp_path, 1, ("fsync", "fdatasync", "pwrite64"), (error,))
    assert not report.missed, report.missed
    met = report.figures["faults met"].measured
    assert isinstance(met, dict)
    assert all(met.get(f"{call} {error}", 0) > 0 for call in ("fsync", "fdatasync", "pwrite64")), met
