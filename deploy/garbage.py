"""When Python looks for garbage in cycles."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# At Python's own 700, loading the modules of a command makes the collector look at them some hundred times, and a list
# of 10,000 rows at all of them a dozen times. What our processes keep has few cycles.
THRESHOLDS = (20_000, 20, 20)


def look_seldom() -> Callable[[], None]:
    """For this process and its children; returns the undoing."""
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    return lambda: gc.set_threshold(*before)


@contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded that stay: they are not looked at, neither now nor later.

    Looking for garbage would take a fifth of the time that loading a whole server takes.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
