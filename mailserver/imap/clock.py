"""Timers, given in so that tests turn the clock themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call once after `seconds` of monotonic time, unless cancelled."""
        ...


class LoopClock:
    """The running event loop's clock."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, callback)
