"""HTML in encodings from before Unicode: its fonts say which, where the text alone does not.

Word of 1999 wrote `<font face=".VnTime">C&#171;ng v¨n</font>`. Markup stays as it is; text between tags is read by the
table of the font it is in, and text in other fonts as `legacy` finds by its words. Linear in the input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import Final

from mailserver.mime import legacy
from mailserver.mime.legacy import Repaired
from mailserver.mime.legacy_tables import BY_NAME, Encoding

__all__ = ["font_encoding", "repair_html"]

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})([^<>]*+)>|<[^<>]*+>")
# A font by attribute or by style; of a list the first name is the one it was written in.
_FONT: Final = re.compile(
    r"\b(?:face\s{0,9}=|font-family\s{0,9}:|font\s{0,9}:[^;\"'<>]{0,60}?\b(?:pt|px|em)\s)\s{0,9}[\"']?\s{0,9}(?:&quot;|')?"
    r"([.\w][\w .-]{0,40})",
    re.IGNORECASE,
)
_OLD_NAMES: Final = (".vn", "vni", "vps ", "viscii", "vi times", "vi arial")
_OLD_FONT: Final = re.compile(r"\.vn[a-z]|vni[- ]|vps |viscii|vi times|vi arial", re.IGNORECASE)
# Entities of letters and signs; not those that every HTML mail has.
_LETTER_ENTITY: Final = re.compile(
    r"&(?!nbsp|amp|lt|gt|quot|apos|#39|#160|copy|hellip|[nm]dash|[lr][sd]quo|bull|middot)[#A-Za-z]"
)
# int() refuses numbers of more than 4,300 digits, and no character has more than 7.
_LONG_NUMBER: Final = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
# Elements whose content is no text, and those that have no end.
_NO_TEXT: Final = frozenset(("script", "style"))
_ALONE: Final = frozenset(("br", "img", "hr", "wbr", "meta", "link", "input", "col", "area", "base"))
_DEEPEST: Final = 3_000


@dataclass(frozen=True, slots=True)
class _Font:
    """encoding: of text in it, None for any other font. capitals: small letters are shown as capitals."""

    encoding: Encoding | None
    capitals: bool = False


_PLAIN: Final = _Font(None)


def font_encoding(face: str) -> _Font:
    """What a font's name says of the text in it: .VnTime and .VnTimeH, VNI-Times, VPS Times, VISCII fonts."""
    name = face.strip().strip("\"'").lower()
    if name.startswith(".vn"):
        return _Font(BY_NAME["TCVN3"], capitals=name.rstrip("0123456789 ").endswith("h") and not name.endswith("tech"))
    if name.startswith(("vni-", "vni ")):
        return _Font(BY_NAME["VNI"])
    if name.startswith("vps "):
        return _Font(BY_NAME["VPS"])
    if name.startswith("vi ") or "viscii" in name:
        return _Font(BY_NAME["VISCII"])
    return _PLAIN


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A tag, or text between two; font: of the text, None for a tag."""

    source: str
    font: _Font | None


def repair_html(source: str) -> Repaired | None:
    """As `legacy.repair`, for the source of an HTML document: the same markup, its text put right."""
    lower = source.lower()
    fonts = any(name in lower for name in _OLD_NAMES) and _OLD_FONT.search(source) is not None
    if not fonts and not _may_be_old(source):
        return None
    stretches = list(_stretches(source))
    others = " ".join([_text(one.source) for one in stretches if one.font is _PLAIN])
    found = legacy.recognise(others)
    names = {found.name} if found is not None else set()
    out: list[str] = []
    for one in stretches:
        encoding = found if one.font is _PLAIN else None if one.font is None else one.font.encoding
        if encoding is None or not one.source.strip():
            out.append(one.source)
            continue
        text = _text(one.source)
        read = _read(encoding, text, capitals=one.font is not None and one.font.capitals)
        out.append(one.source if read == text else escape(read, quote=False))
        if read != text:
            names.add(encoding.name)
    return Repaired("".join(out), ", ".join(sorted(names))) if names else None


def _may_be_old(source: str) -> bool:
    """Whether it is worth taking the text apart from its markup: most mail is in Unicode or plain ASCII."""
    if legacy.in_unicode(source):
        return False
    return not source.isascii() or _LETTER_ENTITY.search(source) is not None or legacy.recognise(source) is not None


def _read(encoding: Encoding, text: str, *, capitals: bool) -> str:
    if legacy.in_unicode(text):
        return text  # written with another keyboard under the old font's name
    read = legacy.read_as(encoding, text)
    return read.upper() if capitals else read


def _text(source: str) -> str:
    return unescape(_LONG_NUMBER.sub("\ufffd", source)) if "&" in source else source


def _stretches(source: str) -> Iterator[_Stretch]:
    """Tags and texts in order. An element without a font has that of the element it is in."""
    fonts: list[tuple[str, _Font]] = []
    at, hidden = 0, False
    for tag in _TAG.finditer(source):
        if tag.start() > at:
            yield _Stretch(source[at : tag.start()], None if hidden else fonts[-1][1] if fonts else _PLAIN)
        yield _Stretch(tag[0], None)
        at = tag.end()
        name = (tag[2] or "").lower()
        if not name or name in _ALONE:
            continue
        if name in _NO_TEXT:
            hidden = not tag[1]
        elif tag[1]:
            _close(fonts, name)
        elif len(fonts) < _DEEPEST and not tag[3].endswith("/"):
            named = _FONT.search(tag[3])
            around = fonts[-1][1] if fonts else _PLAIN
            fonts.append((name, font_encoding(named[1]) if named else around))
    if at < len(source):
        yield _Stretch(source[at:], None if hidden else fonts[-1][1] if fonts else _PLAIN)


# How far up an element is looked for that an end tag closes; beyond, the tag is a stray one.
_LOOK_UP: Final = 8


def _close(fonts: list[tuple[str, _Font]], name: str) -> None:
    for back in range(1, min(len(fonts), _LOOK_UP) + 1):
        if fonts[-back][0] == name:
            del fonts[-back:]
            return
