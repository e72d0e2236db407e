"""The forms of header and body that DKIM signs (RFC 6376 §3.4). Pure, and in linear time.

dkimpy's own needs quadratic time for a body with a long line of blanks (`[\\t ]+\\r\\n`), which any
stranger could send, so header and body are brought into form here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from mailserver.mime.header import Header

Field = tuple[bytes, bytes]  # name in lower case, the octets of the whole field

_BLANKS = re.compile(rb"[ \t]+")


def fields_of(header: bytes) -> list[Field]:
    """The fields of a header block in order, each with its line end."""
    return [(name, raw if raw.endswith(b"\n") else raw + b"\r\n") for name, raw in Header(header).fields()]


def simple_field(field: Field) -> bytes:
    return field[1]


def relaxed_field(field: Field) -> bytes:
    """One line, blanks as one space each (§3.4.2)."""
    name, raw = field
    value = raw.partition(b":")[2].replace(b"\r\n", b"").replace(b"\n", b"")
    return name + b":" + _BLANKS.sub(b" ", value).strip(b" ") + b"\r\n"


def simple_body(body: bytes) -> bytes:
    """Without empty lines at the end; at least one line end (§3.4.3)."""
    return _without_last_lines(body) + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """Blanks as one space each, none at the end of a line, no empty lines at the end (§3.4.4)."""
    # Once each run is one space, one replacement takes those at line ends away.
    text = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n")
    text = _without_last_lines(text.removesuffix(b" "))
    return text + b"\r\n" if text else b""


def _without_last_lines(body: bytes) -> bytes:
    end = len(body.rstrip(b"\r\n"))
    tail = body[end:]
    if tail == b"\r\n" * (len(tail) // 2):
        return body[:end]
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end]


def chosen(fields: Iterable[Field], names: Iterable[bytes]) -> list[Field]:
    """The fields that h= names: of each name from the last to the first; more of them are none (§5.4.2)."""
    by_name: dict[bytes, list[Field]] = {}
    for field in fields:
        by_name.setdefault(field[0], []).append(field)
    return [held.pop() for name in names if (held := by_name.get(name))]


FIELDS: dict[str, Callable[[Field], bytes]] = {"simple": simple_field, "relaxed": relaxed_field}
BODIES: dict[str, Callable[[bytes], bytes]] = {"simple": simple_body, "relaxed": relaxed_body}
