"""Macros in SPF records (RFC 7208 §7). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

# Of one domain-spec. Records that people publish have four at most; each may stand for a long address.
MAX_MACROS = 32
# Characters of an expanded name, cut at its left end (RFC 7208 §7.3).
MAX_NAME = 253

_PIECE = re.compile(
    r"(?P<literal>[\x21-\x24\x26-\x7e]+)"
    r"|(?P<escape>%[%_-])"
    r"|%\{(?P<letter>[a-zA-Z])(?P<keep>\d{0,3})(?P<reverse>[rR]?)(?P<delimiters>[.+,/_=-]*)\}"
)
_ESCAPES = {"%%": "%", "%_": " ", "%-": "%20"}
_LETTERS = frozenset("slodiphv")
_ONLY_IN_EXPLANATIONS = frozenset("crt")


class BadMacro(ValueError):
    """The text is no macro-string."""


@dataclass(frozen=True, slots=True)
class Macro:
    """letter: one of `slodiphv` and, in explanations, `crt`. keep: labels from the right, 0 for all."""

    letter: str
    keep: int
    reverse: bool
    delimiters: str
    escaped: bool


Template = tuple[str | Macro, ...]


def parse(text: str, *, explanation: bool = False) -> Template:
    """Literals and macros in order. Raises BadMacro."""
    pieces: list[str | Macro] = []
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            raise BadMacro(text)
        pieces.append(_piece(match, explanation))
        at = match.end()
    if sum(isinstance(piece, Macro) for piece in pieces) > MAX_MACROS:
        raise BadMacro(text)
    return tuple(pieces)


def _piece(match: re.Match[str], explanation: bool) -> str | Macro:
    if match["literal"]:
        return match["literal"]
    if match["escape"]:
        return _ESCAPES[match["escape"]]
    letter = match["letter"].lower()
    known = letter in _LETTERS or (explanation and letter in _ONLY_IN_EXPLANATIONS)
    if not known or (match["keep"] and int(match["keep"]) == 0):
        raise BadMacro(match[0])
    return Macro(
        letter, int(match["keep"] or 0), bool(match["reverse"]), match["delimiters"] or ".", match["letter"].isupper()
    )


def expand(template: Template, values: Mapping[str, str]) -> str:
    """The name that a template stands for, as far as a name can be long.

    values: by letter, all that the template needs.
    """
    text = "".join(piece if isinstance(piece, str) else _expanded(piece, values[piece.letter]) for piece in template)
    text = text.removesuffix(".")
    while len(text) > MAX_NAME and "." in text:
        text = text.partition(".")[2]
    return text


def _expanded(macro: Macro, value: str) -> str:
    labels = re.split(f"[{re.escape(macro.delimiters)}]", value)
    if macro.reverse:
        labels.reverse()
    if macro.keep:
        labels = labels[-macro.keep :]
    text = ".".join(labels)
    return quote(text, safe="-._~") if macro.escaped else text


def dotted(ip: IPv4Address | IPv6Address) -> str:
    """`%{i}`: an IPv4 address as it is written, an IPv6 address as nibbles with dots."""
    return str(ip) if isinstance(ip, IPv4Address) else ".".join(f"{int(ip):032x}")
