"""The kinds of answers and of records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Generic, TypeVar

T = TypeVar("T")


@unique
class Outcome(Enum):
    """FAILED: nobody can tell for the present (no answer in time, SERVFAIL, refused, bogus); ask later."""

    FOUND = "found"
    NO_NAME = "no such name"
    NO_DATA = "no data"
    FAILED = "temporary failure"


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What DNS said.

    records: not empty if and only if the outcome is FOUND. authentic: what was found, or that there is
    no data, was validated by DNSSEC (RFC 4035 §3.2.3) by a name server on this machine (loopback), or by one
    that the settings call trusted; to any other the way could be somebody else's. Never set for NO_NAME and FAILED.
    """

    outcome: Outcome
    records: tuple[T, ...] = ()
    authentic: bool = False

    @property
    def found(self) -> bool:
        return self.outcome is Outcome.FOUND

    @property
    def failed(self) -> bool:
        return self.outcome is Outcome.FAILED


@dataclass(frozen=True, slots=True, order=True)
class MailHost:
    """An MX record (RFC 5321 §5.1). host: lower case without the last dot; "" is the null MX (RFC 7505)."""

    preference: int
    host: str


@dataclass(frozen=True, slots=True)
class Tlsa:
    """A TLSA record (RFC 6698 §2.1)."""

    usage: int
    selector: int
    matching: int
    data: bytes
