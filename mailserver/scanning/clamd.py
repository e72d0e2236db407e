"""The protocol of clamd (ClamAV's manual, clamd(8)): PING, VERSION and INSTREAM, each command ended by NUL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailserver.octets import Octets
from mailserver.scanning.found import NoAnswer, Viruses, Why
from mailserver.scanning.wire import CHUNK, Place, exchange

MOST_ANSWER = 4096
_FOUND = re.compile(r"(?:stream|instream[^:]*): (.+) FOUND")


@dataclass(frozen=True, slots=True)
class Clamd:
    """A daemon. seconds: for one message. most: octets of a message that it is shown; above its StreamMaxLength
    it answers with an error. places: connections at once."""

    at: Place
    seconds: float = 20.0
    most: int = 26_214_400
    places: int = 4

    def ping(self, seconds: float) -> None:
        """Raises NoAnswer."""
        answer = self._ask(b"PING", seconds)
        if answer != "PONG":
            raise NoAnswer(Why.CONFUSED, answer)

    def version(self, seconds: float) -> str:
        """Of the program and its signatures: "ClamAV 1.4.6/27500/Tue Nov 24 …". Raises NoAnswer."""
        return self._ask(b"VERSION", seconds)

    def scan(self, octets: Octets) -> Viruses:
        """Raises NoAnswer."""
        if len(octets) > self.most:
            raise NoAnswer(Why.TOO_LARGE, f"{len(octets)} octets")
        answer = _text(exchange(self.at, _stream(octets), self.seconds, MOST_ANSWER, _whole))
        if answer == "stream: OK":
            return Viruses()
        if found := _FOUND.fullmatch(answer):
            return Viruses(found[1])
        if "size limit exceeded" in answer:
            raise NoAnswer(Why.TOO_LARGE, answer)
        raise NoAnswer(Why.CONFUSED, answer)

    def _ask(self, command: bytes, seconds: float) -> str:
        return _text(exchange(self.at, [b"z" + command + b"\0"], seconds, MOST_ANSWER, _whole))


def _stream(octets: Octets) -> Iterator[bytes]:
    """INSTREAM: each chunk after its length in four octets, the most significant first; one of length 0 ends it."""
    yield b"zINSTREAM\0"
    view = memoryview(octets)
    for start in range(0, len(octets), CHUNK):
        chunk = view[start : start + CHUNK]
        yield len(chunk).to_bytes(4, "big") + chunk
    yield b"\0\0\0\0"


def _whole(told: bytes) -> bool:
    return b"\0" in told


def _text(told: bytes) -> str:
    shown = told.partition(b"\0")[0].decode("utf-8", "replace").strip()
    return "".join(letter if letter.isprintable() else "?" for letter in shown)
