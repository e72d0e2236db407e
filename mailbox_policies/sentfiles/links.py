"""Links by which people outside fetch a file: one for each of them and each file, known to them alone.

| state of a link | becomes | by |
|---|---|---|
| waiting: its letter has not left | open: it has a token, which stands in that letter and nowhere else | `leaving` |
| open, until `expires_at` | ended, and open again | its sender |

A link opens nothing if its file cannot be fetched (`reading.SentFile.can_be_fetched`), or if the agency has no links
(any more). Of the token only the hash is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select, update

from mailbox_policies.sentfiles import reading
from mailbox_policies.sentfiles.errors import Changed, FileMissing
from mailbox_policies.sentfiles.reading import SAME_FETCH, SentFile
from mailbox_policies.sentfiles.schema import sent_file, sent_file_link, sent_file_link_fetch
from mailserver.directory import principals
from mailserver.directory.addresses import lookup_key
from mailserver.store import audit
from mailserver.store.database import Tx

# Octets of randomness in a token: 192 bits.
TOKEN_OCTETS = 24
# Characters of what is looked up; a token has 32.
LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link whose letter is about to leave."""

    id: int
    file_id: int
    owner_id: int
    address: str
    days: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token opens. until: when it ends by itself. address: whose link it is."""

    id: int
    file: SentFile
    agency_id: int
    agency: str
    sender: str
    sender_address: str
    address: str
    until: datetime


def make_tx(tx: Tx, file_id: int, addresses: Sequence[str], days: int) -> None:
    """Let these people have a link, once the letter to them leaves, for so many days."""
    distinct = {lookup_key(one): one for one in addresses}
    rows = [{"file_id": file_id, "address": one, "days": days} for one in distinct.values()]
    if rows:
        tx.conn.execute(insert(sent_file_link), rows)


def waiting(conn: Connection, message_id: str, recipients: Collection[str]) -> dict[str, list[Waiting]]:
    """The links that wait for a letter, by the recipient of it whose they are. message_id: without brackets."""
    if not message_id:
        return {}
    table, found = sent_file_link.c, dict[str, list[Waiting]]()
    keys = {lookup_key(one): one for one in recipients}
    query = (
        select(table.id, table.file_id, sent_file.c.owner_id, table.address, table.days)
        .join(sent_file, sent_file.c.id == table.file_id)
        .where(sent_file.c.message_id == message_id, table.token_hash.is_(None))
        .order_by(table.id)
    )
    for row in conn.execute(query):
        if (recipient := keys.get(lookup_key(row.address))) is not None:
            found.setdefault(recipient, []).append(Waiting(*row))
    return found


def open_tx(tx: Tx, link: Waiting) -> str:
    """The letter leaves: the token of the link, which opens from now on. The file stays as long."""
    token = secrets.token_urlsafe(TOKEN_OCTETS)
    until = tx.now + timedelta(days=link.days)
    values = {"token_hash": _hash(token), "left_at": tx.now, "expires_at": until}
    tx.conn.execute(update(sent_file_link).where(sent_file_link.c.id == link.id).values(**values))
    this = (sent_file.c.id == link.file_id) & (sent_file.c.state == "ready") & (sent_file.c.expires_at < until)
    tx.conn.execute(update(sent_file).where(this).values(expires_at=until))
    told: dict[str, Any] = {"file": link.file_id, "link": link.id, "to": link.address, "until": until.isoformat()}
    audit.record_tx(tx, "sent_file.link_left", owner_id=_owner(tx.conn, link.file_id), **told)
    return token


def find(conn: Connection, token: str, now: datetime) -> Opened | None:
    """What a token opens now; None for unknown, ended and expired ones alike."""
    if len(token) > LONGEST_TOKEN:
        return None
    query = select(sent_file_link).where(sent_file_link.c.token_hash == _hash(token))
    row = conn.execute(query).first()
    if row is None or row.ended_at is not None or now >= row.expires_at:
        return None
    file = reading.get(conn, row.file_id)
    if not file.can_be_fetched(now):
        return None
    sender = principals.get(conn, file.owner_id)
    agency = principals.agency_by_id(conn, sender.agency_id).name
    until = min(row.expires_at, file.expires_at)
    return Opened(row.id, file, sender.agency_id, agency, sender.name, sender.address, row.address, until)


def note_fetch_tx(tx: Tx, opened: Opened, *, goes_on: bool) -> None:
    """Write down that somebody with this link fetches the file. goes_on: not from its beginning, as after a line
    that broke."""
    table = sent_file_link_fetch.c
    if goes_on:
        this = (table.link_id == opened.id) & (table.at > tx.now - SAME_FETCH)
        if tx.conn.execute(select(table.id).where(this).limit(1)).first() is not None:
            return
    row = {"link_id": opened.id, "at": tx.now, "remote": tx.actor.remote[:45]}
    tx.conn.execute(insert(sent_file_link_fetch).values(row))
    told: dict[str, Any] = {
        "file": opened.file.id,
        "link": opened.id,
        "to": opened.address,
        "sha256": opened.file.digest.hex(),
    }
    audit.record_tx(tx, "sent_file.link_fetched", owner_id=opened.file.owner_id, **told)


def end_tx(tx: Tx, file_id: int, link_id: int) -> None:
    """From now on nobody fetches by it, whether its letter has left or not. Raises FileMissing, Changed."""
    _step_tx(tx, file_id, link_id, ended=False)
    audit.record_tx(tx, "sent_file.link_ended", owner_id=tx.actor.principal_id, file=file_id, link=link_id)


def restore_tx(tx: Tx, file_id: int, link_id: int) -> None:
    """Take that back. Raises FileMissing, Changed."""
    _step_tx(tx, file_id, link_id, ended=True)
    audit.record_tx(tx, "sent_file.link_restored", owner_id=tx.actor.principal_id, file=file_id, link=link_id)


def extend_tx(tx: Tx, file_id: int, until: datetime) -> None:
    """The open links of a file go on until then. The caller has looked whose file it is."""
    table = sent_file_link.c
    this = (table.file_id == file_id) & table.token_hash.is_not(None) & table.ended_at.is_(None)
    tx.conn.execute(update(sent_file_link).where(this).values(expires_at=until))


def _step_tx(tx: Tx, file_id: int, link_id: int, *, ended: bool) -> None:
    """Turn a link of the actor's file round. ended: how it is before."""
    if _owner(tx.conn, file_id) != tx.actor.principal_id:
        raise FileMissing(file_id)
    table = sent_file_link.c
    before = table.ended_at.is_not(None) if ended else table.ended_at.is_(None)
    this = (table.id == link_id) & (table.file_id == file_id) & before
    done = tx.conn.execute(update(sent_file_link).where(this).values(ended_at=None if ended else tx.now))
    if done.rowcount != 1:
        raise Changed(file_id)


def _owner(conn: Connection, file_id: int) -> int | None:
    found: int | None = conn.execute(select(sent_file.c.owner_id).where(sent_file.c.id == file_id)).scalar()
    return found


def _hash(token: str) -> bytes:
    """Enough for a secret that nobody can guess; no salt, so that it can be looked up."""
    return sha256(token.encode("utf-8", "replace")).digest()
