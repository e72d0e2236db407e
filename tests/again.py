"""Run the few failed tests of a run that has been once more, by themselves (decision 0033).

    python -m tests.again

Called in pytest's folder, after it: reads what it has left in its cache. Exit status 0 if that run came to its end with
no more than `FEW` failed tests and all of them pass now; their names are told as unsteady. Otherwise 1, or what pytest
ends with.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CACHE = Path(".pytest_cache") / "v"
FAILED = CACHE / "cache" / "lastfailed"
# Written by tests/conftest.py when a run has come to its end.
ENDED = CACHE / "vanthu" / "ended"
FEW = 3


def worth_running() -> list[str]:
    """Tests that failed in a whole run, none if they are too many for chance or the run was cut short."""
    if not ENDED.is_file() or json.loads(ENDED.read_text()) != pytest.ExitCode.TESTS_FAILED:
        return []
    names = sorted(json.loads(FAILED.read_text())) if FAILED.is_file() else []
    return names if len(names) <= FEW else []


def main() -> int:
    """Run them, tell."""
    names = worth_running()
    if not names:
        return 1
    print(f"\nOnce more, by themselves: {', '.join(names)}", flush=True)
    status = subprocess.run([sys.executable, "-m", "pytest", *names], check=False).returncode
    if status == 0:
        print("\nUNSTEADY, passed when run once more; each is a fault to be found:", *names, sep="\n  ")
    return status


if __name__ == "__main__":
    sys.exit(main())
