"""The argument of MAIL and RCPT: a path and its parameters (RFC 5321 §4.1.2, RFC 6531 §3.3).

Pure. More is accepted than the grammar has where real clients need it: a space after the colon
(Outlook), a path without angle brackets, local parts above 64 octets. Control characters and octets
that are no UTF-8 are refused before anything else looks at them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# RFC 5321 §4.5.3.1.3 says 256 octets for a path; addresses of mailing lists are seen above that.
MAX_PATH = 1000

_ATOMS = r"[^\x00-\x20\x7f<>()\[\]\\,;:@\"]+"
_QUOTED = r'"(?:[^\x00-\x1f\x7f"\\]|\\[\x20-\x7e])*"'
_DOMAIN = r"(?:[^\x00-\x20\x7f<>()\[\]\\,;:@\"]+|\[[A-Za-z0-9.:]+\])"
_MAILBOX = re.compile(rf"(?P<local>{_ATOMS}|{_QUOTED})@(?P<domain>{_DOMAIN})")
# "@relay,@relay:" in front of a mailbox is read over (RFC 5321 appendix C).
_ROUTE = re.compile(r"@[^:\x00-\x20\x7f<>\"]*:")
_PARAMETER = re.compile(r"(?P<key>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[^\x00-\x20\x7f=]+))?")


class BadPath(ValueError):
    """The text is no address."""


class BadParameters(ValueError):
    """The parameters are not `KEY` or `KEY=VALUE`, or one stands twice."""


@dataclass(frozen=True, slots=True)
class Path:
    """address: local@domain as written, "" for the null path, "postmaster" may stand alone.

    parameters: by key in capitals; the value as it was written, None where there is none.
    """

    address: str
    parameters: dict[str, str | None]

    @property
    def is_ascii(self) -> bool:
        return self.address.isascii()


def parse(argument: str, keyword: str) -> Path | None:
    """Read `FROM:<…> …` or `TO:<…> …`; None if the keyword is missing.

    Raises BadPath, BadParameters.
    """
    if argument[: len(keyword)].upper() != keyword:
        return None
    rest = argument[len(keyword) :].lstrip(" ")
    text, tail = _cut(rest)
    if tail and not tail.startswith(" "):
        raise BadPath(rest)
    return Path(_mailbox(text), _parameters(tail))


def _cut(rest: str) -> tuple[str, str]:
    """Split the path from its parameters; a quoted local part may contain anything."""
    if not rest.startswith("<"):
        text, space, tail = rest.partition(" ")
        if not text or "<" in text:
            raise BadPath(rest)
        return text, space + tail
    end = _closing(rest)
    if end < 0:
        raise BadPath(rest)
    return rest[1:end].strip(" "), rest[end + 1 :]


def _closing(rest: str) -> int:
    """Index of the ">" that ends the path, -1 if there is none."""
    if '"' not in rest:
        return rest.find(">")
    quoted = escaped = False
    for at, letter in enumerate(rest):
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == ">" and not quoted:
            return at
    return -1


def _mailbox(text: str) -> str:
    if len(text) > MAX_PATH:
        raise BadPath(text[:80])
    if text.startswith("@") and (route := _ROUTE.match(text)):
        text = text[route.end() :]
    if not text or text.lower() == "postmaster":
        return text
    if _MAILBOX.fullmatch(text) is None:
        raise BadPath(text)
    return text


def _parameters(tail: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for word in tail.split(" ") if tail else ():
        if not word:
            continue
        match = _PARAMETER.fullmatch(word)
        key = match["key"].upper() if match else ""
        if match is None or key in found:
            raise BadParameters(word)
        found[key] = match["value"]
    return found
