"""Listening sockets, bound once by the supervisor and shared by its children.

They are bound before anything else starts: a port that is taken is told at once, and ports under
1024 are opened while the process still may. Connections that arrive while a child restarts wait in
the backlog.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path
from typing import Any

from deploy.config import Settings
from deploy.config_values import Address
from deploy.lang import t

# Connections that may wait for accept(); a burst of 500 clients must not see a refusal.
BACKLOG = 1024
NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


@unique
class Door(Enum):
    """What speaks behind a socket; the values are the keys of vanthu.toml."""

    MX = "smtp.mx"
    SUBMISSION = "smtp.submission"
    SUBMISSIONS = "smtp.submissions"
    LMTP = "smtp.lmtp"
    IMAP = "imap.plain"
    IMAPS = "imap.tls"
    WEB = "web.listen"


@dataclass(frozen=True, slots=True)
class Bound:
    """A listening socket and what was asked for in the settings."""

    door: Door
    asked: Address
    socket: socket.socket

    @property
    def at(self) -> Address:
        """Where it really listens: the port is known even where 0 was asked for."""
        host, port = self.socket.getsockname()[:2]
        return Address(host, port)


class CannotListen(Exception):
    """A port is taken or not allowed; the text is for the administrator."""


def wanted(settings: Settings) -> list[tuple[Door, Address]]:
    """Every listener of the settings, in the order of `Door`."""
    lists = {
        Door.MX: settings.smtp.mx,
        Door.SUBMISSION: settings.smtp.submission,
        Door.SUBMISSIONS: settings.smtp.submissions,
        Door.LMTP: settings.smtp.lmtp,
        Door.IMAP: settings.imap.plain,
        Door.IMAPS: settings.imap.tls,
        Door.WEB: settings.web.listen,
    }
    return [(door, address) for door in Door for address in lists[door]]


def bind_all(wanted_: Iterable[tuple[Door, Address]]) -> list[Bound]:
    """Bind and listen. Raises CannotListen, with nothing left open, at the first failure."""
    bound: list[Bound] = []
    try:
        for door, address in wanted_:
            bound.extend(Bound(door, address, one) for one in _listen(door, address))
    except CannotListen:
        for one in bound:
            one.socket.close()
        raise
    return bound


def _listen(door: Door, address: Address) -> list[socket.socket]:
    opened: list[socket.socket] = []
    try:
        for family, where in _resolved(address):
            try:
                opened.append(_one(family, where))
            except OSError as fault:
                # A machine without IPv6 knows "localhost" and "*" in one family only.
                if fault.errno not in NO_SUCH_FAMILY or (not opened and family == socket.AF_INET):
                    raise
        if not opened:
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        return opened
    except OSError as fault:
        for sock in opened:
            sock.close()
        raise CannotListen(
            t(
                f"Không mở được cổng {address} ({door.value}): {fault.strerror or fault}.",
                f"Cannot listen on {address} ({door.value}): {fault.strerror or fault}.",
            )
        ) from fault


def _resolved(address: Address) -> list[tuple[int, Any]]:
    found = socket.getaddrinfo(address.host or None, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((int(family), where) for family, _, _, _, where in found))


def _one(family: int, where: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted sockets inherit it: answers of a few octets are not held back 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(where)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def write_ports(bound: Iterable[Bound], path: Path) -> None:
    """Tell other programs where the doors are: `{"smtp.mx": ["127.0.0.1:2525"], …}`."""
    table: dict[str, list[str]] = {}
    for one in bound:
        table.setdefault(one.door.value, []).append(str(one.at))
    passing = path.with_suffix(".new")
    passing.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    passing.replace(path)
