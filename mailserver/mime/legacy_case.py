"""Capitals that an old encoding had no octet for: the font showed them, and the text has small letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, unique
from typing import Final

from mailserver.mime.vietnamese import may_be_syllable

__all__ = ["restore_capitals"]

_PIECE: Final = re.compile(r"[^\W\d_]+")


@unique
class _Kind(Enum):
    CAPITALS = "capitals"
    EITHER = "either"  # as far as the letters tell: "Bộ" or "BỘ"
    SMALL = "small"
    ABBREVIATION = "abbreviation"


def restore_capitals(text: str, either: frozenset[str]) -> str:
    """Words of capitals made so throughout: "CộNG HòA" becomes "CỘNG HÒA".

    either: small letters that may stand for capitals. A word that has no other letters than these and a first
    capital is taken as its neighbours are.
    """
    return "\n".join([_line(line, either) for line in text.split("\n")])


def _line(line: str, either: frozenset[str]) -> str:
    if not either.intersection(line):
        return line
    pieces = list(_PIECE.finditer(line))
    kinds = [_kind(piece[0], either) for piece in pieces]
    out: list[str] = []
    at = 0
    for piece, capital in zip(pieces, _in_capitals(kinds), strict=True):
        out += (line[at : piece.start()], piece[0].upper() if capital else piece[0])
        at = piece.end()
    return "".join((*out, line[at:]))


def _kind(word: str, either: frozenset[str]) -> _Kind:
    capitals = sum(letter.isupper() for letter in word)
    doubtful = sum(letter in either for letter in word)
    if capitals + doubtful < len(word):
        return _Kind.SMALL
    if not doubtful:
        return _Kind.CAPITALS if len(word) > 1 and may_be_syllable(word) else _Kind.ABBREVIATION
    return _Kind.CAPITALS if capitals > 1 else _Kind.EITHER


def _in_capitals(kinds: Sequence[_Kind]) -> list[bool]:
    """Which words are in capitals. Doubtful ones in a row are as the words on both sides of it, where there are any;
    abbreviations, which are always in capitals, tell nothing."""
    found = [kind is _Kind.CAPITALS for kind in kinds]
    row: list[int] = []
    left: _Kind | None = None
    for at, kind in enumerate([*kinds, None]):
        if kind is _Kind.EITHER:
            row.append(at)
        elif kind is not _Kind.ABBREVIATION:
            sides = {left, kind} - {None}
            for doubtful in row:
                found[doubtful] = sides == {_Kind.CAPITALS}
            row, left = [], kind
    return found
