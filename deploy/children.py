"""One child of the supervisor: forked, told when it is ready, ended with its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from setproctitle import setproctitle

PR_SET_PDEATHSIG = 1
HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

# Runs the child's work until it is told to stop; calls its argument once it serves.
Work = Callable[[Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """A child that shall always be there: the name seen in `ps`, and what it does."""

    name: str
    work: Work


@dataclass(slots=True)
class Child:
    """A running child. `pipe` gives one octet when it serves, and its end when it is gone."""

    plan: Plan
    pid: int
    pipe: int
    started: float
    ready: bool = field(default=False)

    def signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def close(self) -> None:
        os.close(self.pipe)


def spawn(plan: Plan, now: float) -> Child:
    """Fork. The parent must have one thread only and hold no database connection."""
    readable, writable = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(readable)
        _become(plan, writable, parent)
    os.close(writable)
    os.set_blocking(readable, False)
    return Child(plan, pid, readable, now)


def run_once(plan: Plan) -> int:
    """Let a child do something and wait for it; its exit status."""
    child = spawn(plan, 0.0)
    _, status = os.waitpid(child.pid, 0)
    child.close()
    return os.waitstatus_to_exitcode(status)


def _become(plan: Plan, writable: int, parent: int) -> NoReturn:
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in HANDLED:
            signal.signal(number, signal.SIG_DFL)
        die_with(parent)
        random.seed()
        setproctitle(f"vanthu: {plan.name}")
        plan.work(lambda: _tell_ready(writable))
        status = 0
    except KeyboardInterrupt:
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        # Not sys.exit: the parent's clean-up handlers are not this child's to run.
        os._exit(status)


def die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent ends, however that happens."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _tell_ready(writable: int) -> None:
    with contextlib.suppress(OSError):
        os.write(writable, b"R")
