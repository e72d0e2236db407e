"""`vanthu serve`: sockets, then the database's tables, then the children."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import sys
from collections.abc import Sequence

import structlog
from setproctitle import setproctitle

# Everything the children need is imported here, before any fork.
from deploy import beginning, install, lock, logs, memory, oswords, stores
from deploy.children import Plan, run_once
from deploy.config import Settings
from deploy.lang import t
from deploy.migrate import WrongSchema
from deploy.processes import collecting, mail, outbound, web, worker
from deploy.sockets import Bound, bind_all, wanted, write_ports
from deploy.supervisor import Supervisor
from mailserver.directory.verified import Verified
from mailserver.store.errors import StoreError

# Descriptors that a process may have open, where the machine allows so many.
DESCRIPTORS = 65_536

log = structlog.get_logger("vanthu.serve")


class NothingToServe(Exception):
    """No listener is set; the text is for the administrator."""


def run(settings: Settings) -> int:
    """Serve until told to stop; the exit status. Raises CannotListen, AlreadyRunning, NothingToServe, OSError."""
    addresses = wanted(settings)
    if not addresses:
        raise NothingToServe(
            t(
                "Cấu hình chưa mở cửa nào: hãy đặt smtp.mx, imap.plain, web.listen…",
                "The configuration opens no door: set smtp.mx, imap.plain, web.listen…",
            )
        )
    logs.configure(settings.log)
    setproctitle("vanthu: serve")
    _allow_many_connections()
    memory.give_back_large_pieces()
    with lock.alone(settings):
        bound = bind_all(addresses)
        if run_once(Plan("prepare", lambda _: _prepare(settings))) != 0:
            return 1
        verified = Verified()
        plans = [
            *mail.plans(settings, bound, verified),
            *web.plans(settings, bound, verified),
            worker.plan(settings),
            collecting.plan(settings),
            *outbound.plans(settings),
        ]
        write_ports(bound, settings.run_dir / "listening.json")
        return Supervisor(plans, lambda: _announce(bound)).run()


def _allow_many_connections() -> None:
    """Each connection is a descriptor; the usual soft limit of 1,024 would be reached by one busy office."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _prepare(settings: Settings) -> None:
    """In a child of its own: the parent must never have opened the database."""
    try:
        install.prepare(settings)
        beginning.check(settings)
        stores.open_store(settings).close()
    except (install.RestoreUnfinished, WrongSchema, beginning.CannotBegin, StoreError) as fault:
        reason = str(fault)
    except OSError as fault:
        reason = oswords.sentence(fault)
    else:
        return
    log.error("cannot start", reason=reason)
    sys.exit(1)


def _announce(bound: Sequence[Bound]) -> None:
    """Tell whoever started us: a line on standard output, and systemd where it listens."""
    doors = " ".join(f"{one.door.value}={one.at}" for one in bound)
    with contextlib.suppress(OSError):
        sys.stdout.write(f"READY {doors}\n")
        sys.stdout.flush()
    log.info("ready", pid=os.getpid())
    _notify_systemd(os.environ.get("NOTIFY_SOCKET", ""))


def _notify_systemd(path: str) -> None:
    """sd_notify(3); "@" begins an abstract socket's name."""
    if not path:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect("\0" + path[1:] if path.startswith("@") else path)
        sock.send(b"READY=1")
