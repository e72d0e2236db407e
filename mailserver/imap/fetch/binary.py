"""BINARY, BINARY.PEEK and BINARY.SIZE (RFC 3516 §4.2, §4.3): parts with their transfer encoding undone."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial

from sqlalchemy import Connection

from mailserver.imap import responses
from mailserver.imap.fetch.items import Form, Item, Octets
from mailserver.imap.parser.errors import NameRefused
from mailserver.imap.session import Session
from mailserver.mime.structure import Part, Structure
from mailserver.mime.transfer import decode_body, is_known
from mailserver.store.blobs import BlobStore
from mailserver.store.contents import content, content_size

# Octets of a part in memory for a reader that stalls. Each piece of a part that is not kept decoded
# costs decoding it, hence more than for octets as they are.
PIECE = 1024 * 1024


def check(items: Iterable[Item], structure: bytes) -> None:
    """Raises NameRefused [UNKNOWN-CTE] for a part that nobody here can decode (RFC 3516 §4.3)."""
    for item in items:
        if isinstance(item, Octets) and item.form is not Form.WIRE and item.section.path:
            _find(item, structure)


def _find(item: Octets, structure: bytes) -> Part | None:
    part = Structure.decode(structure).section(item.section.path)
    if part is not None and not is_known(part.encoding):
        raise NameRefused("A part has an unknown transfer encoding", b"UNKNOWN-CTE")
    return part


def rendered(item: Octets, structure: bytes, octets: bytes) -> bytes:
    """The value of an item of a message that is in memory whole (`octets`). Raises as `check`."""
    if not item.section.path:
        return b"%d" % len(octets)
    part = _find(item, structure)
    if part is None:
        return _nothing(item)
    whole = decode_body(octets[part.body[0] : part.body[1]], part.encoding)
    if item.form is Form.SIZE:
        return b"%d" % len(whole)
    first, count = item.partial or (0, len(whole))
    return responses.binary_literal(whole[first : first + count])


def _nothing(item: Octets) -> bytes:
    return b"0" if item.form is Form.SIZE else b"NIL"


async def send(session: Session, item: Octets, structure: bytes, message_pk: int, size: int) -> None:
    """The item with its name, piece by piece, of a large message that has passed `check`."""
    if not item.section.path:
        session.say(item.label, b" %d" % size)
        return
    blobs, read = session.services.store.blobs, session.read
    part = _find(item, structure)
    if part is None:
        session.say(item.label, b" ", _nothing(item))
        return
    if item.form is Form.SIZE:
        session.say(item.label, b" %d" % await read(lambda conn: content_size(conn, blobs, message_pk, part)))
        return
    first, count = item.partial or (0, sys.maxsize)
    cut = partial(_cut, blobs=blobs, message_pk=message_pk, part=part)
    size, mark = await read(lambda conn: _facts(cut(conn, start=first, end=first + count)))
    session.say(item.label, b" %b{%d}\r\n" % (mark, size))
    for at in range(first, first + size, PIECE):
        await session.say_much(await read(partial(cut, start=at, end=min(at + PIECE, first + size))))


def _cut(conn: Connection, blobs: BlobStore, message_pk: int, part: Part, start: int, end: int) -> bytes:
    return content(conn, blobs, message_pk, part)[start:end]


def _facts(octets: bytes) -> tuple[int, bytes]:
    """The size, and the mark of a literal8 where there is a NUL (RFC 3516 §4.3)."""
    return len(octets), b"~" if b"\0" in octets else b""
