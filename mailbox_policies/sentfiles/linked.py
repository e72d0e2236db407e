"""The files that a letter links to, for who looks what it passes on: a link is no way around that question."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select

from mailbox_policies.forwarding.trail import File
from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.schema import sent_file
from mailserver.actor import Actor
from mailserver.mime.contents import Contents
from mailserver.mime.scan import Scanned

MOST_LINKED = 100


def looking(addresses: Addresses) -> Callable[[Connection, Actor, bytes, Scanned], tuple[File, ...]]:
    """Finds the actor's files that the text of a letter names, as far as the rules have looked at them."""

    def linked(conn: Connection, actor: Actor, data: bytes, scanned: Scanned) -> tuple[File, ...]:
        named = addresses.named(Contents(data, scanned).text)[:MOST_LINKED]
        if not named:
            return ()
        table = sent_file.c
        this = table.id.in_(named) & (table.owner_id == actor.principal_id) & table.digest.is_not(None)
        rows = conn.execute(select(table.digest, table.size, table.name, table.media_type).where(this))
        return tuple(File(bytes(digest), size, name, kind.startswith("image/")) for digest, size, name, kind in rows)

    return linked
