"""A letter with links to files leaves for people outside: each of them gets one with links of their own.

A link is made in the transaction that puts its letter into the queue, whatever kept the letter until then (the
seconds in which it may be taken back, an original sender who was asked): before that there is no token, and no copy
that stays here ever has one.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from dataclasses import replace

from mailbox_policies.sentfiles import links
from mailbox_policies.sentfiles.addresses import Addresses
from mailbox_policies.sentfiles.linked import named_in, texts
from mailbox_policies.sentfiles.links import Waiting
from mailserver.delivery.outside import Outside, Parcel
from mailserver.directory.addresses import lookup_key
from mailserver.directory.identities import allowed_senders
from mailserver.mime.scan import scan
from mailserver.mime.structure import Part
from mailserver.mime.transfer import encoded_base64
from mailserver.store import ingest, messages
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx


class Leaving:
    """The way out, for letters with links and all others."""

    def __init__(self, way: Outside, blobs: BlobStore, addresses: Addresses) -> None:
        self._way = way
        self._blobs = blobs
        self._addresses = addresses

    def check(self, addresses: Sequence[str]) -> None:
        self._way.check(addresses)

    def queue_tx(self, tx: Tx, parcel: Parcel) -> None:
        waiting = links.waiting(tx.conn, parcel.message_id, parcel.recipients)
        if waiting:
            octets = messages.read_octets(tx.conn, self._blobs, parcel.message_pk)
            waiting = self._in_letter(tx, octets, waiting)
            for recipient, theirs in waiting.items():
                self._queue_own_tx(tx, parcel, octets, recipient, theirs)
        rest = tuple(one for one in parcel.recipients if one not in waiting)
        if waiting:
            # Perhaps nobody has the letter as it was written.
            messages.note_orphan_tx(tx, parcel.message_pk)
        if rest:
            self._way.queue_tx(tx, replace(parcel, recipients=rest))

    def _in_letter(self, tx: Tx, octets: bytes, waiting: dict[str, list[Waiting]]) -> dict[str, list[Waiting]]:
        """Those of the links whose files this letter names, if it is from their sender: anybody can give a letter of
        their own the identifier of another."""
        scanned = scan(octets)
        named = named_in(self._addresses, octets, scanned)
        authors = {lookup_key(one.addr) for one in scanned.from_}
        owners = {one.owner_id for theirs in waiting.values() for one in theirs}
        may = {one for one in owners if authors and authors <= _identities(tx, one)}
        kept = {
            to: [one for one in theirs if one.file_id in named and one.owner_id in may]
            for to, theirs in waiting.items()
        }
        return {to: theirs for to, theirs in kept.items() if theirs}

    def _queue_own_tx(self, tx: Tx, parcel: Parcel, octets: bytes, recipient: str, theirs: Sequence[Waiting]) -> None:
        made = {one.file_id: self._addresses.link(links.open_tx(tx, one)) for one in theirs}
        prepared = ingest.prepare(with_links(octets, self._addresses, made), self._blobs)
        message_pk = ingest.store_message_tx(tx, prepared)
        size = prepared.scanned.size
        self._way.queue_tx(tx, replace(parcel, message_pk=message_pk, recipients=(recipient,), size=size))


def _identities(tx: Tx, person_id: int) -> set[str]:
    return {lookup_key(one.address) for one in allowed_senders(tx.conn, person_id, tx.now)}


def with_links(octets: bytes, addresses: Addresses, made: dict[int, str]) -> bytes:
    """A letter with these links instead of the pages of files, in all its texts; nothing else of it changes."""
    pieces, at = [], 0
    for part, content in texts(octets, scan(octets)):
        replaced = addresses.replaced(content, made)
        if replaced != content:
            pieces += [octets[at : part.body[0]], _encoded(replaced, part)]
            at = part.body[1]
    return b"".join([*pieces, octets[at:]])


def _encoded(content: bytes, part: Part) -> bytes:
    if part.encoding == "base64":
        return encoded_base64(content)
    if part.encoding == "quoted-printable":
        return binascii.b2a_qp(content, istext=True)
    return content
