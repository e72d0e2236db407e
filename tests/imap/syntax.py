"""Responses taken apart: what is the same to a client, however it is written, becomes the same value.

A string is its octets, whether an atom, quoted or a literal; a list in parentheses is a list. Of a
transcript's line also: `Length` is a literal of which only the length is given, `REST` is `...`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_QUOTED = re.compile(rb'"((?:[^"\\\r\n]|\\.)*)"')
_LITERAL = re.compile(rb"~?\{(\d+)\}\r\n")
_LENGTH = re.compile(rb"~?\{(\d+)\}")


@dataclass(frozen=True)
class Length:
    octets: int


@dataclass(frozen=True)
class Rest:
    """Any rest."""


REST: Final = Rest()
Tree = bytes | Length | Rest | list["Tree"]


def parse(line: bytes) -> list[Tree]:
    """The words of a response line, without its `* `. Raises ValueError for one that is no IMAP."""
    found, at = _words(line, 0)
    if at != len(line):
        raise ValueError(f"a parenthesis too many: {line!r}")
    return found


def _words(line: bytes, at: int) -> tuple[list[Tree], int]:
    """The words from here to the end, or to the closing parenthesis."""
    found: list[Tree] = []
    while at < len(line) and line[at : at + 1] != b")":
        if line[at : at + 1] == b" ":
            at += 1
        elif line[at:] in (b"...", b'"...'):
            return [*found, REST], len(line)
        elif line[at : at + 1] == b"(":
            inner, at = _words(line, at + 1)
            found.append(inner)
            if inner and inner[-1] is REST:
                return found, at
            if line[at : at + 1] != b")":
                raise ValueError(f"a parenthesis is open: {line!r}")
            at += 1
        else:
            word, at = _word(line, at)
            found.append(word)
    return found, at


def _word(line: bytes, at: int) -> tuple[Tree, int]:
    if (quoted := _QUOTED.match(line, at)) is not None:
        return re.sub(rb"\\(.)", rb"\1", quoted[1]), quoted.end()
    if (literal := _LITERAL.match(line, at)) is not None:
        end = literal.end() + int(literal[1])
        return line[literal.end() : end], end
    if (length := _LENGTH.match(line, at)) is not None:
        return Length(int(length[1])), length.end()
    return _atom(line, at)


def _atom(line: bytes, at: int) -> tuple[bytes, int]:
    """A section in brackets belongs to its atom, spaces and all: `BODY[HEADER.FIELDS (TO)]<0>`."""
    start, depth = at, 0
    while at < len(line) and (depth or line[at : at + 1] not in (b" ", b"(", b")")):
        depth += {b"[": 1, b"]": -1}.get(line[at : at + 1], 0)
        if line[at:] == b"...":
            break
        at += 1
    return line[start:at], at
