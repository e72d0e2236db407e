"""Text as this product keeps and compares it: Unicode NFC, and one fold for index and query."""

from __future__ import annotations

import re
import unicodedata


def _combining_marks() -> str:
    """A character class of every nonspacing mark of the Basic Multilingual Plane."""
    marks = [code for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) == "Mn"]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in ranges) + "]+"


_MARKS = re.compile(_combining_marks())
# Control characters that split() does not take for space, and what no database stores: NUL is not
# text in PostgreSQL, and half a surrogate pair cannot be encoded at all.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def nfc(text: str) -> str:
    """`text` in Unicode normalisation form C, as names and addresses are kept."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """What is left of `text` when case, diacritics and the amount of white space do not count.

    "Công  văn ĐI" and "cong van di" fold to the same. The only fold for index and query alike.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    plain = _MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
    return " ".join(plain.replace("đ", "d").split())


def storable(text: str) -> str:
    """`text` with what no database takes (NUL, lone surrogates) replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
