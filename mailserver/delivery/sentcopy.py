"""The copy of a sent message in the writer's own \\Sent folder, and elsewhere, filed with the delivery itself."""

from __future__ import annotations

from mailserver.store import entries, folders, ingest
from mailserver.store.database import Tx
from mailserver.store.flags import Flag
from mailserver.store.ingest import store_message_tx
from mailserver.store.store import Store


class SentCopy:
    """A prepared copy, stored once wherever it is filed; `filed` is (folder id, uid) of the first."""

    def __init__(self, prepared: ingest.Prepared) -> None:
        self.filed: tuple[int, int] | None = None
        self._prepared = prepared
        self._message_pk: int | None = None

    @classmethod
    def prepare(cls, store: Store, data: bytes) -> SentCopy:
        """Make the copy's blobs durable; large parts are those of the delivered message."""
        return cls(ingest.prepare(data, store.blobs))

    @property
    def message_pk(self) -> int | None:
        """The stored message, once it is filed."""
        return self._message_pk

    def file_tx(self, tx: Tx, owner_id: int) -> None:
        """File it in a mailbox, read already. A mailbox without \\Sent folder gets one."""
        self.file_in_tx(tx, owner_id, special_use="\\Sent", name="Sent", flags=Flag.SEEN)

    def file_in_tx(self, tx: Tx, owner_id: int, *, special_use: str | None, name: str, flags: Flag) -> None:
        """special_use, name: of the folder; it is made where it is missing."""
        found = folders.by_special_use(tx.conn, owner_id, special_use) if special_use else None
        found = found or folders.find(tx.conn, owner_id, name)
        found = found or folders.create_tx(tx, owner_id, name, special_use=special_use)
        if self._message_pk is None:
            self._message_pk = store_message_tx(tx, self._prepared)
        uid = entries.append_tx(tx, found.id, self._message_pk, flags, "", tx.now_s, guarded=False)
        self.filed = self.filed or (found.id, uid)
