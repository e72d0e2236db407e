"""A program on a terminal of its own, which nobody looks at."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.clients.programs import PATIENCE_S, environment


class Terminal:
    """What the program shows is read all the time, so that it never waits for us. Make it with `running`."""

    def __init__(self, command: tuple[str, ...], home: Path) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=home,
            env=environment(home, TERM="xterm", LINES="40", COLUMNS="120"),
            start_new_session=True,
        )
        os.close(slave)
        self.shown = bytearray()
        self._reader = threading.Thread(target=self._read, name="terminal")
        self._reader.start()

    @classmethod
    @contextlib.contextmanager
    def running(cls, *command: str, home: Path) -> Iterator[Terminal]:
        """Waits at the end until the program has ended; kills it and raises AssertionError if it does not."""
        terminal = cls(command, home)
        try:
            yield terminal
            terminal.wait()
        finally:
            terminal._close()

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait(self) -> None:
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it hangs: {self.text()}") from None
        assert status == 0, self.text()

    def text(self) -> str:
        """The last of what was shown, escape sequences and all."""
        return self.shown.decode(errors="replace")[-3000:]

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the program has closed its side
            while octets := os.read(self._master, 1 << 16):
                self.shown += octets

    def _close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join()
        os.close(self._master)
