"""The store of an installation, opened; and who it is at the command line.

Apart from `build`, which loads every room: most commands need the store and little else, and start in less than half
the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from deploy import install, migrate
from deploy.config import Settings
from mailserver.actor import Actor
from mailserver.store.behaviours import Behaviours, FolderBehaviour
from mailserver.store.store import Store

# Whoever may run `vanthu` on this machine may do everything; the audit says that it was done here.
ADMIN = Actor(principal_id=None, agency_id=None, door="cli")
# Seconds that news may take, while there is news all the time, to those whom nobody watches as it comes.
UNHURRIED_S = 0.25


def open_store(settings: Settings, pace_s: float = UNHURRIED_S) -> Store:
    """The store with all folder behaviours. pace_s: as for `Database`.

    Raises RestoreUnfinished, WrongSchema, StoreUnavailable.
    """
    install.require_whole(settings)
    migrate.require_file(settings.database_url)
    store = Store.open(settings.database_url, settings.blobs_url, data_dir=settings.data_dir, pace_s=pace_s)
    try:
        store.db.read(migrate.require_head)
    except BaseException:
        store.close()
        raise
    store.db.behaviours = _Behaviours(settings, store)
    return store


class _Behaviours(Mapping[str, FolderBehaviour]):
    """All folder behaviours, made when the first folder asks for its own: most commands touch no such folder."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store

    @cached_property
    def _made(self) -> Behaviours:
        from deploy.build import behaviours

        return behaviours(self._settings, self._store)

    def __getitem__(self, name: str) -> FolderBehaviour:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
