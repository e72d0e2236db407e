"""A file comes in: announced, then piece by piece, each durable before it is counted."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.errors import FileEmpty, FileMissing, FileTooLarge, Misplaced, NoRoom
from mailbox_policies.sentfiles.schema import sent_file, sent_file_piece
from mailbox_policies.sentfiles.terms import PIECE, fits
from mailserver.actor import Actor
from mailserver.store import messages
from mailserver.store.database import Tx
from mailserver.text import nfc, storable

MOST_NAME = 255
MOST_MARK = 400
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that somebody begins to send. size: octets. mark: what a browser knows it by; "" for one that cannot
    be gone on with."""

    name: str
    media_type: str
    size: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """received: octets that are there, where the next piece begins."""

    id: int
    name: str
    size: int
    received: int

    @property
    def whole(self) -> bool:
        return self.received == self.size


def begin(desk: Desk, actor: Actor, offer: Offer) -> Coming:
    """Announce a file; one of the same mark that is still coming is gone on with.

    Raises TurnedOff, FileEmpty, FileTooLarge, NoRoom, StoreFull.
    """
    terms = desk.terms(actor)
    if offer.size <= 0:
        raise FileEmpty
    if offer.size > terms.limit:
        raise FileTooLarge(terms.limit)
    mark = storable(offer.mark)[:MOST_MARK]
    known = desk.store.db.read(lambda conn: _known(conn, actor, mark, offer.size))
    if known is not None:
        return known
    desk.store.blobs.require_room(offer.size)

    def announce_tx(tx: Tx) -> Coming:
        if not fits(terms, used(tx.conn, actor), offer.size):
            raise NoRoom(terms.person)
        name = safe_name(offer.name)
        row = {
            "agency_id": actor.agency_id,
            "owner_id": actor.principal_id,
            "state": "coming",
            "name": name,
            "media_type": _safe_type(offer.media_type),
            "size": offer.size,
            "received": 0,
            "mark": mark,
            "scanned": False,
            "note": "",
            "created_at": tx.now,
        }
        made = tx.conn.execute(insert(sent_file).values(row).returning(sent_file.c.id)).scalar_one()
        return Coming(made, name, offer.size, 0)

    return desk.store.db.write(announce_tx, actor)


def add(desk: Desk, actor: Actor, file_id: int, start: int, piece: bytes) -> Coming:
    """Add the octets that begin at `start`; durable on return.

    Raises FileMissing, Misplaced (a piece that is there already, or not its turn), FileTooLarge (more than was
    announced), StoreFull, StoreUnavailable.
    """
    file = desk.store.db.read(lambda conn: mine(conn, actor, file_id))
    if file.received != start:
        raise Misplaced(file.received)
    if not piece or len(piece) > PIECE or start + len(piece) > file.size:
        raise FileTooLarge(min(PIECE, file.size - start))
    begun_ms = int(time.time() * 1000)
    digest, stored_size = desk.store.blobs.put_sized(piece)

    def count_tx(tx: Tx) -> Coming:
        end = start + len(piece)
        this = (sent_file.c.id == file_id) & (sent_file.c.state == "coming") & (sent_file.c.received == start)
        if tx.conn.execute(update(sent_file).where(this).values(received=end)).rowcount != 1:
            raise Misplaced(mine(tx.conn, actor, file_id).received)
        messages.hold_blob_tx(tx, digest, len(piece), stored_size, put_at_ms=begun_ms)
        row = {"file_id": file_id, "start": start, "size": len(piece), "digest": digest}
        tx.conn.execute(insert(sent_file_piece).values(row))
        return Coming(file_id, file.name, file.size, end)

    return desk.store.db.write(count_tx, actor)


def add_all(desk: Desk, actor: Actor, offer: Offer, read: Callable[[int], bytes]) -> Coming:
    """Announce a file and add all of it. read: gives the next octets, at most so many. Raises as `begin` and `add`."""
    file = begin(desk, actor, offer)
    while not file.whole:
        file = add(desk, actor, file.id, file.received, read(min(PIECE, file.size - file.received)))
    return file


def mine(conn: Connection, actor: Actor, file_id: int) -> Coming:
    """A file of the actor's that is still coming. Raises FileMissing."""
    this = (sent_file.c.id == file_id) & (sent_file.c.owner_id == actor.principal_id) & (sent_file.c.state == "coming")
    row = conn.execute(select(*_COMING).where(this)).first()
    if row is None:
        raise FileMissing(file_id)
    return Coming(*row)


def unsent(conn: Connection, actor: Actor) -> list[Coming]:
    """Files of the actor's that are still coming, or whole and not sent, the newest first."""
    this = (sent_file.c.owner_id == actor.principal_id) & (sent_file.c.state == "coming")
    return [Coming(*row) for row in conn.execute(select(*_COMING).where(this).order_by(sent_file.c.id.desc()))]


def used(conn: Connection, actor: Actor) -> int:
    """Octets of the actor's files that are there, those that are announced included."""
    this = (sent_file.c.owner_id == actor.principal_id) & (sent_file.c.state != "gone")
    return int(conn.execute(select(func.coalesce(func.sum(sent_file.c.size), 0)).where(this)).scalar_one())


def safe_name(name: str) -> str:
    plain = storable(nfc(name)).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in plain if c.isprintable()).strip()[-MOST_NAME:] or "tep"


def _safe_type(media_type: str) -> str:
    plain = media_type.partition(";")[0].strip().lower()
    return plain if _MEDIA_TYPE.fullmatch(plain) else _UNKNOWN


_COMING = (sent_file.c.id, sent_file.c.name, sent_file.c.size, sent_file.c.received)


def _known(conn: Connection, actor: Actor, mark: str, size: int) -> Coming | None:
    if not mark:
        return None
    this = (sent_file.c.owner_id == actor.principal_id) & (sent_file.c.state == "coming")
    same = (sent_file.c.mark == mark) & (sent_file.c.size == size)
    row = conn.execute(select(*_COMING).where(this & same).order_by(sent_file.c.id)).first()
    return None if row is None else Coming(*row)
