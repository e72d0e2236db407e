"""What the sender of a message wants to be told of its fate (RFC 3461), kept with its envelope."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from types import MappingProxyType

_ENCODED = re.compile(r"\+([0-9A-Fa-f]{2})")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})+")
_NO_XCHAR = re.compile(r"[^!-*,-<>-~]")


@unique
class Notify(Enum):
    """When to tell the sender (RFC 3461 §4.1)."""

    NEVER = "NEVER"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DELAY = "DELAY"


@unique
class Ret(Enum):
    """How much of the message to send back with a failure (RFC 3461 §4.3)."""

    FULL = "FULL"
    HDRS = "HDRS"


# Who says nothing hears of failures and delays.
BY_DEFAULT = frozenset({Notify.FAILURE, Notify.DELAY})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for one recipient.

    notify: as given, NEVER alone; None if nothing was given. orcpt: the original recipient as
    "type;address" without encoding, in the case it came in; "" for none (RFC 3461 §4.2).
    """

    notify: frozenset[Notify] | None = None
    orcpt: str = ""

    def wants(self, what: Notify) -> bool:
        """Whether the sender is to be told of this."""
        return what in (BY_DEFAULT if self.notify is None else self.notify)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for a message.

    ret: None if nothing was given. envid: the sender's name for it, without encoding, in the case it
    came in; "" for none (RFC 3461 §4.4). of: by recipient, as RCPT named it; one who is missing has
    no wishes.
    """

    ret: Ret | None = None
    envid: str = ""
    of: Mapping[str, Wish] = field(default_factory=lambda: MappingProxyType({}))

    def for_(self, recipient: str) -> Wish:
        return self.of.get(recipient, NO_WISH)


NO_WISH = Wish()
NO_WISHES = Wishes()


def from_xtext(text: str) -> str:
    """Decode xtext (RFC 3461 §4). Raises ValueError for what is none, or hides other than printable ASCII."""
    if _XTEXT.fullmatch(text) is None:
        raise ValueError("not xtext")
    plain = _ENCODED.sub(lambda match: chr(int(match[1], 16)), text)
    if not (plain.isascii() and plain.isprintable()):
        raise ValueError("not printable")
    return plain


def to_xtext(text: str) -> str:
    """Encode printable ASCII for a parameter of MAIL or RCPT."""
    return _NO_XCHAR.sub(lambda match: f"+{ord(match[0]):02X}", text)
