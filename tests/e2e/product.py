"""A running Vanthu in a folder of its own, driven from outside as an office would: command line and ports."""

from __future__ import annotations

import contextlib
import csv
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.support.ports import free_port

READY_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0


@dataclass(frozen=True)
class Ports:
    smtp: int = field(default_factory=free_port)
    submission: int = field(default_factory=free_port)
    lmtp: int = field(default_factory=free_port)
    imap: int = field(default_factory=free_port)
    web: int = field(default_factory=free_port)


class Product:
    """One installation: `top` holds vanthu.toml and the data; the ports are free ones of 127.0.0.1.

    environment: variables that its commands get beside those of this process.
    """

    def __init__(self, top: Path, domain: str = "bench.test", database: str = "") -> None:
        self.top, self.domain, self.database, self.ports = top, domain, database, Ports()
        self.config = top / "vanthu.toml"
        self.process: subprocess.Popen[str] | None = None
        self.data = top / "data"
        self.environment: dict[str, str] = {}
        # Words before `vanthu serve` that change what it runs in: prlimit, env …
        self.wrapper: list[str] = []
        store = f'\n[store]\ndatabase = "{database}"\n' if database else ""
        self.config.write_text(
            f'data_dir = "{self.data}"\ndomain = "{domain}"\n'
            f'[smtp]\nmx = ["127.0.0.1:{self.ports.smtp}"]\nsubmission = ["127.0.0.1:{self.ports.submission}"]\n'
            f'submissions = []\nlmtp = ["127.0.0.1:{self.ports.lmtp}"]\n'
            f'[imap]\nplain = ["127.0.0.1:{self.ports.imap}"]\ntls = []\n'
            f'[web]\nlisten = ["127.0.0.1:{self.ports.web}"]\n{store}',
            encoding="utf-8",
        )

    def command(self, *words: str, stdin: str | None = None) -> str:
        """Run `vanthu WORDS` to its end; returns what it printed. Raises CalledProcessError with its words."""
        done = subprocess.run(
            [*self.vanthu(), *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env=os.environ | self.environment,
        )
        if done.returncode:
            raise RuntimeError(f"vanthu {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def vanthu(self) -> list[str]:
        return [sys.executable, "-m", "deploy", "--config", str(self.config)]

    def init(self, *options: str) -> None:
        self.command("init", *options)

    def add_user(self, local: str, password: str, name: str = "Người Dùng Thử") -> None:
        self.command("user", "add", f"{local}@{self.domain}", "--name", name, "--password-stdin", stdin=password)

    def add_users(self, locals_: Sequence[str], password: str) -> None:
        """Many people at once, all with one password (`vanthu user import`)."""
        table = self.top / "people.csv"
        with table.open("w", encoding="utf-8", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["address", "name", "password"])
            rows.writerows([f"{name}@{self.domain}", "Người Dùng Thử", password] for name in locals_)
        self.command("user", "import", str(table))
        table.unlink()

    def start(self) -> None:
        """Start `vanthu serve` and wait until it says that it is ready. RuntimeError if it does not."""
        log = (self.top / "serve.log").open("a", encoding="utf-8")
        environment = os.environ | {"PYTHONUNBUFFERED": "1"} | self.environment
        with log:
            self.process = subprocess.Popen(
                [*self.wrapper, *self.vanthu(), "serve"],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                env=environment,
            )
        if not self._is_ready(self.process.stdout):
            self.kill()
            raise RuntimeError("vanthu serve is not ready:\n" + (self.top / "serve.log").read_text()[-4000:])

    @staticmethod
    def _is_ready(stdout: IO[str] | None) -> bool:
        assert stdout is not None
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            readable, _, _ = select.select([stdout], [], [], 0.2)
            if not readable:
                continue
            line = stdout.readline()
            if "READY" in line or not line:
                return bool(line)
        return False

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def children(self) -> list[int]:
        """Process ids of the supervisor's living children."""
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
            return [int(word) for word in text.split()]
        return []

    def stop(self) -> int:
        """SIGTERM and wait; returns the exit status. SIGKILL to the group if it does not end."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            status = self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._forget()
        return status

    def kill(self) -> None:
        """SIGKILL to every process of this installation, as a power failure would."""
        if self.process is None:
            return
        group = self.process.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self.process.wait()
        self._forget()
        deadline = time.monotonic() + STOP_WITHIN_S
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(group, 0)
                time.sleep(0.01)

    def _forget(self) -> None:
        assert self.process is not None
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None


@contextlib.contextmanager
def running(top: Path, users: Sequence[str] = (), password: str = "", database: str = "") -> Iterator[Product]:
    """A new installation with these people, running; stopped at the end."""
    product = Product(top, database=database)
    product.init()
    if users:
        product.add_users(users, password)
    product.start()
    try:
        yield product
    finally:
        product.stop()
