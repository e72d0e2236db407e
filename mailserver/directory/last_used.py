"""When and from where a credential was last used: worth knowing, never worth waiting for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, update

from mailserver.actor import SYSTEM
from mailserver.directory import devices
from mailserver.directory.schema import credential as table
from mailserver.directory.throttle import network_of
from mailserver.store.database import Database, Tx

log = logging.getLogger(__name__)

# One use is written no more often than this.
EVERY = timedelta(minutes=5)
# Uses a process remembers; some 200 octets each.
REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Use:
    """A sign-in. client: the credential's label. door: "web" is noted by its session, not here."""

    credential_id: int
    principal_id: int
    door: str
    remote: str
    client: str = ""

    @property
    def key(self) -> tuple[int, str, str]:
        return self.credential_id, self.door, network_of(self.remote)


class LastUsed:
    """Collects uses and writes them from a thread of its own, as many as there are in one go."""

    def __init__(self, db: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db = db
        self._now = now
        self._lock = threading.Lock()
        self._noted: dict[tuple[int, str, str], datetime] = {}
        self._pending: dict[tuple[int, str, str], tuple[Use, datetime]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="last-used")

    def note(self, use: Use) -> None:
        """Say that the credential was used now; returns at once."""
        now, key = self._now(), use.key
        last = self._noted.get(key)
        if last is not None and now - last < EVERY:
            return
        with self._lock:
            if len(self._noted) >= REMEMBERED:
                self._noted.clear()
            self._noted[key] = now
            starts = not self._pending
            self._pending[key] = use, now
        if starts:
            self._thread.submit(self._write)

    def close(self) -> None:
        """Write what is left."""
        self._thread.shutdown()

    def _write(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, {}
        try:
            self._db.write(lambda tx: _write_tx(tx, list(pending.values())), SYSTEM)
        except Exception:
            # Nobody waits for this; the next use in five minutes tries again.
            log.warning("could not note the last use of %d credentials", len(pending), exc_info=True)


def _write_tx(tx: Tx, pending: list[tuple[Use, datetime]]) -> None:
    for use, used_at in pending:
        # Another process, or this one from another network, may have written it a moment ago.
        old = or_(table.c.last_used_at.is_(None), table.c.last_used_at < used_at - EVERY)
        tx.conn.execute(update(table).where(table.c.id == use.credential_id, old).values(last_used_at=used_at))
        if use.door != "web":
            devices.note_tx(tx, use.principal_id, use.door, use.remote, use.client, used_at)
