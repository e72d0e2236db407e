"""How the rights of RFC 4314 are written on the wire, those of RFC 2086 included."""

from __future__ import annotations

from mailserver.imap.parser.errors import ParseError
from mailserver.store.letters import ALL, ORDER, Letters

# Letters of RFC 2086 and what they stand for here (RFC 4314 §2.1.1).
OBSOLETE = {"c": frozenset("kx"), "d": frozenset("te")}
# Letters that RFC 2086 did not have: the RIGHTS= capability names them (RFC 4314 §2.2).
NEW = "kxte"


def parse_rights(text: str) -> Letters:
    """Letters as a client sends them, obsolete ones replaced by what they stand for.

    Raises ParseError for a letter that there is not (RFC 4314 §3.1: BAD, never ignored).
    """
    found: set[str] = set()
    for letter in text:
        found |= OBSOLETE.get(letter, frozenset(letter))
    if not found <= ALL:
        raise ParseError("Unknown right")
    return frozenset(found)


def written(rights: Letters) -> bytes:
    """Letters as the server says them: with an obsolete one where any of its parts is there (RFC 4314 §2.1.1)."""
    text = "".join(letter for letter in ORDER if letter in rights)
    text += "".join(letter for letter, parts in OBSOLETE.items() if parts & rights)
    return text.encode("ascii")
