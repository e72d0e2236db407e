"""What the composition root hands to the doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mailserver.store.blobs import BlobStore
from mailserver.store.database import Database
from mailserver.store.events import EventFeed
from mailserver.store.room import Room


@dataclass(slots=True)
class Store:
    """One process's view of the mail: the database, the blobs beside it, and the news."""

    db: Database
    blobs: BlobStore
    feed: EventFeed

    @classmethod
    def open(cls, database_url: str, blobs_url: str, **options: Any) -> Store:
        """Open both; options: as for `Database`. Raises StoreUnavailable."""
        db = Database(database_url, **options)
        return cls(db, BlobStore(blobs_url, db.room), EventFeed(db))

    @property
    def room(self) -> Room:
        """What may still be stored."""
        return self.db.room

    def close(self) -> None:
        """Stop the feed before, on its loop (`await store.feed.stop()`)."""
        self.db.close()
