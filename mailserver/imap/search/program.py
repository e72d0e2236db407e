"""Search programs (RFC 3501 §6.4.4) as values; `reading` reads them.

Keys of extensions: MODSEQ (RFC 7162 §3.1.5), OLDER and YOUNGER (RFC 5032), SAVEDBEFORE and the like
(RFC 8514), EMAILID and THREADID (RFC 8474), "$" (RFC 5182).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum, unique

from mailserver.imap.parser.sequence import SequenceSet
from mailserver.store.flags import Flag


@unique
class Field(Enum):
    """What a text key looks into."""

    TEXT = b"TEXT"
    BODY = b"BODY"
    SUBJECT = b"SUBJECT"
    FROM = b"FROM"
    TO = b"TO"
    CC = b"CC"
    BCC = b"BCC"


@unique
class When(Enum):
    BEFORE = b"BEFORE"
    ON = b"ON"
    SINCE = b"SINCE"


@unique
class Clock(Enum):
    """Which date of a message counts; the value stands before BEFORE, ON and SINCE."""

    ARRIVAL = b""
    SENT = b"SENT"
    SAVED = b"SAVED"


@dataclass(frozen=True, slots=True)
class All:
    pass


@dataclass(frozen=True, slots=True)
class HasFlag:
    """flag: a system flag; wanted: set or not."""

    flag: Flag
    wanted: bool


@dataclass(frozen=True, slots=True)
class HasKeyword:
    keyword: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Recent:
    wanted: bool
    unseen_only: bool = False  # NEW


@dataclass(frozen=True, slots=True)
class Contains:
    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class HeaderContains:
    """text "": the field is there at all."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dated:
    when: When
    day: date
    clock: Clock


@dataclass(frozen=True, slots=True)
class Aged:
    """older: than so many seconds by the internal date, else younger."""

    older: bool
    seconds: int


@dataclass(frozen=True, slots=True)
class HasId:
    """thread: by the thread's number, else by the message's; None for an id that nothing has."""

    thread: bool
    number: int | None


@dataclass(frozen=True, slots=True)
class Size:
    larger: bool
    octets: int


@dataclass(frozen=True, slots=True)
class Messages:
    numbers: SequenceSet
    uid: bool


@dataclass(frozen=True, slots=True)
class ModSeq:
    """At least `modseq`; entry name and type are read and ignored (flags share one modseq)."""

    modseq: int


@dataclass(frozen=True, slots=True)
class Not:
    key: Key


@dataclass(frozen=True, slots=True)
class Or:
    left: Key
    right: Key


@dataclass(frozen=True, slots=True)
class And:
    keys: tuple[Key, ...]


Key = (
    All | HasFlag | HasKeyword | Recent | Contains | HeaderContains | Dated | Aged | HasId | Size | Messages
    | ModSeq | Not | Or | And
)  # fmt: skip


def leaves(key: Key) -> Iterator[Key]:
    """The keys of a program that have no keys inside; its depth is bounded by the parser."""
    if isinstance(key, And):
        for inner in key.keys:
            yield from leaves(inner)
    elif isinstance(key, Or):
        yield from leaves(key.left)
        yield from leaves(key.right)
    elif isinstance(key, Not):
        yield from leaves(key.key)
    else:
        yield key


def uses_modseq(key: Key) -> bool:
    """Whether a MODSEQ key is in the program."""
    return any(isinstance(leaf, ModSeq) for leaf in leaves(key))


def reads_text(key: Key) -> bool:
    """Whether the text of attachments counts."""
    return any(isinstance(leaf, Contains) and leaf.field in (Field.TEXT, Field.BODY) for leaf in leaves(key))
