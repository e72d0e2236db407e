"""What travels between the parts of the collector, and to the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum, unique


@unique
class Security(StrEnum):
    """tls: from the first octet. starttls: before signing in. none: not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@unique
class After(StrEnum):
    """What happens on the remote to a message that was delivered here. flag: it is marked as read."""

    LEAVE = "leave"
    FLAG = "flag"
    DELETE = "delete"


@unique
class Outcome(StrEnum):
    """What became of a message; a refused one stays on the remote."""

    DELIVERED = "delivered"
    REFUSED = "refused"


@unique
class Trouble(StrEnum):
    """Why an account was not collected from; each has its words where it is shown."""

    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    LOGIN = "login"
    FOLDER = "folder"
    PROTOCOL = "protocol"
    SECRET = "secret"
    TARGET = "target"
    FULL = "full"
    PUT_OFF = "put-off"
    STORE = "store"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the mail is. fingerprint: SHA-256 of the only certificate to be taken, None: by its name."""

    host: str
    port: int
    security: Security
    login: str
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """An account as an administrator describes it.

    target: an address of ours. folders: names on the remote, the first is watched. poll_s: seconds
    between visits where nothing is watched. since: older mail (by the remote's arrival date) is left alone.
    """

    target: str
    remote: Remote
    folders: tuple[str, ...] = ("INBOX",)
    after: After = After.LEAVE
    poll_s: int = 300
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is kept. changed_at: when an administrator last changed it. secret: encrypted."""

    id: int
    wish: Wish
    secret: bytes = field(repr=False)
    paused: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Sending:
    """How mail under an account's address goes out. identity_id: of the directory. secret: encrypted."""

    address: str
    identity_id: int
    server: Remote
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """How collecting goes. trouble: None while the last visit was a success. failures: in a row."""

    collected: int
    refused: int
    last_success_at: datetime | None
    last_failure_at: datetime | None
    trouble: Trouble | None
    detail: str
    failures: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that was left on the remote. reason: a word, see `passes.REASONS`."""

    message_id: str
    folder: str
    uid: int
    size: int
    reason: str
    at: datetime
