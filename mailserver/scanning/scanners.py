"""The scanners of an installation, and what they say of one message: asked when a rule wants to know, and once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from mailserver.octets import Octets
from mailserver.scanning.clamd import Clamd
from mailserver.scanning.found import NoAnswer, SpamAnswer, Unanswered, VirusAnswer, Viruses
from mailserver.scanning.guard import PROBE_S, Guard
from mailserver.scanning.rspamd import Facts, Rspamd

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Health:
    """Of one scanner. version: what it calls itself; "" if it does not answer, then `fault` says why."""

    name: str
    at: str
    version: str
    fault: str = ""


class Scanners:
    """Those that are configured; one for a process, shared by its threads."""

    def __init__(self, clamd: Clamd | None = None, rspamd: Rspamd | None = None) -> None:
        self.clamd, self.rspamd = clamd, rspamd
        self._viruses = Guard("clamd", clamd.places, clamd.ping) if clamd else None
        self._spam = Guard("rspamd", rspamd.places, rspamd.ping) if rspamd else None

    @property
    def any(self) -> bool:
        return bool(self.clamd or self.rspamd)

    @property
    def places(self) -> int:
        """How many may be asked at once."""
        return sum(one.places for one in (self.clamd, self.rspamd) if one)

    def viruses(self, octets: Octets) -> VirusAnswer | None:
        """What ClamAV says of a file or a message; None where there is none. Blocks; never raises."""
        clamd, guard = self.clamd, self._viruses
        if clamd is None or guard is None:
            return None
        return _answer(lambda: guard.ask(lambda: clamd.scan(octets)))

    def spam(self, octets: bytes, facts: Facts) -> SpamAnswer | None:
        """What rspamd says of a message; None where there is none. Blocks; never raises."""
        rspamd, guard = self.rspamd, self._spam
        if rspamd is None or guard is None:
            return None
        return _answer(lambda: guard.ask(lambda: rspamd.check(octets, facts)))

    def health(self) -> list[Health]:
        """Of each that is configured; asks them all. Blocks for some seconds at most."""
        return [_health(one) for one in (self.clamd, self.rspamd) if one is not None]


NO_SCANNERS = Scanners()


class Scans:
    """What the scanners say of one message. For one thread at a time."""

    def __init__(self, viruses: Callable[[], VirusAnswer | None], spam: Callable[[], SpamAnswer | None]) -> None:
        """viruses, spam: ask; they block."""
        self._viruses, self._spam = viruses, spam

    @cached_property
    def viruses(self) -> VirusAnswer | None:
        """None where there is no ClamAV."""
        return self._viruses()

    @cached_property
    def spam(self) -> SpamAnswer | None:
        """None where there is no rspamd, or nothing that it judges."""
        return self._spam()


def of_message(scanners: Scanners, framed: bytes, received: bytes, facts: Facts) -> Scans:
    """framed: as it is stored, with our fields in front: by them ClamAV sees that it is mail, whatever a stranger
    begins it with, and looks into its parts. received: as it came."""
    return Scans(lambda: scanners.viruses(framed), lambda: scanners.spam(received, facts))


def of_files(scanners: Scanners, files: Sequence[Octets]) -> Scans:
    """Of files that are no mail: the first that has a virus, or of which nobody can tell."""

    def viruses() -> VirusAnswer | None:
        answers = (scanners.viruses(one) for one in files)
        return next((one for one in answers if one is not None and one != Viruses()), None)

    return Scans(viruses, lambda: None)


def _answer(ask: Callable[[], T]) -> T | Unanswered:
    try:
        return ask()
    except NoAnswer as fault:
        return Unanswered(fault.why)


def _health(one: Clamd | Rspamd) -> Health:
    name = type(one).__name__.lower()
    try:
        return Health(name, str(one.at), one.version(PROBE_S))
    except NoAnswer as fault:
        return Health(name, str(one.at), "", str(fault))
