"""Everything that is looked for in one letter, in the order in which it matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mailbox_policies.forbidden import personal, petitions, secrecy, upper_zone
from mailbox_policies.forbidden.finding import Document, Finding, Kind, Letter, Place

__all__ = ["detect", "worth_a_look"]

# What is found has one of these in it; a file without them need not be looked at closer.
_HINT: Final = re.compile(
    r"m\s{0,3}ậ\s{0,3}t|tuyet mat|toi mat|tố cáo|khiếu nại|tố giác|khiếu kiện|kiến nghị|phản ánh|kêu cứu|kêu oan"
    r"|cứu xét|đích danh|người nhận|có tên|riêng\s*:|gửi riêng|không bóc",
    re.IGNORECASE,
)
_LOOKED_AT: Final = 20_000  # characters: more than a first page has


def worth_a_look(text: str) -> bool:
    """Whether the first page of a file with this text (NFC) may say anything that is looked for."""
    return _HINT.search(text[:_LOOKED_AT]) is not None


def detect(letter: Letter) -> tuple[Finding, ...]:
    """What is found in a letter, the gravest first: secrecy by level, then letters to persons, then petitions.

    Pure; takes time linear in the letter.
    """
    order = list(Kind)
    return tuple(sorted(_all(letter), key=lambda one: order.index(one.kind)))


def _all(letter: Letter) -> Iterator[Finding]:
    yield from secrecy.in_subject(letter.subject)
    yield from personal.in_subject(letter.subject)
    yield from petitions.in_subject(letter.subject)
    opening = list(upper_zone.flowing(letter.body))
    yield from secrecy.in_lines(opening, Place.BODY)
    yield from personal.in_lines(opening, Place.BODY)
    yield from petitions.in_lines(opening, Place.BODY)
    yield from petitions.in_body(letter.body)
    for document in letter.documents:
        yield from _in_document(document)


def _in_document(document: Document) -> Iterator[Finding]:
    yield from secrecy.in_file_name(document.name)
    yield from petitions.in_file_name(document.name)
    lines = upper_zone.lines_of(document)
    yield from secrecy.in_lines(lines, Place.PAGE, document.name)
    yield from personal.in_lines(lines, Place.PAGE, document.name)
    yield from petitions.in_lines(lines, Place.PAGE, document.name)
