"""The encodings in which Vietnamese was written before Unicode, as functions from text to text.

Their octets arrive as the characters that windows-1252 has for them ("Céng hßa" for "Cộng hòa"), be it because a
label said so, or because a program re-encoded them in UTF-8 long ago. So a table here maps such characters.

Sources: RFC 1456 (VISCII, VIQR); TCVN 5712:1993 in its third form, which fonts such as .VnTime have; the layouts of
the fonts VNI-Times and VPS Times.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mailserver.mime.vietnamese import is_syllable
from mailserver.text import nfc

__all__ = ["BY_NAME", "ENCODINGS", "Encoding", "as_octets", "octets_as_text"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding: how people call it, and its reading of text that is in it."""

    name: str
    decode: Callable[[str], str]


def octets_as_text(raw: bytes) -> str:
    """Octets as windows-1252 has them; those it leaves open as the control characters of ISO 8859-1."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1").translate(_C1)


def as_octets(text: str) -> bytes | None:
    """The octets whose reading `text` is; None if it has characters that no octet stands for."""
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        pass
    try:
        return text.translate(_TO_LATIN_1).encode("latin-1")
    except UnicodeEncodeError:
        return None


_OPEN: Final = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_C1: Final = {octet: bytes((octet,)).decode("cp1252") for octet in range(0x80, 0xA0) if octet not in _OPEN}
_TO_LATIN_1: Final = {ord(character): octet for octet, character in _C1.items()}


def _table(octets: dict[int, str]) -> dict[int, str]:
    """A table for text as windows-1252 and as ISO 8859-1 has the octets."""
    table = {}
    for octet, letter in octets.items():
        table[octet] = letter
        if octet in _C1:
            table[ord(_C1[octet])] = letter
    return table


def _row(start: int, letters: str) -> dict[int, str]:
    """letters: of the octets from `start` on, "." for one that is no letter."""
    return {start + at: letter for at, letter in enumerate(letters) if letter != "."}


# 0xAD, which is "ư" here, is the soft hyphen elsewhere and shown by nobody. Capitals with a tone are the same octets
# in a font of capitals.
_TCVN3: Final = _table(
    _row(0xA1, "ĂÂÊÔƠƯĐăâêôơưđ")
    | _row(0xB5, "àảãáạ.ằẳẵắ")
    | _row(0xC6, "ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹý")
    | _row(0xFE, "ỵ")
)
_VISCII: Final = _table(
    {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
    | _row(0x80, "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ")
    | _row(0xC0, "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ")
)
# Some capitals stand only in the range of control characters, where mail loses them; fonts and keyboards use the
# small letter's octet for them, and so does this table.
_VPS: Final = _table(
    _row(0x80, "ÀẢÃẤẦẨọỗĂếềểệẮẰẲẾ..ỀỂỄỐỒỔỖýỷỵỚỜỞ")
    | _row(0xA1, "ắằẳẵặỠớÙờởỡŨỨợỪổỬỲỸÍÌộỈĨÓửữÒỎÕự")
    | _row(0xC0, "ầÁÂấẩẫậđẻÉÊẹỉễịỹƯỦồốÔỏơÈừứÚũưÝẺ.àáâãảạă.èéêẽìí.ĩẴĐòóôõ.Ơụùúủ.ỶẼỳ")
)

_VNI_TONES: Final = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_VNI_MARKS: Final = (
    _VNI_TONES
    | dict(zip("âáàåãä", ("\u0302" + tone for tone in ("", *_VNI_TONES.values())), strict=True))
    | dict(zip("êéèúüë", ("\u0306" + tone for tone in ("", *_VNI_TONES.values())), strict=True))
)
_VNI_LETTERS: Final = dict(zip("ñôöíìæóòîÑÔÖÍÌÆÓÒÎ", "đơưíìỉĩịỵĐƠƯÍÌỈĨỊỴ", strict=True))
_VNI_LETTER: Final = re.compile("[ôö][ùøûõï]|[aeouy][ùøûõï]|[aeo][âáàåãä]|a[êéèúüë]|[ñôöíìæóòî]", re.IGNORECASE)


def _vni(text: str) -> str:
    return _VNI_LETTER.sub(_vni_letter, text)


def _vni_letter(found: re.Match[str]) -> str:
    base, mark = found[0][0], found[0][1:].lower()
    base = _VNI_LETTERS.get(base, base)
    return nfc(base + _VNI_MARKS[mark]) if mark else base


_VIQR_MARKS: Final = {"^": "\u0302", "(": "\u0306", "+": "\u031b", "": ""}
_VIQR_TONES: Final = {"'": "\u0301", "`": "\u0300", "?": "\u0309", "~": "\u0303", ".": "\u0323", "": ""}
# RFC 1456 §3.2: a letter, the mark that makes another vowel of it, a tone; a backslash takes its meaning from what
# follows.
_VIQR_LETTER: Final = re.compile(
    r"\\(.)|([aA])([(^]?)(['`?~.]?)|([eE])(\^?)(['`?~.]?)|([oO])([+^]?)(['`?~.]?)"
    r"|([uU])(\+?)(['`?~.]?)|([iIyY])(['`?~.]?)|([dD])[dD]"
)
_CHUNK: Final = re.compile(r"[^ \t\r\n]+")
_PIECE: Final = re.compile(r"[^\W\d_]+")
_LONGEST_CHUNK: Final = 60
# What ends a sentence as well as being a tone; in a word that is none with the tone, it does.
_ENDS: Final = "?."


def viqr_strictly(text: str) -> str:
    """Text that is declared to be VIQR."""
    return _VIQR_LETTER.sub(_viqr_letter, text)


def _viqr(text: str) -> str:
    """Text that may be VIQR here and there: only words that become syllables are read so."""
    return _CHUNK.sub(_viqr_chunk, text)


def _viqr_chunk(found: re.Match[str]) -> str:
    chunk = found[0]
    if "@" in chunk or "//" in chunk or len(chunk) > _LONGEST_CHUNK:
        return chunk
    decoded = viqr_strictly(chunk)
    if decoded == chunk or _all_syllables(decoded):
        return decoded
    end = chunk[-1]
    if end in _ENDS and _all_syllables(shorter := viqr_strictly(chunk[:-1])):
        return shorter + end
    return chunk


def _all_syllables(text: str) -> bool:
    """Whether every word with a mark is one; letters alone may be an abbreviation (QĐ)."""
    return all(
        piece.isascii() or is_syllable(piece) or (piece.isupper() and len(piece) <= 6) for piece in _PIECE.findall(text)
    )


def _viqr_letter(found: re.Match[str]) -> str:
    parts = [part for part in found.groups() if part is not None]
    if found[1] is not None:
        return found[1]
    base = parts[0]
    if base in "dD":
        return "đ" if base == "d" else "Đ"
    marks = "".join([_VIQR_MARKS.get(part) or _VIQR_TONES.get(part, "") for part in parts[1:]])
    return nfc(base + marks)


_RUN: Final = re.compile(r"[^\x00-\x7f]+")


def _twice(text: str) -> str:
    """UTF-8 that was taken for windows-1252 and encoded once more."""
    return _RUN.sub(_once, text)


def _once(found: re.Match[str]) -> str:
    octets = as_octets(found[0])
    if octets is None:
        return found[0]
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return found[0]


# The order decides between readings that are equally good.
ENCODINGS: Final = (
    Encoding("UTF-8", _twice),
    Encoding("TCVN3", lambda text: text.translate(_TCVN3)),
    Encoding("VNI", _vni),
    Encoding("VISCII", lambda text: text.translate(_VISCII)),
    Encoding("VPS", lambda text: text.translate(_VPS)),
)
VIQR: Final = Encoding("VIQR", _viqr)
BY_NAME: Final = {encoding.name: encoding for encoding in (*ENCODINGS, VIQR)}
