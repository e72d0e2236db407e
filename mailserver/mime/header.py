"""A header block: its fields, found without parsing their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from mailserver.mime.limits import MAX_FIELD_OCTETS, MAX_FIELDS, MAX_HEADER_OCTETS
from mailserver.mime.words import decode_text

__all__ = ["FIELD_END", "Header", "decode_text", "field_chooser", "fields_of", "header_end", "select_fields", "unfold"]

# The end of a field: a line end that no white space follows (RFC 5322 §2.2.3).
FIELD_END: Final = re.compile(rb"\n(?![ \t])")


def header_end(data: bytes, start: int, end: int) -> int:
    """Where the body begins: behind the first empty line of data[start:end], or `end` without one."""
    if data.startswith(b"\r\n", start, end):
        return start + 2
    if data.startswith(b"\n", start, end):
        return start + 1
    crlf = data.find(b"\n\r\n", start, end)
    bare = data.find(b"\n\n", start, end if crlf < 0 else crlf)
    if bare >= 0:
        return bare + 2
    return end if crlf < 0 else crlf + 3


def unfold(value: bytes) -> bytes:
    """A field's value without the line ends of its folds and without outer white space."""
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return value.strip()


def fields_of(block: bytes) -> list[tuple[bytes, bytes]]:
    """(name in lower case, raw value) of each field that has a colon, as far as the limits go.

    The value still has its folds and outer white space. Blocks above MAX_HEADER_OCTETS are read
    with each value cut at MAX_FIELD_OCTETS.
    """
    lines = FIELD_END.split(block) if len(block) <= MAX_HEADER_OCTETS else _long_block(block)
    found: list[tuple[bytes, bytes]] = []
    for line in lines[:MAX_FIELDS]:
        name, colon, value = line.partition(b":")
        if colon:
            found.append((name.strip().lower(), value))
    return found


def _long_block(block: bytes) -> list[bytes]:
    lines: list[bytes] = []
    start = 0
    for match in FIELD_END.finditer(block):
        lines.append(block[start : min(match.start(), start + MAX_FIELD_OCTETS)])
        start = match.end()
        if len(lines) == MAX_FIELDS:
            break
    else:
        lines.append(block[start : start + MAX_FIELD_OCTETS])
    return lines


class Header:
    """The fields of one header block; names are matched without regard to case."""

    __slots__ = ("_block", "_found")

    def __init__(self, block: bytes) -> None:
        self._block = block
        self._found: dict[bytes, list[bytes]] = {}
        for name, value in fields_of(block):
            self._found.setdefault(name, []).append(value)

    def get(self, name: bytes) -> bytes | None:
        """The unfolded value of the first field of this name, still encoded; None without one."""
        values = self._found.get(name.lower())
        return None if values is None else unfold(values[0])

    def all(self, name: bytes) -> list[bytes]:
        """The unfolded values of all fields of this name, in order."""
        return [unfold(value) for value in self._found.get(name.lower(), ())]

    def text(self, name: bytes) -> str:
        """The decoded text of the first field of this name, "" without one."""
        value = self.get(name)
        return "" if value is None else decode_text(value)

    def fields(self) -> list[tuple[bytes, bytes]]:
        """(name in lower case, the field's octets with its line end) of every field, unlimited."""
        found: list[tuple[bytes, bytes]] = []
        start = 0
        for match in FIELD_END.finditer(self._block):
            raw = self._block[start : match.end()]
            name, colon, _ = raw.partition(b":")
            if colon:
                found.append((name.strip().lower(), raw))
            start = match.end()
        raw = self._block[start:]
        name, colon, _ = raw.partition(b":")
        if colon:
            found.append((name.strip().lower(), raw))
        return found


def select_fields(block: bytes, names: frozenset[bytes], invert: bool = False) -> bytes:
    """The fields with (or, inverted, without) these names, octet for octet, and an empty line.

    names: in any case. For HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 3501 §6.4.5).
    """
    return field_chooser(names, invert)(block)


def field_chooser(names: frozenset[bytes], invert: bool = False) -> Callable[[bytes], bytes]:
    """`select_fields` for many blocks: a listing asks it of every message, so the pattern is looked up once."""
    find = _selector(names, invert).findall

    def choose(block: bytes) -> bytes:
        chosen = find(b"\n" + block if block.endswith(b"\n") else b"\n%b\r\n" % block)
        chosen.append(b"\r\n")
        return b"\n".join(chosen)

    return choose


@lru_cache(maxsize=256)
def _selector(names: frozenset[bytes], invert: bool) -> re.Pattern[bytes]:
    """Matches one whole field with its folds, behind a line end and without its own last LF.

    The quantifiers are possessive: nothing is tried twice, whatever the header holds.
    """
    named = rb"(?:" + b"|".join(sorted(re.escape(name) for name in names)) + rb")[ \t]*+:"
    if not names:
        named = rb"(?!)"
    start = rb"(?!" + named + rb"|\r?\n|[ \t])[^\n]" if invert else named
    return re.compile(rb"\n(" + start + rb"[^\n]*+(?:\n[ \t][^\n]*+)*+)", re.IGNORECASE)
