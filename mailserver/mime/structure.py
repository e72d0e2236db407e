"""The part tree of a message: offsets and what a reader of a part must know, made once at delivery.

Part numbers are those of RFC 3501 §6.4.5: a message that is not multipart has part 1; the parts
of an embedded message are counted below the part that embeds it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

# First octet of the stored form: version 1, plain or deflated JSON.
_PLAIN: Final = b"\x01"
_DEFLATED: Final = b"\x81"
_DEFLATE_ABOVE: Final = 1024

# What is stored instead of a number of children.
_LEAF: Final = -1
_MESSAGE: Final = -2

_encode_json: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Part:
    """One part. Offsets are into the whole message, end exclusive; the body is still encoded.

    path: part number; the root of a multipart message has (), that of an embedded multipart the
        number of the part that embeds it, because neither has a number of its own.
    header: the part's own header block with its empty line (BODY[n.MIME]); for the root and for
        `message` the header of that message (BODY[HEADER], BODY[n.HEADER]).
    body: BODY[n]; for the root and for `message` the text of that message (BODY[TEXT], BODY[n.TEXT]).
    type, subtype, charset, encoding, disposition: in lower case. encoding: "7bit" by default.
    filename: safe to show and to write; from Content-Disposition, else from Content-Type.
    children: of a multipart. message: the root of the embedded message of a message/rfc822 part.
    lines: line ends in the body of text and message parts, 0 for others.
    """

    path: tuple[int, ...]
    header: tuple[int, int]
    body: tuple[int, int]
    type: str
    subtype: str
    charset: str | None
    encoding: str
    disposition: str | None
    filename: str | None
    content_id: str | None
    children: tuple[Part, ...]
    message: Part | None
    lines: int

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)

    @property
    def media_type(self) -> str:
        return f"{self.type}/{self.subtype}"

    @property
    def is_attachment(self) -> bool:
        """Whether people see this part as a file: it is said to be one or has a file name."""
        return not self.children and (self.disposition == "attachment" or self.filename is not None)


@dataclass(frozen=True, slots=True)
class Structure:
    """The part tree of one message."""

    root: Part

    def section(self, path: Sequence[int]) -> Part | None:
        """The part with this number (RFC 3501 §6.4.5), None if there is none; () is the root."""
        part = self.root
        inside = part
        for depth, number in enumerate(path):
            if depth:
                if part.message is not None:
                    inside = part.message
                elif part.children:
                    inside = part
                else:
                    return None
            if inside.children:
                if not 1 <= number <= len(inside.children):
                    return None
                part = inside.children[number - 1]
            elif number == 1:
                part = inside
            else:
                return None
        return part

    def walk(self) -> Iterator[Part]:
        """All parts, containers before what they contain, in the order of the message."""
        waiting = [self.root]
        while waiting:
            part = waiting.pop()
            yield part
            if part.children:
                waiting.extend(reversed(part.children))
            elif part.message is not None:
                waiting.append(part.message)

    def behind(self, octets: int) -> Structure:
        """The same of a message whose header is so many octets longer."""
        return Structure(_moved(self.root, octets, is_root=True))

    def encode(self) -> bytes:
        """A compact form that `decode` reads without parsing MIME."""
        rows = [
            [
                len(part.children) or (_LEAF if part.message is None else _MESSAGE),
                part.header[0],
                part.body[0],
                part.body[1],
                part.type,
                part.subtype,
                part.charset,
                part.encoding,
                part.disposition,
                part.filename,
                part.content_id,
                part.lines,
            ]
            for part in self.walk()
        ]
        raw = _encode_json(rows).encode()
        return _PLAIN + raw if len(raw) <= _DEFLATE_ABOVE else _DEFLATED + zlib.compress(raw, 1)

    @classmethod
    def decode(cls, raw: bytes) -> Structure:
        """The structure that `encode` wrote. Raises ValueError for anything else."""
        version, form = raw[:1], raw[1:]
        if version == _DEFLATED:
            form = zlib.decompress(form)
        elif version != _PLAIN:
            raise ValueError(f"unknown form of a structure: {version!r}")
        rows: list[list[Any]] = json.loads(form)
        return cls(_tree(rows, _paths([row[0] for row in rows])))


def _paths(kinds: list[int]) -> list[tuple[int, ...]]:
    """Part numbers of parts in walking order, given their kinds or numbers of children."""
    paths: list[tuple[int, ...]] = []
    waiting: list[tuple[int, ...] | None] = [None]
    above: tuple[int, ...] = ()
    for kind in kinds:
        path = waiting.pop()
        if path is None:
            path = above if kind > 0 else (*above, 1)
        paths.append(path)
        if kind > 0:
            waiting.extend([(*path, number) for number in range(kind, 0, -1)])
        elif kind == _MESSAGE:
            waiting.append(None)
            above = path
    return paths


def _tree(rows: list[list[Any]], paths: list[tuple[int, ...]]) -> Part:
    """The root of the tree, built from the last part to the first."""
    built: list[Part] = []
    for row, path in zip(reversed(rows), reversed(paths), strict=True):
        kind, start, body, end, main, sub, charset, encoding, shown, name, content_id, lines = row
        children: tuple[Part, ...] = ()
        message: Part | None = None
        if kind > 0:
            children = tuple(built[: -kind - 1 : -1])
            del built[-kind:]
        elif kind == _MESSAGE:
            message = built.pop()
        facts = (main, sub, charset, encoding, shown, name, content_id)
        built.append(Part(path, (start, body), (body, end), *facts, children, message, lines))
    return built[0]


def _moved(part: Part, by: int, *, is_root: bool = False) -> Part:
    """The part with its offsets in the longer message; the header of the root begins where it did."""
    start, end = part.header
    return replace(
        part,
        header=(start if is_root else start + by, end + by),
        body=(part.body[0] + by, part.body[1] + by),
        children=tuple(_moved(child, by) for child in part.children),
        message=None if part.message is None else _moved(part.message, by),
    )
