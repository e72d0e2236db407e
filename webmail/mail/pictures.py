"""Asks a process of its own for a smaller picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

_CHILD: Final = Path(__file__).with_name("shrink_child.py")
MEMORY: Final = 1024 * 1024 * 1024
# Seconds for one picture, of the clock and of the processor.
SECONDS: Final = 20.0


def told(picture: bytes) -> bytes:
    """A word of `thinning.Fate`, a line feed, and with "made" the new picture. Raises OSError."""
    # Isolated (-I): neither the environment nor the current folder can put code into the child.
    command = [sys.executable, "-I", str(_CHILD), str(MEMORY), str(round(SECONDS))]
    try:
        done = subprocess.run(command, input=picture, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return b"failed\n"
    if done.returncode != 0:
        return b"failed\n"
    return b"made\n" + done.stdout if done.stdout else b"same\n"
