"""The objects of a PDF as PDFium writes it, and the same file with some of them in other words.

Only PDFium's own writing is read: a table of positions in plain text, no object inside another stream, the length of
each stream in its dictionary (ISO 32000-1 §7.3, §7.5). Whatever else a stranger's file may be is PDFium's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_IN_TEXT: Final = re.compile(rb"\\.|[()]", re.S)
_FREE: Final = b"0000000000 65535 f\r\n"
_WHITE: Final = b"\0\t\n\f\r "
_WORD: Final = re.compile(rb"[^\0\t\n\f\r ()<>\[\]{}/%]+")
_HEX: Final = re.compile(rb"<[^<>]*>")
_REFERENCE: Final = re.compile(rb"\d+[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>\[\]{}/%])")
_HEAD: Final = re.compile(rb"(\d+) (\d+) obj\s*")
_STREAM: Final = re.compile(rb"\s*stream\r?\n")


class Malformed(ValueError):
    """Not written as PDFium writes."""


@dataclass(frozen=True, slots=True)
class Stream:
    """An object that is a dictionary and octets. entries: values as they stand, by names without the slash."""

    number: int
    generation: int
    entries: Mapping[bytes, bytes]
    data: bytes

    def written(self) -> bytes:
        entries = {**self.entries, b"Length": b"%d" % len(self.data)}
        shown = b"".join(b"/%s %s" % pair for pair in entries.items())
        return b"%d %d obj\r\n<<%s>>stream\r\n%s\r\nendstream\r\nendobj\r\n" % (
            self.number,
            self.generation,
            shown,
            self.data,
        )


@dataclass(frozen=True, slots=True)
class File:
    """head: what stands before the first object. objects: octets of each by its number. trailer: its dictionary."""

    head: bytes
    objects: Mapping[int, bytes]
    trailer: bytes

    def streams(self) -> Iterator[Stream]:
        """Those that are streams, one after the other. Raises Malformed."""
        for octets in self.objects.values():
            found = stream(octets)
            if found is not None:
                yield found

    def written(self, changed: Mapping[int, Stream]) -> bytes:
        """The file with these streams in place of those of their numbers; everything else octet for octet.

        What PDFium carried along and tells of the places of the old file is left out.
        """
        parts, at = [self.head], len(self.head)
        rows = {0: _FREE}
        for number, old in self.objects.items():
            if _stale(old):
                continue
            new = changed[number].written() if number in changed else old
            rows[number] = b"%010d %05d n\r\n" % (at, int(new.split(b" ", 2)[1]))
            parts.append(new)
            at += len(new)
        # One section without gaps, as in a file that was never changed (ISO 32000-1 §7.5.4).
        table = b"".join(rows.get(number, _FREE) for number in range(max(rows) + 1))
        parts += [b"xref\r\n0 %d\r\n" % (max(rows) + 1), table, b"trailer\r\n", self.trailer]
        parts.append(b"\r\nstartxref\r\n%d\r\n%%%%EOF\r\n" % at)
        return b"".join(parts)


def read(data: bytes) -> File:
    """Raises Malformed."""
    table, trailer = _end(data)
    places = sorted(_places(data[table:trailer]))
    if not places or places[-1][0] >= table:
        raise Malformed
    ends = [*(start for start, _number in places[1:]), table]
    objects = {}
    for (start, number), end in zip(places, ends, strict=True):
        head = _HEAD.match(data, start)
        if head is None or int(head[1]) != number:
            raise Malformed
        objects[number] = data[start:end]
    at = data.find(b"<<", trailer)
    if at < 0:
        raise Malformed
    end = entries(data, at)[1]
    return File(data[: places[0][0]], objects, data[at:end])


def stream(octets: bytes) -> Stream | None:
    """The object, None if it is none. Raises Malformed."""
    head = _HEAD.match(octets)
    if head is None:
        raise Malformed
    if not octets.startswith(b"<<", head.end()):
        return None
    found, end = entries(octets, head.end())
    start = _STREAM.match(octets, end)
    if start is None:
        return None
    length = found.get(b"Length", b"")
    if not length.isdigit():
        raise Malformed
    data = octets[start.end() : start.end() + int(length)]
    if not octets[start.end() + int(length) :].lstrip().startswith(b"endstream"):
        raise Malformed
    return Stream(int(head[1]), int(head[2]), found, data)


def entries(data: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """The dictionary that begins here with "<<", and where it ends. Raises Malformed."""
    found, at = {}, _skip(data, at + 2)
    while not data.startswith(b">>", at):
        if data[at : at + 1] != b"/":
            raise Malformed
        name_end = _value_end(data, at)
        start = _skip(data, name_end)
        end = _value_end(data, start)
        found[data[at + 1 : name_end]] = data[start:end]
        at = _skip(data, end)
    return found, at + 2


def _stale(octets: bytes) -> bool:
    """A table of positions (ISO 32000-1 §7.5.8), or the mark of a file that can be shown while it comes (Annex F)."""
    head = _HEAD.match(octets)
    if head is None or not octets.startswith(b"<<", head.end()):
        return False
    if b"XRef" not in octets[:1024] and b"/Linearized" not in octets[:1024]:
        return False
    found = entries(octets, head.end())[0]
    return found.get(b"Type") == b"/XRef" or b"Linearized" in found


def _end(data: bytes) -> tuple[int, int]:
    """Where the table of positions and the trailer begin."""
    told = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", data[-64:])
    if told is None:
        raise Malformed
    table = int(told[1])
    trailer = data.find(b"trailer", table)
    if not data.startswith(b"xref", table) or trailer < 0:
        raise Malformed
    return table, trailer


def _places(table: bytes) -> Iterator[tuple[int, int]]:
    """(position, number) of each object that is there (ISO 32000-1 §7.5.4)."""
    number = 0
    for line in table.splitlines()[1:]:
        words = line.split()
        if len(words) == 2:
            number = int(words[0])
        elif len(words) == 3:
            if words[2] == b"n":
                yield int(words[0]), number
            number += 1


def _skip(data: bytes, at: int) -> int:
    while data[at : at + 1] and data[at] in _WHITE:
        at += 1
    return at


def _value_end(data: bytes, at: int) -> int:
    """Where the value that begins here ends. Raises Malformed."""
    begins = data[at : at + 2]
    if begins == b"<<":
        return entries(data, at)[1]
    if begins[:1] == b"[":
        at = _skip(data, at + 1)
        while data[at : at + 1] != b"]":
            at = _skip(data, _value_end(data, at))
        return at + 1
    if begins[:1] == b"(":
        return _text_end(data, at)
    if begins[:1] == b"/":
        name = _WORD.match(data, at + 1)
        return name.end() if name else at + 1
    word = _HEX.match(data, at) or _REFERENCE.match(data, at) or _WORD.match(data, at)
    if word is None:
        raise Malformed
    return word.end()


def _text_end(data: bytes, at: int) -> int:
    """Where the string in parentheses ends; those inside it are in pairs (ISO 32000-1 §7.3.4.2). Raises Malformed."""
    depth = 0
    for found in _IN_TEXT.finditer(data, at):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    raise Malformed
