"""Octets to text whatever the label says: only known charsets, then repair, then NFC.

Text in an encoding from before Unicode is read as it was meant (`legacy`), for everything that people see and search;
the octets are kept as they came.

Python's registry is not asked for the names in mail: it also knows "punycode" (quadratic),
"unicode_escape" and "zip". Sources: RFC 2978, WHATWG Encoding §4.2 for the labels in wide misuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from mailserver.mime import legacy
from mailserver.mime.legacy import Repaired
from mailserver.mime.legacy_tables import BY_NAME, octets_as_text, viqr_strictly

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
    return _CODECS.get(label) or _CODECS.get(_plain(label))


def _plain(label: str) -> str:
    return label.strip().strip("\"'").lower()


# Labels of encodings that Python does not know (RFC 1456, Mozilla's names).
_OLD_NAMES: Final = {
    "viscii": "VISCII", "csviscii": "VISCII", "viqr": "VIQR", "csviqr": "VIQR", "x-viet-vps": "VPS", "vps": "VPS",
    "x-viet-tcvn5712": "TCVN3", "x-viet-tcvn": "TCVN3", "tcvn": "TCVN3", "tcvn-5712": "TCVN3", "tcvn3": "TCVN3",
    "tcvn5712-1": "TCVN3", "x-viet-vni": "VNI", "vni": "VNI",
}  # fmt: skip
# Labels under which the old encodings travel: they say nothing, or something of the kind "8 bits".
_SAY_LITTLE: Final = frozenset({"ascii", "cp1252", "cp1258"})


class Decoded(NamedTuple):
    """Text of octets. stated: as the label has it; repaired: what it was meant to say, None if that is the same."""

    stated: str
    repaired: Repaired | None

    @property
    def text(self) -> str:
        return self.stated if self.repaired is None else self.repaired.text


def guess(raw: bytes) -> str:
    """Text of octets with no charset or a wrong one: UTF-8, an encoding from before Unicode, else windows-1258,
    else ISO 8859-1; NFC."""
    return decoded(raw, None).text


def decode(raw: bytes, label: str | None) -> str:
    """Text of octets labelled with a charset, repaired where the label is wrong or unknown; NFC.

    Never raises. The result has no NUL and no lone surrogate, so that every store takes it.
    """
    return decoded(raw, label).text


def decoded(raw: bytes, label: str | None, repair: Callable[[str], Repaired | None] = legacy.repair) -> Decoded:
    """As `decode`, and what the text was before it was repaired from an encoding from before Unicode.

    repair: looks for one in text that is read as windows-1252 where nothing better is known.
    """
    codec = "ascii" if label is None else codec_of(label)
    if codec is None:
        assert label is not None
        old = _OLD_NAMES.get(_plain(label))
        if old is not None:
            return _declared(raw, old)
        codec = "ascii"
    stated = _stated(raw, codec)
    legible = stated
    if codec in _SAY_LITTLE and not stated.isascii() and not _is_utf8(raw):
        if codec != "cp1252" and legacy.reads_well(stated):
            return Decoded(stated, None)
        legible = tidy(octets_as_text(raw))
    return Decoded(stated, repair(legible))


def joined(pieces: Sequence[Decoded]) -> Decoded:
    """Pieces of one text, each decoded by its own label."""
    stated = tidy("".join([piece.stated for piece in pieces]))
    encodings = sorted({piece.repaired.encoding for piece in pieces if piece.repaired is not None})
    if not encodings:
        return Decoded(stated, legacy.repair(stated))
    return Decoded(stated, Repaired(tidy("".join([piece.text for piece in pieces])), ", ".join(encodings)))


def _declared(raw: bytes, name: str) -> Decoded:
    stated = tidy(octets_as_text(raw))
    text = viqr_strictly(stated) if name == "VIQR" else legacy.read_as(BY_NAME[name], stated)
    return Decoded(stated, None if text == stated else Repaired(text, name))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _stated(raw: bytes, codec: str) -> str:
    if codec == "ascii":
        return _unlabelled(raw)
    try:
        text = raw.decode(codec)
    except (UnicodeDecodeError, ValueError):
        return _mended(raw, codec)
    if codec in _MAY_MAKE_SURROGATES:
        text = _SURROGATE.sub("\ufffd", text)
    return tidy(text)


def _unlabelled(raw: bytes) -> str:
    try:
        return tidy(raw.decode())
    except UnicodeDecodeError:
        pass
    try:
        return tidy(raw.decode("cp1258"))
    except UnicodeDecodeError:
        return tidy(raw.decode("latin-1"))


def _mended(raw: bytes, codec: str) -> str:
    """Octets that are not what their label says: UTF-8 if they are that, else what can be read."""
    try:
        return tidy(raw.decode())
    except UnicodeDecodeError:
        pass
    if codec == "utf-8":
        # A single bad octet in UTF-8 must not turn the whole text into windows-1258.
        text = raw.decode("utf-8", "replace")
        return tidy(text) if text.count("\ufffd") * 20 < len(text) else _unlabelled(raw)
    return tidy(_SURROGATE.sub("\ufffd", raw.decode(codec, "replace")))


def tidy(text: str) -> str:
    """NFC without NUL (windows-1258 and macOS give base letters and combining marks)."""
    return legacy.compose(text.replace("\0", "") if "\0" in text else text)
