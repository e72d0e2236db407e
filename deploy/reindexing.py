"""Making the full-text index and the keys for sorting anew from the stored octets, while the server runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select

from deploy.stores import ADMIN
from mailbox_policies.holding.records import Kind
from mailbox_policies.schema import kept_message
from mailserver.mime.body import SearchText, searchable_text
from mailserver.mime.scan import Scanned, scan
from mailserver.store import files
from mailserver.store.attachments import index_attachments
from mailserver.store.database import Tx
from mailserver.store.errors import StoreUnavailable
from mailserver.store.ingest import renew_keys_tx
from mailserver.store.messages import read_octets
from mailserver.store.schema import entry, message
from mailserver.store.search import SearchIndex, words
from mailserver.store.segments import cut
from mailserver.store.store import Store

# Messages of one transaction: short enough that deliveries in between wait some ten milliseconds.
BATCH = 50

Progress = Callable[[int, int], None]
# The message_pk of one that was passed over, and why.
Unread = Callable[[int, StoreUnavailable], None]


def reindex(store: Store, progress: Progress, unread: Unread) -> int:
    """Index every message again, attachments included; how many there were. Safe to repeat.

    One whose octets cannot be had keeps what is known of it, and does not keep others from being indexed.
    """
    total = store.db.read(lambda conn: conn.execute(select(func.count()).select_from(message)).scalar_one())
    done, after = 0, 0
    while batch := _ids_after(store, after):
        texts = list(_all_read(store, batch, unread))
        store.db.write(lambda tx, texts=texts: _replace_tx(tx, texts), ADMIN)  # type: ignore[misc]
        done, after = done + len(batch), batch[-1]
        progress(min(done, total), total)
    while index_attachments(store, BATCH):
        progress(total, total)
    return done


def _ids_after(store: Store, after: int) -> list[int]:
    # Sealed while it is quarantined (`mailserver.store.sealing`), unless somebody has it in a folder.
    quarantined = select(kept_message.c.message_pk).where(
        kept_message.c.message_pk.is_not(None), kept_message.c.kind == Kind.QUARANTINED.value
    )
    in_a_folder = exists().where(entry.c.message_pk == message.c.id)
    wanted = message.c.id > after, or_(message.c.id.not_in(quarantined), in_a_folder)
    query = select(message.c.id).where(*wanted).order_by(message.c.id).limit(BATCH)
    return list(store.db.read(lambda conn: conn.execute(query).scalars().all()))


@dataclass(frozen=True, slots=True)
class _Read:
    """What is read of one message. files: as `mailserver.store.files.digests`."""

    message_pk: int
    scanned: Scanned
    header: bytes
    text: SearchText
    files: tuple[bytes, ...]


def _all_read(store: Store, batch: list[int], unread: Unread) -> Iterator[_Read]:
    for message_pk in batch:
        try:
            yield _read(store, message_pk)
        except StoreUnavailable as fault:
            unread(message_pk, fault)


def _read(store: Store, message_pk: int) -> _Read:
    octets = store.db.read(lambda conn: read_octets(conn, store.blobs, message_pk))
    scanned = scan(octets)
    text, found = searchable_text(octets, scanned), files.digests(octets, scanned, _named(octets, scanned))
    return _Read(message_pk, scanned, octets[: scanned.header_size], text, found)


def _named(octets: bytes, scanned: Scanned) -> set[int]:
    """Where the files begin that are known by their blobs (see `ingest.prepare`)."""
    return {piece.start for piece in cut(octets, scanned) if piece.codec != "raw"}


def _replace_tx(tx: Tx, found: list[_Read]) -> None:
    index = SearchIndex()
    for one in found:
        renew_keys_tx(tx, one.message_pk, one.scanned, one.header)
        files.add_tx(tx, one.message_pk, one.files)
        index.remove_tx(tx, one.message_pk)
        index.index_tx(tx, one.message_pk, words(one.text.head), words(one.text.body))
