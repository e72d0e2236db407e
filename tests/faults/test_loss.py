"""The loss scripts with small numbers, for every run of the tests; by hand they take larger ones."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.faults import kill_any, power_cut


@pytest.mark.timeout(240)
def test_killing_any_process_loses_no_acknowledged_mail(own_database: str, tmp_path: Path) -> None:
    result = kill_any.run(tmp_path, messages=400, kills=8, database=own_database, stored=500, stretch=6)
    assert result["clean"], result
    assert result["kills"] == 8, "the run was over before the last kill"
    assert int(str(result["acknowledged"])) > 300


def loop_devices_work() -> bool:
    """Whether this machine lets us mount an image (root, loop devices, mkfs.ext4)."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as name:
        image, at = Path(name) / "try.img", Path(name) / "at"
        try:
            power_cut.make_image(image)
            with power_cut.mounted(image, at):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


# Where no image can be mounted there is nothing to cut: the list of cuts is empty, and pytest says so.
@pytest.mark.parametrize("cut", range(2 if loop_devices_work() else 0))
@pytest.mark.timeout(240)
def test_a_power_cut_loses_no_acknowledged_mail(cut: int, tmp_path: Path) -> None:
    result = power_cut.one_cut(tmp_path, users=3, seconds=2.0 + cut)
    assert result["clean"], result
    assert int(str(result["acknowledged"])) > 0
