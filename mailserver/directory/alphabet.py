"""The order of Vietnamese names: by the last word, as people are called, then by what stands before it.

Letters and tones as in CLDR's collation for vi: a ă â b c d đ e ê … o ô ơ … u ư …; tones count only between words
that are otherwise the same: ngang, huyền, hỏi, ngã, sắc, nặng.
"""

from __future__ import annotations

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"
_PLACE = {letter: number for number, letter in enumerate(_LETTERS)}

Key = tuple[tuple[int, ...], tuple[int, ...]]


def by_given_name(name: str) -> tuple[Key, Key]:
    """Sorts full names."""
    before, _space, given = name.strip().rpartition(" ")
    return word(given), word(before)


def word(text: str) -> Key:
    """Sorts words: their letters first, then their tones."""
    letters, tones = [], []
    for character in unicodedata.normalize("NFC", text.casefold()):
        bare, tone = _apart(character)
        letters.append(_PLACE.get(bare, len(_LETTERS) + ord(bare)) if bare.isalpha() else -1)
        tones.append(tone)
    return tuple(letters), tuple(tones)


def _apart(character: str) -> tuple[str, int]:
    """A letter without its tone, and the tone's number; 0 for none."""
    for mark in unicodedata.normalize("NFD", character)[1:]:
        if mark in _TONES:
            rest = unicodedata.normalize("NFD", character).replace(mark, "", 1)
            return unicodedata.normalize("NFC", rest)[:1], _TONES.index(mark) + 1
    return character, 0
