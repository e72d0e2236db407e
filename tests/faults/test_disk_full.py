"""The full disk with a small one, for every run of the tests; by hand it takes a larger one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from tests.faults import disk_full

SIZE = 32 * 1024 * 1024
# On so small a disk one message is more than a hundredth of it, and several come at once.
RESERVE = 0.01


def mounting_works() -> bool:
    """Whether this machine lets us mount a tmpfs; where it does not, pytest's summary says so."""
    try:
        with tempfile.TemporaryDirectory() as name, disk_full.small_disk(Path(name) / "disk", SIZE):
            return True
    except (OSError, CalledProcessError):
        return False


# Where nothing can be mounted no disk can be made small: the list of sizes is empty, and pytest says so.
@pytest.mark.parametrize("size", [SIZE] if mounting_works() else [])
@pytest.mark.timeout(240)
def test_a_full_disk_refuses_mail_for_a_while_and_loses_none(size: int, tmp_path: Path) -> None:
    report = disk_full.run(tmp_path, size, users=2, reserve=RESERVE)
    assert not report.missed, report.missed
    assert int(str(report.figures["acknowledged"].measured)) > 20
