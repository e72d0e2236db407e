"""Weighing a letter before it passes others' mail on (123/QĐ-SCT, Điều 9): who had it, who gets it, who is asked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery.delivery import Delivery
from mailserver.mime.scan import scan
from webmail.mail import reading
from webmail.mail.outgoing import Ref, Written


@dataclass(frozen=True, slots=True)
class Weighing:
    """audience: authors and recipients of the original; new: who has not had it; asked: original senders who will be
    asked before it leaves the office."""

    audience: tuple[str, ...]
    new: tuple[str, ...]
    asked: tuple[str, ...]


def weigh(
    conn: Connection, actor: Actor, delivery: Delivery, written: Written, data: bytes, source: Ref | None
) -> Weighing | None:
    """What the writer should see before it goes; None if the letter shows nobody anything new.

    data: the letter as it will be sent; source: the message that is being forwarded. Raises FolderMissing.
    """
    passed = delivery.passing(conn, actor, data, written.recipients)
    audience: dict[str, str] = {}
    if source is not None:
        header = scan(reading.open_message(conn, actor, source.folder_id, source.uid).info.header)
        audience = {one.addr.casefold(): one.display for one in (*header.from_, *header.to, *header.cc)}
    readers = dict.fromkeys(reader for one in passed for reader in one.readers)
    new = tuple(one for one in written.recipients if one.casefold() not in audience) if source else tuple(readers)
    if not new:
        return None
    authors = tuple(dict.fromkeys(author for one in passed for author in one.authors))
    return Weighing(tuple(audience.values()) or authors, new, authors)
