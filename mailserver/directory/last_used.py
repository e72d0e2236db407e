"""When a credential was last used: worth knowing, never worth waiting for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from mailserver.actor import SYSTEM
from mailserver.directory.accounts import Credential
from mailserver.directory.schema import credential as table
from mailserver.store.database import Database, Tx

log = logging.getLogger(__name__)

# The column is written no more often than this for one credential.
EVERY = timedelta(minutes=5)


class LastUsed:
    """Collects uses and writes them from a thread of its own, as many as there are in one go."""

    def __init__(self, db: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db = db
        self._now = now
        self._lock = threading.Lock()
        self._noted: dict[int, datetime] = {}
        self._pending: dict[int, datetime] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="last-used")

    def note(self, credential: Credential) -> None:
        """Say that the credential was used now; returns at once."""
        now = self._now()
        last = self._noted.get(credential.id, credential.last_used_at)
        if last is not None and now - last < EVERY:
            return
        with self._lock:
            self._noted[credential.id] = now
            starts = not self._pending
            self._pending[credential.id] = now
        if starts:
            self._thread.submit(self._write)

    def close(self) -> None:
        """Write what is left."""
        self._thread.shutdown()

    def _write(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, {}
        try:
            self._db.write(lambda tx: _write_tx(tx, pending), SYSTEM)
        except Exception:
            # Nobody waits for this; the next use in five minutes tries again.
            log.warning("could not note the last use of %d credentials", len(pending), exc_info=True)


def _write_tx(tx: Tx, pending: dict[int, datetime]) -> None:
    for credential_id, used_at in pending.items():
        tx.conn.execute(update(table).where(table.c.id == credential_id).values(last_used_at=used_at))
