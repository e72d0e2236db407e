"""Flag lists of STORE and APPEND as the store keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.store.flags import MAX_KEYWORD_OCTETS, MAX_KEYWORDS, NAMES

_BY_FOLDED = {name.lower(): flag for name, flag in NAMES.items()}


@dataclass(frozen=True, slots=True)
class Flags:
    """bits: of `mailserver.store.flags.Flag`. keywords: as sent, each once."""

    bits: int
    keywords: tuple[str, ...]


def classify(names: Iterable[str]) -> Flags:
    """System flags as bits, the rest as keywords; `\\Recent` is ignored (RFC 3501 §2.3.2).

    Raises ParseError for an unknown system flag, NameRefused [LIMIT] for too many or too long
    keywords.
    """
    bits = 0
    keywords: dict[str, str] = {}
    for name in names:
        if not name.startswith("\\"):
            keywords.setdefault(name.lower(), name)
        elif name.lower() in _BY_FOLDED:
            bits |= _BY_FOLDED[name.lower()]
        elif name.lower() != "\\recent":
            raise ParseError("Unknown system flag")
    if len(keywords) > MAX_KEYWORDS or any(len(word) > MAX_KEYWORD_OCTETS for word in keywords):
        raise NameRefused("Too many or too long keywords", b"LIMIT")
    return Flags(int(bits), tuple(keywords.values()))


def parse_flags(cursor: Cursor) -> Flags:
    """A flag list, or flags without parentheses to the end (allowed in STORE)."""
    if cursor.peek() == b"(":
        return classify(cursor.flag_list())
    names = [cursor.flag()]
    while not cursor.at_end():
        cursor.space()
        names.append(cursor.flag())
    return classify(names)
