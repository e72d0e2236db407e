"""One number that grows with every change of the directory, so that caches know when they are old.

A cache asks the database for it at most every 100 ms: what another process changed is seen within
that time. After a change made by this process it is asked every time for a while, so that the
process sees its own commits at once.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.database import Tx

# Seconds a version once read is taken to be the newest.
FRESH = 0.1
# Seconds after a change of our own within which its commit may still come.
SETTLING = 5.0

# time.monotonic() until when this process has changes of its own under way; one for all databases.
_settling_until = float("-inf")


def bump_tx(tx: Tx) -> None:
    """Say that the directory changes in this transaction.

    Call it first: the row's lock puts all writers of the directory in line, so that "is this
    address free" and the insert that follows cannot be torn apart.
    """
    global _settling_until
    _settling_until = time.monotonic() + SETTLING
    if raw.run(tx.conn, "UPDATE directory_version SET version = version + 1") == 0:
        raw.run(tx.conn, "INSERT INTO directory_version (id, version) VALUES (1, 1)")


def current(conn: Connection) -> int:
    """The version as this connection sees it; 0 before the first change."""
    found = raw.row(conn, "SELECT version FROM directory_version")
    return int(found[0]) if found else 0


class Watch:
    """Tells the caches of one process, cheaply, whether the directory has changed."""

    def __init__(self) -> None:
        self._version = -1
        self._read_at = float("-inf")

    def known(self) -> int | None:
        """The version if it was read within FRESH seconds; None: ask the database."""
        now = time.monotonic()
        return self._version if now - self._read_at < FRESH and now > _settling_until else None

    def read(self, conn: Connection) -> int:
        """Ask the database. Call it before reading what is to be cached under the version."""
        self._read_at = time.monotonic()
        self._version = current(conn)
        return self._version
