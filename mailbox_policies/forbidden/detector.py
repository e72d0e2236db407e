"""Everything that is looked for in one letter, in the order in which it matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mailbox_policies.forbidden import personal, petitions, secrecy, upper_zone
from mailbox_policies.forbidden.finding import Document, Finding, Kind, Letter, Place

__all__ = ["detect", "worth_a_look"]

# What is found has one of these in it, in small letters; what has none need not be looked at closer. Of spaced
# letters ("M Ậ T") the end: nothing else in Vietnamese has it.
_HINTS: Final = (
    *("mật", "ậ t", "toi mat", "tuyet mat", "[mat]", "do mat", "tố cáo", "khiếu nại", "tố giác", "khiếu kiện"),
    *("kiến nghị", "phản ánh", "kêu cứu", "kêu oan", "cứu xét", "đích danh", "người nhận", "có tên", "riêng"),
    "không bóc",
)
_LOOKED_AT: Final = 20_000  # characters: more than a first page has


def worth_a_look(text: str) -> bool:
    """Whether a text (NFC) may say anything that is looked for: a glance, because every mail gets it."""
    small = text[:_LOOKED_AT].lower()
    return any(hint in small for hint in _HINTS)


def detect(letter: Letter) -> tuple[Finding, ...]:
    """What is found in a letter, the gravest first: secrecy by level, then letters to persons, then petitions.

    Pure; takes time linear in the letter.
    """
    order = list(Kind)
    return tuple(sorted(_all(letter), key=lambda one: order.index(one.kind)))


def _all(letter: Letter) -> Iterator[Finding]:
    if worth_a_look(letter.subject):
        yield from secrecy.in_subject(letter.subject)
        yield from personal.in_subject(letter.subject)
        yield from petitions.in_subject(letter.subject)
    if worth_a_look(letter.body):
        yield from _in_body(letter.body)
    for document in letter.documents:
        yield from _in_document(document)


def _in_body(body: str) -> Iterator[Finding]:
    opening = list(upper_zone.flowing(body))
    yield from secrecy.in_lines(opening, Place.BODY)
    yield from personal.in_lines(opening, Place.BODY)
    yield from petitions.in_lines(opening, Place.BODY)
    yield from petitions.in_body(body)


def _in_document(document: Document) -> Iterator[Finding]:
    yield from secrecy.in_file_name(document.name)
    yield from petitions.in_file_name(document.name)
    lines = upper_zone.lines_of(document)
    yield from secrecy.in_lines(lines, Place.PAGE, document.name)
    yield from personal.in_lines(lines, Place.PAGE, document.name)
    yield from petitions.in_lines(lines, Place.PAGE, document.name)
