"""Who may ask a scanner now: so many at once, and nobody while it is down.

A daemon that hangs costs each message its whole time limit. After some failures in a row it counts as down:
then everybody is told at once, and one after the other asks, shortly, whether it is back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from mailserver.scanning.found import NoAnswer, Why

T = TypeVar("T")

FAILURES = 3
# Seconds: between two looks whether it is back, for such a look, and for waiting until a connection is free.
REST_S = 2.0
PROBE_S = 2.0
PATIENCE_S = 10.0

log = logging.getLogger(__name__)


class Guard:
    """For one scanner, used by many threads. places: connections at once. probe: whether it is there, or NoAnswer."""

    def __init__(
        self,
        name: str,
        places: int,
        probe: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._name, self._probe, self._clock, self._patience_s = name, probe, clock, patience_s
        self._places = threading.BoundedSemaphore(places)
        self._lock = threading.Lock()
        self._failures = 0
        self._probing = False
        self._next = 0.0

    def ask(self, question: Callable[[], T]) -> T:
        """Raises NoAnswer, at once while the scanner is down."""
        self._require_up()
        if not self._places.acquire(timeout=self._patience_s):
            raise NoAnswer(Why.BUSY)
        try:
            if self._is_down:  # while we waited
                raise NoAnswer(Why.DOWN)
            return self._counted(question)
        finally:
            self._places.release()

    @property
    def _is_down(self) -> bool:
        return self._failures >= FAILURES

    def _counted(self, question: Callable[[], T]) -> T:
        try:
            answer = question()
        except NoAnswer as fault:
            if fault.why is not Why.TOO_LARGE:
                self._note(fault)
            raise
        with self._lock:
            self._failures = 0
        return answer

    def _note(self, fault: NoAnswer) -> None:
        with self._lock:
            self._failures += 1
            self._next = self._clock() + REST_S
            gone = self._failures == FAILURES
        log.warning("%s has not answered: %s", self._name, fault)
        if gone:
            log.error("%s is down: mail is not scanned by it", self._name)

    def _require_up(self) -> None:
        """Raises NoAnswer while it is down; one of those who ask looks first."""
        with self._lock:
            if not self._is_down:
                return
            if self._probing or self._clock() < self._next:
                raise NoAnswer(Why.DOWN)
            self._probing = True
        try:
            self._probe(PROBE_S)
        except NoAnswer:
            raise NoAnswer(Why.DOWN) from None
        else:
            with self._lock:
                self._failures = 0
            log.warning("%s answers again", self._name)
        finally:
            with self._lock:
                self._probing = False
                self._next = self._clock() + REST_S
