"""What an attack costs: memory of the mail processes, and how long a polite client waits for its greeting."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from tests.e2e.product import Product
from tests.faults import processes
from tests.faults.wire import Wire

LOOK_S = 0.05


class Watch:
    """`with Watch(product) as seen: …`; afterwards `grown` and `greeting` tell."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._before: dict[int, int] = {}
        # Octets that the process which grew most grew at its peak.
        self.grown = 0
        # Seconds of the slowest greeting.
        self.greeting = 0.0

    def __enter__(self) -> Watch:
        for pid in processes.named(self._product, "mail"):
            processes.forget_peak(pid)
            self._before[pid] = processes.rss(pid)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        now = processes.named(self._product, "mail")
        self.grown = max(processes.peak_rss(pid) - self._before.get(pid, 0) for pid in now)

    @property
    def survived(self) -> bool:
        """Whether every mail process is the one that it was."""
        return sorted(self._before) == sorted(processes.named(self._product, "mail"))

    def _look(self) -> None:
        while not self._done.wait(LOOK_S):
            began = time.monotonic()
            try:
                with Wire(self._product.ports.smtp) as wire:
                    wire.line()
                    self.greeting = max(self.greeting, time.monotonic() - began)
                    wire.say(b"QUIT")
            except OSError:
                self.greeting = max(self.greeting, 120.0)
