"""A server for as long as the demo's mail is sent: the one that runs, or one of our own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import lock
from deploy.config import Settings
from deploy.config_values import Address, parse_listen
from deploy.lang import t
from deploy.sockets import Door

READY_WITHIN_S = 60.0


class NoServer(Exception):
    """No server came up; the text is for the administrator."""


@contextmanager
def mx(settings: Settings, config: Path) -> Iterator[Address]:
    """Where the MX listens. Raises NoServer."""
    if lock.is_held(settings):
        yield _listening(settings)
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy", "--config", str(config), "serve"],
        stdout=subprocess.PIPE,
        env=os.environ | {"VANTHU_LOG__LEVEL": "warning"},
        text=True,
    )
    try:
        _await_ready(process)
        yield _listening(settings)
    finally:
        process.terminate()
        process.wait()


def _await_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        readable, _, _ = select.select([process.stdout], [], [], 0.5)
        if readable:
            line = process.stdout.readline()
            if line.startswith("READY"):
                return
            if not line:
                break
    raise NoServer(t("Máy chủ không khởi động được.", "The server did not start."))


def _listening(settings: Settings) -> Address:
    table = json.loads((settings.run_dir / "listening.json").read_text(encoding="utf-8"))
    addresses = table.get(Door.MX.value)
    if not addresses:
        raise NoServer(t("Chưa mở cửa smtp.mx để nhận thư mẫu.", "No smtp.mx door is open for the sample mail."))
    return parse_listen(addresses[0])
