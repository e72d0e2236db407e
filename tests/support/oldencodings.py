"""Text as the keyboards of the nineties wrote it: the other way round from what the product reads.

Each function gives the octets. What an encoding cannot write is written as people did: TCVN3 and VPS have small
letters where a capital has no octet, as `written` says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from mailserver.mime import legacy_tables

_TCVN3: Final = dict(
    zip(
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
        strict=True,
    )
)
_VNI_TONES: Final = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_HATS: Final = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_VNI_BREVES: Final = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_VNI_I: Final = {"": "i", "\u0301": "í", "\u0300": "ì", "\u0309": "æ", "\u0303": "ó", "\u0323": "ò"}
_VIQR: Final = {
    "\u0302": "^", "\u0306": "(", "\u031b": "+",
    "\u0301": "'", "\u0300": "`", "\u0309": "?", "\u0303": "~", "\u0323": ".",
}  # fmt: skip


def _apart(letter: str) -> tuple[str, str, str]:
    """Base, mark and tone of a letter."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    mark = "".join([one for one in marks if one in "\u0302\u0306\u031b"])
    tone = "".join([one for one in marks if one in _VNI_TONES])
    return base, mark, tone


def tcvn3(text: str) -> bytes:
    return "".join([_TCVN3.get(letter, _TCVN3.get(letter.lower(), letter)) for letter in text]).encode("cp1252")


def vni(text: str) -> bytes:
    return "".join(map(_vni, text)).encode("cp1252")


def _vni(letter: str) -> str:
    base, mark, tone = _apart(letter)
    small = base.lower()
    if letter in "đĐ":
        made = "ñ"
    elif small not in "aeiouy" or not (mark or tone):
        return letter
    elif small == "i":
        made = _VNI_I[tone]
    elif small == "y" and tone == "\u0323":
        made = "î"
    elif mark == "\u0302":
        made = small + _VNI_HATS[tone]
    elif mark == "\u0306":
        made = small + _VNI_BREVES[tone]
    else:
        made = ({"o": "ô", "u": "ö"}[small] if mark else small) + _VNI_TONES.get(tone, "")
    return made.upper() if letter.isupper() else made


def viqr(text: str) -> bytes:
    """RFC 1456 §3: a sign that would be read as a mark has a backslash."""
    out: list[str] = []
    for letter in text:
        base, mark, tone = _apart(letter)
        if letter in "đĐ":
            out.append("dd" if letter == "đ" else "DD")
        elif mark or tone:
            out.append(base + "".join([_VIQR[one] for one in mark + tone]))
        else:
            before = out[-1] if out else ""
            takes = before[-1:] in set("aeiouyAEIOUY") or (before[-1:] in {"^", "(", "+"} and len(before) > 1)
            out.append("\\" + letter if letter in "'`?~.^(+" and takes else letter)
    return "".join(out).encode("ascii", "replace")


def _single(table: dict[int, str]) -> Callable[[str], bytes]:
    octet_of = {letter: octet for octet, letter in table.items() if octet < 256}

    def encode(text: str) -> bytes:
        out = bytearray()
        for letter in text:
            octet = octet_of.get(letter, octet_of.get(letter.lower())) if not letter.isascii() else ord(letter)
            out += bytes((octet,)) if octet is not None else letter.encode("cp1252")
        return bytes(out)

    return encode


viscii: Final = _single(legacy_tables._VISCII)
vps: Final = _single(legacy_tables._VPS)
ALL: Final[dict[str, Callable[[str], bytes]]] = {
    "TCVN3": tcvn3, "VNI": vni, "VISCII": viscii, "VPS": vps, "VIQR": viqr,
}  # fmt: skip

_LOST: Final = {
    "TCVN3": re.compile("[ÀÁẢÃẠẰẮẲẴẶẦẤẨẪẬÈÉẺẼẸỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌỒỐỔỖỘỜỚỞỠỢÙÚỦŨỤỪỨỬỮỰỲÝỶỸỴ]"),
    "VPS": re.compile("[ẠẬẶẸỆỊỌỘỢỤỰỴẪỮ]"),
}


def written(text: str, encoding: str) -> str:
    """What the octets still say: a first capital with a tone has become small ("ủy ban"), unless all are capitals."""
    lost = _LOST.get(encoding)
    if lost is None:
        return text
    return text if text.isupper() else re.sub(r"[^\W\d_]+", lambda word: _written(word[0], lost), text)


def _written(word: str, lost: re.Pattern[str]) -> str:
    return word if word.isupper() and len(word) > 1 else lost.sub(lambda letter: letter[0].lower(), word)


def without_typography(text: str, encoding: str) -> str:
    """Dashes and quotes as the encoding has them: VISCII, VPS and VIQR only those of ASCII."""
    return text.replace("–", "-") if encoding in ("VISCII", "VPS", "VIQR") else text


def re_encoded(octets: bytes) -> bytes:
    """Octets taken for windows-1252 and written in UTF-8, as programs did that knew no better."""
    return legacy_tables.octets_as_text(octets).encode()


def cp1258(text: str) -> bytes:
    """Windows-1258, in which tones are octets of their own."""
    out = bytearray()
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            base, mark, tone = _apart(letter)
            out += (unicodedata.normalize("NFC", base + mark) + tone).encode("cp1258")
    return bytes(out)


def is_octets(text: str) -> bool:
    return only_octets(text) == text


def only_octets(text: str) -> str:
    """The text without the letters that windows-1252 cannot write."""
    return text.encode("cp1252", "ignore").decode("cp1252")
