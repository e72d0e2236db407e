"""What a search is to return, and the ESEARCH response (RFC 4731 §3, RFC 9394 §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import number_set
from mailserver.imap.search.page import Page

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Returns:
    """Result options (RFC 4731 §3.1, RFC 9394 §3.1). save: keep what is meant for "$" (RFC 5182 §2.1)."""

    minimum: bool = False
    maximum: bool = False
    everything: bool = False
    count: bool = False
    save: bool = False
    page: Page | None = None

    @property
    def silent(self) -> bool:
        """Whether there is to be no response: SAVE alone."""
        return self == Returns(save=True)

    def meant(self, found: Sequence[T]) -> Sequence[T]:
        """What of `found` the options are about: all of it, unless only MIN, MAX and PARTIAL are asked for
        (RFC 4731 §3.2 for MODSEQ, RFC 5182 §2.4 and RFC 9394 §3.2 for SAVE)."""
        if self.everything or self.count or not (self.minimum or self.maximum or self.page):
            return found
        everything = range(len(found))
        places = set(self.page.of(everything)) if self.page else set()
        places.update(everything[:1] if self.minimum else ())
        places.update(everything[-1:] if self.maximum else ())
        return [found[place] for place in sorted(places)]


_OPTIONS = frozenset((b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"))


def next_word(cursor: Cursor) -> bytes:
    """The word that comes next, without moving; b"" if something else does."""
    start = cursor.at
    try:
        return cursor.word()
    except ParseError:
        return b""
    finally:
        cursor.at = start


def parse_returns(cursor: Cursor) -> Returns | None:
    """`RETURN (…)` and the space behind it, None without it; `RETURN ()` means ALL (RFC 4731 §3.1)."""
    if next_word(cursor) != b"RETURN":
        return None
    cursor.word()
    cursor.space()
    options = cursor.items(_option)
    cursor.space()
    words = {option for option in options if isinstance(option, bytes)}
    pages = [option for option in options if isinstance(option, Page)]
    if len(pages) > 1 or (pages and b"ALL" in words):
        raise ParseError("PARTIAL excludes ALL and another PARTIAL")
    return Returns(
        minimum=b"MIN" in words,
        maximum=b"MAX" in words,
        everything=b"ALL" in words or not options,
        count=b"COUNT" in words,
        save=b"SAVE" in words,
        page=pages[0] if pages else None,
    )


def _option(cursor: Cursor) -> bytes | Page:
    word = cursor.word("a result option")
    if word == b"PARTIAL":
        cursor.space()
        return Page.parse(cursor)
    if word not in _OPTIONS:
        raise ParseError("Unknown result option")
    return word


def esearch(returns: Returns, tag: bytes, uid: bool, numbers: Sequence[int], modseqs: Sequence[int] | None) -> bytes:
    """RFC 4731 §3.1; results that would be empty are left out, but for COUNT and PARTIAL.

    numbers: in the order found, which SORT gives. modseqs: of the same messages, for the MODSEQ item,
    or None.
    """
    pieces = [b'* ESEARCH (TAG "%b")' % tag.replace(b"\\", b"\\\\")]
    if uid:
        pieces.append(b"UID")
    if numbers and returns.minimum:
        pieces.append(b"MIN %d" % numbers[0])
    if numbers and returns.maximum:
        pieces.append(b"MAX %d" % numbers[-1])
    if returns.count:
        pieces.append(b"COUNT %d" % len(numbers))
    if numbers and returns.everything:
        pieces.append(b"ALL " + number_set(numbers))
    if returns.page is not None:
        pieces.append(b"PARTIAL (%b %b)" % (returns.page.wire, number_set(returns.page.of(numbers)) or b"NIL"))
    if modseqs is not None and (told := returns.meant(modseqs)):
        pieces.append(b"MODSEQ %d" % max(told))
    return b" ".join(pieces) + b"\r\n"
