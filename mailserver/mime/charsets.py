"""Octets to text whatever the label says: only known charsets, then repair, then NFC.

Python's registry is not asked for the names in mail: it also knows "punycode" (quadratic),
"unicode_escape" and "zip". Sources: RFC 2978, WHATWG Encoding §4.2 for the labels in wide misuse.
"""

from __future__ import annotations

import re
from typing import Final

from mailserver.text import nfc

# fmt: off
# Names that Python decodes safely under the same name.
_SAME_NAME: Final = (
    "utf-8", "utf-7", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be", "iso-8859-2",
    "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-10",
    "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "cp437", "cp850", "cp852", "cp858",
    "cp866", "cp874", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "cp1258", "koi8-r", "koi8-u", "tis-620", "big5", "big5hkscs", "gb18030", "hz", "euc-jp", "euc-kr",
    "cp932", "cp949", "iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-ext",
    "iso-2022-kr", "mac-roman", "mac-cyrillic", "mac-greek", "mac-turkish", "ptcp154",
)
# fmt: on

# Labels that are written for something else, mostly its superset.
_OTHER_NAME: Final = {
    "utf8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode": "utf-16",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "hz-gb-2312": "hz",
    "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "windows-949": "cp949",
    "windows-874": "cp874",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
} | {f"{label}-125{n}": f"cp125{n}" for label in ("windows", "x-cp") for n in range(9)}

_CODECS: Final = {name: name for name in _SAME_NAME} | _OTHER_NAME
# Their Python decoders can return lone surrogates, which no database takes.
_MAY_MAKE_SURROGATES: Final = frozenset({"utf-7", "utf-16", "utf-16le", "utf-16be"})
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def codec_of(label: str) -> str | None:
    """The Python codec for a charset label of a message, None if it is not one we decode."""
    return _CODECS.get(label.strip().strip("\"'").lower())


def guess(raw: bytes) -> str:
    """Text of octets with no charset or a wrong one: UTF-8, else windows-1258, else ISO 8859-1; NFC."""
    try:
        return tidy(raw.decode())
    except UnicodeDecodeError:
        pass
    try:
        return tidy(raw.decode("cp1258"))
    except UnicodeDecodeError:
        return tidy(raw.decode("latin-1"))


def decode(raw: bytes, label: str | None) -> str:
    """Text of octets labelled with a charset, repaired where the label is wrong or unknown; NFC.

    Never raises. The result has no NUL and no lone surrogate, so that every store takes it.
    """
    codec = None if label is None else codec_of(label)
    if codec is None or codec == "ascii":
        return guess(raw)
    try:
        text = raw.decode(codec)
    except (UnicodeDecodeError, ValueError):
        return _repair(raw, codec)
    if codec in _MAY_MAKE_SURROGATES:
        text = _SURROGATE.sub("\ufffd", text)
    return tidy(text)


def _repair(raw: bytes, codec: str) -> str:
    """Octets that are not what their label says: UTF-8 if they are that, else what can be read."""
    try:
        return tidy(raw.decode())
    except UnicodeDecodeError:
        pass
    if codec == "utf-8":
        # A single bad octet in UTF-8 must not turn the whole text into windows-1258.
        text = raw.decode("utf-8", "replace")
        return tidy(text) if text.count("\ufffd") * 20 < len(text) else guess(raw)
    return tidy(_SURROGATE.sub("\ufffd", raw.decode(codec, "replace")))


def tidy(text: str) -> str:
    """NFC without NUL (windows-1258 and macOS give base letters and combining marks)."""
    return nfc(text.replace("\0", "") if "\0" in text else text)
