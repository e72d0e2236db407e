"""The files that a letter links to, for who looks what it passes on: a link is no way around that question.

Looked for exactly where links are put in (`leaving`): in the octets of all its texts, the tags of HTML included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Connection, select

from mailbox_policies.forwarding.trail import File
from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.schema import sent_file
from mailserver.actor import Actor
from mailserver.mime.scan import Scanned
from mailserver.mime.structure import Part
from mailserver.mime.transfer import decode_body

Linked = Callable[[Connection, Actor, bytes, Scanned], tuple[File, ...]]


def texts(octets: bytes, scanned: Scanned) -> Iterator[tuple[Part, bytes]]:
    """The texts of a letter that are no files, decoded."""
    for part in scanned.structure.walk():
        if part.type == "text" and not part.children and not part.is_attachment:
            start, end = part.body
            yield part, decode_body(octets[start:end], part.encoding)


def named_in(addresses: Addresses, octets: bytes, scanned: Scanned) -> set[int]:
    """The files whose pages a letter names."""
    return {one for _part, text in texts(octets, scanned) for one in addresses.named(text)}


def looking(addresses: Addresses) -> Linked:
    """Finds the actor's files that a letter names, as far as the rules have looked at them."""

    def linked(conn: Connection, actor: Actor, data: bytes, scanned: Scanned) -> tuple[File, ...]:
        named = named_in(addresses, data, scanned)
        if not named:
            return ()
        table = sent_file.c
        this = (table.owner_id == actor.principal_id) & table.digest.is_not(None)
        rows = conn.execute(select(table.id, table.digest, table.size, table.name, table.media_type).where(this))
        return tuple(
            File(bytes(row.digest), row.size, row.name, row.media_type.startswith("image/"))
            for row in rows
            if row.id in named
        )

    return linked
