"""From a reply of a remote server to what becomes of a recipient. Pure; the table is in this room's docstring."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, unique

# RFC 3463 §2: class, subject, detail.
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?= |$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@unique
class End(Enum):
    """sent: the remote is responsible now. again: try later. soon: try at once. failed: for good."""

    SENT = "sent"
    AGAIN = "again"
    SOON = "soon"
    FAILED = "failed"


@unique
class Stage(Enum):
    """The command that a reply answers."""

    HELLO = "hello"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a recipient in one attempt.

    code: of the reply, 0 if the words are ours and not the remote's. status: RFC 3463. words: on one line.
    host: that said so, "" if none was reached. relayed: sent to a host that does not report success itself
    (RFC 3461 §6.2.7.1, "relayed").
    """

    end: End
    code: int
    status: str
    words: str
    host: str = ""
    relayed: bool = False

    @property
    def answer(self) -> str:
        """The remote's words with its code, or ours."""
        return f"{self.code} {self.words}" if self.code else self.words


def of_reply(stage: Stage, code: int, text: str, host: str, *, taken_before: bool = False) -> Outcome:
    """What a reply means for those it answers.

    taken_before: other recipients of the transaction were accepted: then 452 and 552 speak of their number.
    """
    words = one_line(text)
    return Outcome(_end(stage, code, words, taken_before), code, status_of(code, words), words, host)


def ours(end: End, status: str, words: str, host: str = "") -> Outcome:
    """An outcome that no remote has put into words."""
    return Outcome(end, 0, status, words, host)


def _end(stage: Stage, code: int, words: str, taken_before: bool) -> End:
    if 200 <= code < 300:
        return End.SENT
    if stage is Stage.RCPT and code in (452, 552) and not status_of(code, words).endswith(".2.2"):
        # RFC 5321 §4.5.3.1.10: "too many recipients" was 552 once; 5.2.2 is a full mailbox.
        return End.SOON if taken_before else End.AGAIN
    if stage is not Stage.HELLO and 500 <= code < 600:
        return End.FAILED
    return End.AGAIN


def status_of(code: int, words: str) -> str:
    """The enhanced status code at the head of a reply, else the general one of its class."""
    found = _STATUS.match(words)
    first = str(code)[0] if 200 <= code < 600 and code // 100 != 3 else "4"
    if found and found[1] == first:
        return found[0]
    return f"{first}.0.0"


def one_line(text: str) -> str:
    """A reply's words on one line, control characters gone."""
    return _CONTROL.sub(" ", text).strip()
