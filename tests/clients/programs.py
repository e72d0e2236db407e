"""Programs of Debian, run as a person would who has no settings of his own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

# Only against a program that hangs; a slow machine is given all the time it needs.
PATIENCE_S = 100
# After which two copies that nobody changes have to be alike.
RUNS = 5


def environment(home: Path, **others: str) -> dict[str, str]:
    """Nobody's own settings take part; answers are in English."""
    return {"PATH": os.defpath + ":/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8", "TERM": "dumb", **others}


def run(*command: str, home: Path, text: str | bytes = "") -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end; its output is octets. AssertionError if it is not installed."""
    assert shutil.which(command[0]), f"{command[0]} is not installed: see deploy/tools/system-packages.sh"
    octets = text.encode() if isinstance(text, str) else text
    return subprocess.run(
        command, input=octets, capture_output=True, timeout=PATIENCE_S, env=environment(home), check=False
    )


def settle(sync: Callable[[], Sequence[object]]) -> None:
    """Let a program run until a run transfers nothing. sync: one run; what it transferred."""
    transferred: Sequence[object] = ()
    for _ in range(RUNS):
        transferred = sync()
        if not transferred:
            return
    raise AssertionError(f"it still transfers: {transferred}")
