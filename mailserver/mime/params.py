"""Structured fields with parameters: Content-Type and Content-Disposition (RFC 2045 §5, RFC 2183).

Real mail is read tolerantly: comments, missing quotes, old macOS Mail's RFC 2047 around the whole
Content-Type, parameters split or labelled by RFC 2231 in any order. What can be read in two ways
is reported, because two programs that read it differently are an attack (boundary twice, say).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from mailserver.mime import charsets
from mailserver.mime.limits import MAX_PARAMETERS

Parameters = Sequence[tuple[bytes, bytes]]

# name = "quoted" or name = bare; what follows up to the next ";" is skipped.
_PARAMETER: Final = re.compile(rb'[;\s]*+([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]++|\\.)*+)"?|([^;"]*+))[^;]*+', re.DOTALL)
_COMMENT_MARK: Final = re.compile(rb'[()"\\]')
_QUOTED: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
_SECTION: Final = re.compile(rb"([^*]*+)(?:\*([0-9]{1,5}))?(\*?)")
# A bare value ends here, but for file names, which people forget to quote.
_VALUE_END: Final = re.compile(rb"[\s(]")
_FILE_NAMES: Final = (b"name", b"filename")
_NO_DEFECTS: Final[frozenset[str]] = frozenset()


def parameters(value: bytes) -> tuple[Parameters, frozenset[str]]:
    """The parameters behind a field's main value, and what was wrong with them.

    value: unfolded, from the first ";" on. Names keep their case and, where the value is in the
    extended form, one closing "*"; continuations are joined (RFC 2231 §3). Of several parameters
    with one name readers take the first. Defects: "parameters" (too many), "duplicate-parameter".
    """
    if b"(" in value:
        value = without_comments(value)
    found: list[tuple[bytes, bytes]] = []
    at, tried, end = 0, 0, len(value)
    while at < end and tried < MAX_PARAMETERS:
        tried += 1
        match = _PARAMETER.match(value, at)
        if match is not None:
            at = match.end()
            found.append((match[1], _parameter_value(match[1], match[2], match[3])))
        else:
            at = value.find(b";", at + 1)
            if at < 0:
                at = end
    defects: frozenset[str] = frozenset({"parameters"}) if at < end else _NO_DEFECTS
    if len(found) > 1:
        if len({name.lower() for name, _ in found}) < len(found):
            defects |= {"duplicate-parameter"}
        if any(b"*" in name for name, _ in found):
            return _joined(found), defects
    elif found and b"*" in found[0][0]:
        return _joined(found), defects
    return found, defects


def _parameter_value(name: bytes, in_quotes: bytes | None, bare: bytes | None) -> bytes:
    if in_quotes is not None:
        return _ESCAPE.sub(rb"\1", in_quotes) if b"\\" in in_quotes else in_quotes
    bare = (bare or b"").strip()
    if name.lower().startswith(_FILE_NAMES):
        return bare
    end = _VALUE_END.search(bare)
    return bare[: end.start()] if end else bare


def without_comments(value: bytes) -> bytes:
    """The value without comments (RFC 5322 §3.2.2), those in quotes or within a word left alone."""
    out: list[bytes] = []
    at, depth, kept_from = 0, 0, 0
    while (mark := _COMMENT_MARK.search(value, at)) is not None:
        at = mark.end()
        kind = mark[0]
        if kind == b"\\":
            at += 1
        elif kind == b'"' and depth == 0:
            at = _end_of_quoted(value, mark.start())
        elif kind == b"(" and (depth or _starts_comment(value, mark.start())):
            if depth == 0:
                out.append(value[kept_from : mark.start()])
            depth += 1
        elif kind == b")" and depth:
            depth -= 1
            kept_from = at
    if depth == 0:
        out.append(value[kept_from:])
    return b"".join(out)


def _end_of_quoted(value: bytes, start: int) -> int:
    match = _QUOTED.match(value, start)
    return match.end() if match else start + 1


def _starts_comment(value: bytes, at: int) -> bool:
    return at == 0 or value[at - 1 : at] in b" \t;="


def _joined(found: Parameters) -> Parameters:
    """Parameters with their RFC 2231 sections joined, in the order of their first sections."""
    sections: dict[bytes, dict[int, tuple[bytes, bool]]] = {}
    plain: list[tuple[bytes, bytes]] = []
    order: dict[bytes, bytes] = {}
    for name, value in found:
        match = _SECTION.fullmatch(name)
        if match is None or not (match[2] or match[3]):
            plain.append((name, value))
            continue
        base = match[1].lower()
        order.setdefault(base, match[1])
        sections.setdefault(base, {}).setdefault(int(match[2] or 0), (value, bool(match[3])))
    joined = [_one_joined(order[base], pieces) for base, pieces in sections.items()]
    return [*plain, *joined]


def _one_joined(name: bytes, pieces: dict[int, tuple[bytes, bool]]) -> tuple[bytes, bytes]:
    """(name, text) if no section is in the extended form, else (name*, charset'language'percents)."""
    ordered = [pieces[number] for number in sorted(pieces)]
    if not any(extended for _, extended in ordered):
        return name, b"".join([value for value, _ in ordered])
    start = b"" if ordered[0][1] and ordered[0][0].count(b"'") >= 2 else b"''"
    text = [value if extended else quote_from_bytes(value).encode() for value, extended in ordered]
    return name + b"*", start + b"".join(text)


def extended_text(value: bytes) -> str:
    """The text of a value in the extended form, charset'language'percent-encoded (RFC 2231 §4)."""
    pieces = value.split(b"'", 2)
    if len(pieces) < 3:
        return charsets.guess(unquote_to_bytes(value))
    return charsets.decode(unquote_to_bytes(pieces[2]), pieces[0].decode("latin-1") or None)
