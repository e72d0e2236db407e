"""File names of parts, made safe to show and to write."""

from __future__ import annotations

import re
from typing import Final

from mailserver.mime.limits import MAX_FILENAME_OCTETS
from mailserver.mime.params import Parameters, extended_text
from mailserver.mime.words import decode_text
from mailserver.text import nfc

# Controls, bidirectional overrides ("exe.fdp" shown as "pdf.exe"), line separators.
_UNSAFE: Final = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_LONGEST_SUFFIX: Final = 20


def file_name(params: Parameters, name: bytes) -> str | None:
    """The file name in a parameter (`name` or `filename`), the extended form first; None without one."""
    starred = name + b"*"
    plain: bytes | None = None
    for key, value in params:
        key = key.lower()
        if key == starred:
            return clean(extended_text(value))
        if key == name and plain is None:
            plain = value
    return None if plain is None else clean(decode_text(plain))


def clean(text: str) -> str | None:
    """A name without path, control and direction characters, at most 255 octets in UTF-8, NFC.

    None if nothing is left, or only dots.
    """
    text = text[max(text.rfind("/"), text.rfind("\\")) + 1 :]
    if not (text.isascii() and text.isprintable()):
        text = nfc(_UNSAFE.sub("", text))
    text = text.strip()
    if not text.strip("."):
        return None
    return text if len(text) * 4 <= MAX_FILENAME_OCTETS else _shortened(text)


def _shortened(text: str) -> str:
    if len(text.encode()) <= MAX_FILENAME_OCTETS:
        return text
    stem, dot, suffix = text.rpartition(".")
    ending = dot + suffix if stem and len(suffix) <= _LONGEST_SUFFIX else ""
    room = MAX_FILENAME_OCTETS - len(ending.encode())
    stem = text[: len(text) - len(ending)] if ending else text
    return stem.encode()[:room].decode("utf-8", "ignore") + ending
