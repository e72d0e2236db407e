"""`vanthu serve`: one parent that forks the mail, web and worker processes and keeps them alive.

The parent imports everything, binds every socket, and then does nothing but wait: it has one
thread, no database connection and no event loop, so that a fork at any later time is safe.
What it promises:
- a child that ends is started again, at once the first time, then with a growing pause;
- SIGTERM or SIGINT: children finish what they are in, are killed after DRAIN_S, exit status 0;
- SIGHUP goes to the children, which read their certificates again;
- a parent that is killed takes its children with it (see `children.die_with`).
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from deploy.children import HANDLED, Child, Plan, spawn

# Time that children have to say goodbye to their clients.
DRAIN_S = 10.0
# A child that lived this long was healthy; its next restart is immediate.
HEALTHY_S = 1.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
# Children that fail by themselves this often before the first READY: the installation is broken.
FAILURES_AT_START = 4
OUT_OF_MEMORY = "killed from outside, as the kernel does when memory runs out"

log = structlog.get_logger("vanthu.supervisor")


@dataclass(slots=True)
class _Absent:
    """A child to be started again at `due` (monotonic seconds)."""

    plan: Plan
    due: float
    pause: float


class Supervisor:
    """Keeps one child for every plan until told to stop."""

    def __init__(
        self, plans: Sequence[Plan], on_ready: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ):
        self._plans, self._on_ready, self._clock = plans, on_ready, clock
        self._children: dict[int, Child] = {}
        self._absent: list[_Absent] = []
        self._pauses: dict[str, float] = {}
        self._announced = False
        self._failures = 0
        self._stop_by: float | None = None
        self._status = 0
        self._selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Until SIGTERM or SIGINT; returns the exit status."""
        received = self._catch_signals()
        gc.freeze()  # pages of what is already imported stay shared with the children
        for plan in self._plans:
            self._start(plan)
        while self._children or (self._absent and self._stop_by is None):
            for key, _ in self._selector.select(self._patience()):
                if key.fileobj == received:
                    self._act_on(os.read(received, 512))
                else:
                    self._hear(key.data)
            self._reap()
            self._start_due()
            self._enforce_deadline()
        return self._status

    def _catch_signals(self) -> int:
        received, told = os.pipe()
        os.set_blocking(received, False)
        os.set_blocking(told, False)
        for number in HANDLED:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        self._selector.register(received, selectors.EVENT_READ)
        return received

    def _act_on(self, numbers: bytes) -> None:
        for number in numbers:
            if number in (signal.SIGTERM, signal.SIGINT):
                self._stop()
            elif number == signal.SIGHUP:
                self._signal_all(signal.SIGHUP)

    def _stop(self) -> None:
        if self._stop_by is None:
            log.info("stopping")
            self._stop_by = self._clock() + DRAIN_S
            self._signal_all(signal.SIGTERM)

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self._children.values():
            child.signal(number)

    def _enforce_deadline(self) -> None:
        if self._stop_by is not None and self._clock() >= self._stop_by:
            log.warning("not stopped in time", children=[child.plan.name for child in self._children.values()])
            self._signal_all(signal.SIGKILL)
            self._stop_by = self._clock() + DRAIN_S

    def _start(self, plan: Plan) -> None:
        child = spawn(plan, self._clock())
        self._children[child.pid] = child
        self._selector.register(child.pipe, selectors.EVENT_READ, child)

    def _start_due(self) -> None:
        if self._stop_by is not None:
            return
        now = self._clock()
        for absent in [one for one in self._absent if one.due <= now]:
            self._absent.remove(absent)
            self._start(absent.plan)

    def _patience(self) -> float | None:
        """Seconds until something is due; None: only a signal or a child can be next."""
        dues = [absent.due for absent in self._absent] if self._stop_by is None else [self._stop_by]
        return max(0.0, min(dues) - self._clock()) if dues else None

    def _hear(self, child: Child) -> None:
        if os.read(child.pipe, 1) == b"R":
            child.ready = True
            log.debug("child serves", child=child.plan.name, pid=child.pid)
            self._announce()
        else:
            # Its end of the pipe is closed; `_reap` meets the rest.
            self._selector.unregister(child.pipe)

    def _announce(self) -> None:
        everyone = len(self._children) == len(self._plans) and all(c.ready for c in self._children.values())
        if everyone and not self._announced:
            self._announced = True
            self._on_ready()

    def _reap(self) -> None:
        while self._children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is not None:
                self._bury(child, status)

    def _bury(self, child: Child, status: int) -> None:
        if child.pipe in self._selector.get_map():
            self._selector.unregister(child.pipe)
        child.close()
        if self._stop_by is not None:
            return
        lived, code = self._clock() - child.started, os.waitstatus_to_exitcode(status)
        # Nobody here sends SIGKILL before the end: an administrator did, or the kernel when memory ran out.
        hint = {"hint": OUT_OF_MEMORY} if code == -signal.SIGKILL else {}
        log.warning("child ended", child=child.plan.name, pid=child.pid, status=code, lived_s=round(lived, 1), **hint)
        self._count_failure(code)
        pause = 0.0 if lived >= HEALTHY_S else self._longer(child.plan.name)
        if lived >= HEALTHY_S:
            self._pauses.pop(child.plan.name, None)
        self._absent.append(_Absent(child.plan, self._clock() + pause, pause))

    def _longer(self, name: str) -> float:
        """The pause before this restart: none, 0.2 s, 0.4 s … while the child keeps dying young."""
        pause = self._pauses.get(name, 0.0)
        self._pauses[name] = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, pause * 2))
        return pause

    def _count_failure(self, code: int) -> None:
        if self._announced or code <= 0:
            return
        self._failures += 1
        if self._failures >= FAILURES_AT_START:
            log.error("the children cannot start; giving up")
            self._status = 1
            self._stop()
