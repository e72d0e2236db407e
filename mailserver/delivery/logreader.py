"""Jobs that follow the event log and do something about each event once, whenever they are killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mailserver.actor import SYSTEM
from mailserver.store import events
from mailserver.store.database import Tx
from mailserver.store.events import Cursor, Event
from mailserver.store.store import Store

# Events that are handled in one transaction.
BATCH = 100
# The place is written without a reason after so many events, so that old ones can be deleted.
SAVE_AFTER = 5_000


class LogReader:
    """One job of the worker. `handle_tx` acts on an event in the transaction that moves the place behind it.

    name: of its place in the log. only: see `events.read_kinds`.
    """

    def __init__(
        self, name: str, kinds: tuple[str, ...], handle_tx: Callable[[Tx, Store, Event], None], only: str = ""
    ) -> None:
        self._only = only
        self.name = name
        self._kinds = kinds
        self._handle_tx = handle_tx
        self._cursor: Cursor | None = None
        self._saved = 0

    def __call__(self, store: Store) -> bool:
        """Go on in the log; whether there is more to do at once."""
        if self._cursor is None:
            self._cursor = store.db.read(lambda conn: events.load_cursor(conn, self.name))
            self._saved = self._cursor.event_id
        cursor = replace(self._cursor)
        found = store.db.read(lambda conn: events.read_kinds(conn, cursor, self._kinds, BATCH, self._only))
        if found or cursor.event_id - self._saved > SAVE_AFTER:
            store.db.write(lambda tx: self._act_tx(tx, store, cursor, found), SYSTEM)
            self._saved = cursor.event_id
        self._cursor = cursor
        return len(found) == BATCH

    def _act_tx(self, tx: Tx, store: Store, cursor: Cursor, found: list[Event]) -> None:
        for event in found:
            self._handle_tx(tx, store, event)
        events.save_cursor_tx(tx, self.name, cursor)
