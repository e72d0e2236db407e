"""What `python -m tests.again` makes of real runs of pytest in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def ran(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def run_of(folder: Path, tests: str) -> None:
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text("from tests.conftest import pytest_sessionfinish\n")
    (folder / "test_it.py").write_text(tests)
    assert ran(folder, "pytest", "-n2").returncode


FLAKY = """
from pathlib import Path

def test_by_chance():
    before = Path("been").exists()
    Path("been").touch()
    assert before

def test_always_passes():
    pass
"""


def test_what_passes_alone_is_told_and_does_not_fail(tmp_path: Path) -> None:
    run_of(tmp_path, FLAKY)
    again = ran(tmp_path, "tests.again")
    assert again.returncode == 0
    assert "UNSTEADY" in again.stdout and "test_it.py::test_by_chance" in again.stdout
    assert "1 passed" in again.stdout, "and nothing but what failed is run"


def test_what_fails_again_fails(tmp_path: Path) -> None:
    run_of(tmp_path, "def test_wrong():\n    assert False\n")
    assert ran(tmp_path, "tests.again").returncode == 1


def test_many_failures_are_not_chance(tmp_path: Path) -> None:
    run_of(tmp_path, "".join(FLAKY.replace("been", f"b{n}").replace("chance", f"chance{n}") for n in range(4)))
    again = ran(tmp_path, "tests.again")
    assert (again.returncode, again.stdout) == (1, "")


@pytest.mark.parametrize("cut", ["raise KeyboardInterrupt", "import os; os._exit(3)"])
def test_a_run_that_was_cut_short_is_not_mended(tmp_path: Path, cut: str) -> None:
    run_of(tmp_path, f"{FLAKY}\ndef test_the_end():\n    {cut}\n")
    assert ran(tmp_path, "tests.again").returncode != 0


def test_without_a_run_there_is_nothing_to_mend(tmp_path: Path) -> None:
    assert ran(tmp_path, "tests.again").returncode == 1
