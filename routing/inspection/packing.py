"""The zip of minutes: the text, the opened originals and a manifest, which `verifying` checks.

The SHA-256 of the manifest stands in the audit, whose chain nobody can change unseen: so nobody can make other minutes
later.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory.records import OFFICE_ZONE
from mailserver.store import audit, messages
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.inspection import access, minutes
from routing.inspection.access import Act
from routing.inspection.minutes import Minutes, Seen
from routing.standing import standing_of

FORMAT = "vanthu-inspection-minutes/1"
MANIFEST, TEXT = "manifest.json", "bien-ban.txt"


def write_zip(store: Store, actor: Actor, order_id: int, out: IO[bytes]) -> None:
    """The zip, one message in memory at a time. Raises DocumentMissing; then nothing has been written."""
    made = store.db.read(lambda conn: _allowed(conn, actor, order_id))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        sizes: dict[int, int] = {}
        for one in made.seen:
            octets = _original(store, one)
            if octets is not None:
                sizes[one.number] = len(octets)
                archive.writestr(one.file, octets)
        text = minutes.as_text(made)
        archive.writestr(TEXT, text)
        manifest = json.dumps(_manifest(made, sizes, text), ensure_ascii=False, indent=1).encode()
        archive.writestr(MANIFEST, manifest)
    digest = hashlib.sha256(manifest).hexdigest()

    def note(tx: Tx) -> None:
        order = access.must(tx.conn, standing_of(tx.conn, tx.actor, tx.now), order_id, Act.MINUTES, tx.now)
        owner_id = order.wish.owner_id
        audit.record_tx(tx, "inspection.minutes", owner_id=owner_id, order=order.id, form="zip", sha256=digest)

    store.db.write(note, actor)


def _allowed(conn: Connection, actor: Actor, order_id: int) -> Minutes:
    now = datetime.now(OFFICE_ZONE)
    order = access.must(conn, standing_of(conn, actor, now), order_id, Act.MINUTES, now)
    return minutes.gathered(conn, order, now)


def _original(store: Store, one: Seen) -> bytes | None:
    message_pk = one.message_pk
    if message_pk is None:
        return None
    return store.db.read(lambda conn: messages.read_octets(conn, store.blobs, message_pk))


def _manifest(made: Minutes, sizes: Mapping[int, int], text: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "order": made.order.id,
        "mailbox": made.owner.address,
        "agency": made.agency,
        "made_at": made.made_at.isoformat(),
        "text": {"file": TEXT, "sha256": hashlib.sha256(text.encode()).hexdigest()},
        "messages": [
            {
                "number": one.number,
                "file": one.file if one.number in sizes else None,
                "size": sizes.get(one.number),
                "sha256": one.digest,
                "folder": one.folder,
                "arrived": one.arrived.isoformat(),
            }
            for one in made.seen
        ],
        "records": [one.to_json() for one in made.records],
        "head": {"id": made.head.id, "hash": made.head.hash.hex()},
    }
