"""Waiting for what another process does, without guessing how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PATIENCE_S = 60.0
LOOK_S = 0.02


def eventually(condition: Callable[[], bool]) -> None:
    """Look again and again until it holds; fails after PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        pause.wait(LOOK_S)
