"""The copy of a sent message in the writer's own \\Sent folder, filed with the delivery itself."""

from __future__ import annotations

from mailserver.actor import Actor
from mailserver.store import entries, folders, ingest
from mailserver.store.database import Tx
from mailserver.store.flags import Flag
from mailserver.store.store import Store


class SentCopy:
    """A prepared copy; `filed` is (folder id, uid) once `file_tx` has run and its commit is done."""

    def __init__(self, prepared: ingest.Prepared, owner_id: int) -> None:
        self.filed: tuple[int, int] | None = None
        self._prepared = prepared
        self._owner_id = owner_id

    @classmethod
    def prepare(cls, store: Store, actor: Actor, data: bytes) -> SentCopy:
        """Make the copy's blobs durable; large parts are those of the delivered message."""
        if actor.principal_id is None:
            raise ValueError("the system has no folder for sent mail")
        return cls(ingest.prepare(data, store.blobs), actor.principal_id)

    def file_tx(self, tx: Tx) -> None:
        """File it, read already. A person without \\Sent folder gets one."""
        sent = folders.by_special_use(tx.conn, self._owner_id, "\\Sent")
        if sent is None:
            sent = folders.create_tx(tx, self._owner_id, "Sent", special_use="\\Sent")
        uid = entries.append_tx(tx, sent.id, self._prepared, Flag.SEEN, "", tx.now_s, guarded=False)
        self.filed = (sent.id, uid)
