"""A supervisor with children that only say who they are; `test_supervisor` runs it as a program.

Arguments: one word for each child: "good" serves until SIGTERM, "stubborn" ignores SIGTERM,
"broken" fails at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from deploy import logs, supervisor
from deploy.children import Plan
from deploy.config import LogSettings


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def good(ready: Callable[[], None]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, lambda *_: say("heard SIGHUP"))
    ready()
    while True:
        signal.pause()


def stubborn(ready: Callable[[], None]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready()
    while True:
        signal.pause()


def broken(ready: Callable[[], None]) -> None:
    sys.exit(3)


if __name__ == "__main__":
    logs.configure(LogSettings())
    supervisor.DRAIN_S = 1.0
    kinds = {"good": good, "stubborn": stubborn, "broken": broken}
    plans = [Plan(f"{word} {place}", kinds[word]) for place, word in enumerate(sys.argv[1:])]
    sys.exit(supervisor.Supervisor(plans, lambda: say("READY")).run())
