"""Proposals for the register's fields, from what a message and its files say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from routing import reading
from routing.document_types import type_of_notation
from routing.types import Suggestion, Treatment

# How far a source is trusted (UX 5.2): the document's own words before its wrapping.
_TEXT, _SUBJECT, _FILENAME, _BODY, _SENDER = 0.9, 0.7, 0.6, 0.5, 0.4
_REPLY_MARKS = re.compile(r"^\s*((re|fwd?|tr|v/v chuyển tiếp)\s*:\s*)+", re.IGNORECASE)
_CODE_PREFIX = re.compile(r"^\s*(số\s*:?\s*)?\d{1,6}\s*/\s*[^\s]+\s*[-–—:.]*\s*", re.IGNORECASE)
_COMMENT = re.compile(r"góp ý|lấy ý kiến|cho ý kiến", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a message. texts: file name to extracted text, Unicode NFC."""

    subject: str
    body: str
    sender_name: str
    filenames: Sequence[str]
    texts: Sequence[tuple[str, str]]


def suggest(source: Source) -> tuple[Suggestion, ...]:
    """All proposals, best first; several may name one field."""
    found = [*_from_texts(source), *_from_subject(source), *_from_names(source), *_from_wrapping(source)]
    return tuple(sorted(found, key=lambda s: -s.confidence))


def _from_texts(source: Source) -> Iterator[Suggestion]:
    for name, text in source.texts:
        page = text[: reading.FIRST_PAGE]
        label = f"text:{name}"
        yield from _code(reading.code_in(page, labelled=True), label, _TEXT)
        yield from _particulars(page, label, _TEXT)
        yield from _one("issuer", reading.issuer_in(page), label, _TEXT - 0.1)
        yield from _one("signer", reading.signer_in(text), label, _TEXT - 0.3)
        yield from _one("type_name", reading.type_in(page), label, _TEXT)


def _from_subject(source: Source) -> Iterator[Suggestion]:
    subject = _REPLY_MARKS.sub("", source.subject).strip()
    yield from _code(reading.code_in(subject, labelled=False), "subject", _SUBJECT)
    yield from _particulars(subject, "subject", _SUBJECT)
    yield from _one("issued_on", reading.short_date_in(subject), "subject", _SUBJECT - 0.3)
    words = _CODE_PREFIX.sub("", subject).strip()
    if words:
        yield Suggestion("summary", words, "subject", _SUBJECT - 0.1, words)
    if _COMMENT.search(subject):
        yield Suggestion("treatment", Treatment.COMMENT, "subject", _SUBJECT, subject)


def _from_names(source: Source) -> Iterator[Suggestion]:
    for name in source.filenames:
        yield from _code(reading.code_in_filename(name), "filename", _FILENAME)


def _from_wrapping(source: Source) -> Iterator[Suggestion]:
    yield from _code(reading.code_in(source.body, labelled=False), "body", _BODY)
    yield from _one("due_on", reading.due_in(source.body), "body", _BODY)
    yield from _one("urgency", reading.urgency_in(source.body), "body", _BODY)
    if source.sender_name:
        yield Suggestion("issuer", source.sender_name, "sender", _SENDER, source.sender_name)


def _particulars(text: str, label: str, trust: float) -> Iterator[Suggestion]:
    yield from _one("issued_on", reading.date_in(text), label, trust)
    yield from _one("summary", reading.summary_in(text), label, trust - 0.05)
    yield from _one("due_on", reading.due_in(text), label, trust - 0.2)
    yield from _one("urgency", reading.urgency_in(text), label, trust)
    yield from _one("secrecy", reading.secrecy_in(text), label, trust)


def _one(field: str, found: reading.Found | None, source: str, confidence: float) -> Iterable[Suggestion]:
    if found is None:
        return ()
    return (Suggestion(field, found.value, source, round(confidence, 2), found.excerpt),)


def _code(found: tuple[str, str, str] | None, source: str, confidence: float) -> Iterator[Suggestion]:
    if found is None:
        return
    number, notation, excerpt = found
    yield Suggestion("number", number, source, confidence, excerpt)
    yield Suggestion("notation", notation, source, confidence, excerpt)
    yield Suggestion("type_name", type_of_notation(notation), source, round(confidence - 0.1, 2), excerpt)
