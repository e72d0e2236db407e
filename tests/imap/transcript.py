"""Transcripts: what several sessions say and hear, written down.

A file holds scenarios, each begun by `== title`. Lines of a scenario:

    setup 3           three messages (see `message`) are in the folder $box before it begins
    dovecot: no — WHY Dovecot is not asked: the extension is not there, or it differs throughout; without such a
                      line the scenario is played to Dovecot too
    1 C: NOOP         session 1 sends a command; a tag is put in front, `\\r\\n` behind
    1 C: X {mail 2}   … with message 2 as a non-synchronising literal
    1 C: X {"a\\r\\n"} … with these octets as one (escapes as in Python, text in UTF-8)
    1 R: DONE         session 1 sends a line as it is (escapes as in Python)
    1 S: * 3 EXISTS   session 1 hears this; all lines up to the tagged one must be listed, in order
    1 S: ...          any lines may come here
    1 P: * 4 EXISTS   session 1 hears this unasked (while idling)
    1 S?: …, 1 P?: …  Vanthu says this; another server may leave it out
    1 D: NO           what Dovecot says instead of all that session 1 hears in this place; a comment says why

In what is heard, `$name` stands for any word the first time and for the same one afterwards,
`$new>$old` for a number above an earlier one, and a line ending in `...` for any rest; `\\r\\n` and
`\\x00` are those octets. The tagged line is written without its tag. Session 3 is a colleague's, all
others are the same person's.

Vanthu is held to every octet (`tests/imap/strict.py`), Dovecot to the meaning (`tests/imap/lenient.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, unique
from pathlib import Path

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.glob("*.txt"))
_STEP = re.compile(r"(\d) ([CRSPD])(\??): ?(.*)")
_NOT_DOVECOT = re.compile(r"dovecot: no — (.+)")


@unique
class Server(Enum):
    VANTHU = "vanthu"
    DOVECOT = "dovecot"


@dataclass(frozen=True)
class Expected:
    """A line to be heard. optional: whether another server than Vanthu may leave it out."""

    text: str
    optional: bool = False


@dataclass(frozen=True)
class Exchange:
    """What session `who` sends, if anything, and what it then hears, once unasked lines and then answers.

    kind: C for a command, R for a line as it is, P where nothing is sent and the line comes unasked.
    dovecot: what Dovecot says in place of `heard`; empty where it says the same.
    """

    who: int
    kind: str
    text: str
    heard: tuple[Expected, ...]
    dovecot: tuple[Expected, ...]

    def expected_of(self, server: Server) -> tuple[Expected, ...]:
        return self.dovecot if server is Server.DOVECOT and self.dovecot else self.heard


@dataclass
class Scenario:
    """not_dovecot: why Dovecot is not asked; empty where it is. steps: (session, kind, text, optional)."""

    title: str
    setup: int = 0
    not_dovecot: str = ""
    steps: list[tuple[int, str, str, bool]] = field(default_factory=list)

    def exchanges(self) -> Iterator[Exchange]:
        at = 0
        while at < len(self.steps):
            who, kind, text, optional = self.steps[at]
            heard = [Expected(text, optional)] if kind in "PS" else []
            at += 1
            mine = at
            while (
                at < len(self.steps)
                and self.steps[at][0] == who
                and self.steps[at][1] in ("D" if kind == "P" else "SD")
            ):
                at += 1
            lines = [(step[1], Expected(step[2], step[3])) for step in self.steps[mine:at]]
            heard += [line for sort, line in lines if sort == "S"]
            instead = tuple(line for sort, line in lines if sort == "D")
            yield Exchange(who, kind, text, tuple(heard), instead)

    def sessions(self) -> set[int]:
        return {step[0] for step in self.steps}


def user_of(session: int) -> str:
    return "binh" if session == 3 else "an"


def message(number: int) -> bytes:
    """Message `number` of every scenario: 7-bit, with a subject and a sender of its own."""
    return (
        f"From: Sender {number} <sender{number}@bench.test>\r\nTo: an@sxd.gov.vn\r\nSubject: Message {number}\r\n"
        f"Date: Wed, {10 + number} Jul 1996 02:23:25 -0700\r\nMessage-ID: <m{number}@bench.test>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=US-ASCII\r\n\r\nBody of message {number}.\r\n"
    ).encode()


def read_scenarios(path: Path) -> list[Scenario]:
    found: list[Scenario] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            found.append(Scenario(line[3:].strip()))
        elif line.startswith("setup "):
            found[-1].setup = int(line[6:])
        elif (reason := _NOT_DOVECOT.fullmatch(line)) is not None:
            found[-1].not_dovecot = reason[1]
        elif (step := _STEP.fullmatch(line)) is not None:
            if step[2] == "D" and not (found[-1].steps and found[-1].steps[-1][0] == int(step[1])):
                raise ValueError(f"{path.name}: in place of what? {line!r}")
            found[-1].steps.append((int(step[1]), step[2], step[4], bool(step[3])))
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"{path.name}: no step: {line!r}")
    return found
