"""The folders that this process's sessions have open, kept up to date from the event log."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection

from mailserver.actor import SYSTEM
from mailserver.imap.folder_state import FolderState
from mailserver.imap.rows import FlagColumns, Rows
from mailserver.store import entries, folders
from mailserver.store.entries import Changes
from mailserver.store.errors import FolderMissing, StoreError
from mailserver.store.events import Event
from mailserver.store.personal import Reader
from mailserver.store.store import Store

_log = structlog.get_logger()
# Entries of folders that nobody has open any more but somebody soon may: about 53 octets each.
IDLE_ENTRIES = 400_000
Key = tuple[int, Reader | None]


@dataclass(slots=True)
class OpenFolder:
    """A folder's state, the sessions to wake, and the refresh that is due. reader: for whom, where flags are
    personal; each reader has a state of his own then.

    recent_told: entries with smaller uids have been \\Recent in a session of this process;
    recent_claimed: those of which the database knows.
    """

    state: FolderState
    reader: Reader | None = None
    watchers: set[Callable[[], None]] = field(default_factory=set)
    gone: bool = False
    recent_told: int = 0
    recent_claimed: int = 0
    running: asyncio.Task[None] | None = None
    queued: asyncio.Task[None] | None = None

    @property
    def key(self) -> Key:
        return self.state.folder_id, self.reader


class FolderHub:
    """One per process. All methods run on the event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[Key, OpenFolder] = {}
        self._readers: dict[int, set[Reader | None]] = {}  # of the open folders, by folder
        self._idle: OrderedDict[Key, OpenFolder] = OrderedDict()
        self._idle_entries = 0
        self._loading: dict[Key, asyncio.Task[OpenFolder]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._unsubscribe = store.feed.subscribe(self._on_events)

    async def close(self) -> None:
        """Stop listening; what is under way in the background is finished."""
        self._unsubscribe()
        if self._background:
            await asyncio.wait(self._background)

    def peek(self, conn: Connection, folder_id: int, reader: Reader | None) -> Changes | None:
        """For `attach`, within a read that the caller makes anyway: the news of a folder that is known
        here, None for others. Raises FolderMissing."""
        key = folder_id, reader
        folder = self._open.get(key) or self._idle.get(key)
        return None if folder is None else entries.changes_since(conn, folder_id, folder.state.modseq, reader)

    async def attach(
        self, folder_id: int, reader: Reader | None, watcher: Callable[[], None], news: Changes | None
    ) -> OpenFolder:
        """The folder's state as of `news`, or of now without it; `watcher` is called after each change
        until `detach`. reader: see `personal.reader_of`. Raises FolderMissing.
        """
        key = folder_id, reader
        folder = self._open.get(key) or self._revive(key)
        if folder is None or news is None:
            loaded = await self._load_once(key)
            # Whoever waited for the same load may have left already.
            folder = self._open.get(key) or self._revive(key) or loaded
            self._opened(folder)
        else:
            self._take(folder, news)
        folder.watchers.add(watcher)
        return folder

    def detach(self, folder: OpenFolder, watcher: Callable[[], None]) -> None:
        folder.watchers.discard(watcher)
        if folder.recent_told > folder.recent_claimed and not folder.gone:
            folder.recent_claimed = folder.recent_told
            self._in_background(self._claim_recent(folder))
        if folder.watchers or self._open.get(folder.key) is not folder:
            return
        self._closed(folder)
        if not folder.gone:
            self._idle[folder.key] = folder
            self._idle_entries += len(folder.state.rows)
        while self._idle_entries > IDLE_ENTRIES and self._idle:
            self._idle_entries -= len(self._idle.popitem(last=False)[1].state.rows)

    def _opened(self, folder: OpenFolder) -> None:
        self._open[folder.key] = folder
        self._readers.setdefault(folder.state.folder_id, set()).add(folder.reader)

    def _closed(self, folder: OpenFolder) -> None:
        del self._open[folder.key]
        readers = self._readers[folder.state.folder_id]
        readers.discard(folder.reader)
        if not readers:
            del self._readers[folder.state.folder_id]

    def _revive(self, key: Key) -> OpenFolder | None:
        folder = self._idle.pop(key, None)
        if folder is not None:
            self._idle_entries -= len(folder.state.rows)
            self._opened(folder)
        return folder

    async def _load_once(self, key: Key) -> OpenFolder:
        """Sessions that open the same folder at once share one load."""
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._load(key))
            self._loading[key] = task
            task.add_done_callback(lambda _task: self._loading.pop(key, None))
        return await asyncio.shield(task)

    async def _load(self, key: Key) -> OpenFolder:
        known = self._open.get(key)
        if known is not None:
            await self.refresh(known)
            return known
        state = await self._store.db.aread(lambda conn: load_state(conn, *key))
        folder = OpenFolder(state, key[1])
        self._opened(folder)
        return folder

    async def refresh(self, folder: OpenFolder) -> None:
        """Take over everything committed before this call. Raises FolderMissing."""
        if folder.queued is not None:
            await asyncio.shield(folder.queued)
        elif folder.running is not None:
            folder.queued = asyncio.create_task(self._refresh_after(folder, folder.running))
            await asyncio.shield(folder.queued)
        else:
            folder.running = asyncio.create_task(self._refresh(folder))
            await asyncio.shield(folder.running)

    async def _refresh_after(self, folder: OpenFolder, before: asyncio.Task[None]) -> None:
        await asyncio.wait([before])
        folder.running, folder.queued = folder.queued, None
        await self._refresh(folder)

    async def _refresh(self, folder: OpenFolder) -> None:
        me = asyncio.current_task()
        state, reader = folder.state, folder.reader
        try:
            news = await self._store.db.aread(
                lambda conn: entries.changes_since(conn, state.folder_id, state.modseq, reader)
            )
        except FolderMissing:
            folder.gone = True
            self._wake(folder)
            raise
        finally:
            if folder.running is me:
                folder.running = None
        self._take(folder, news)

    def _take(self, folder: OpenFolder, news: Changes) -> None:
        if folder.state.apply(news.rows, news.expunged, news.highestmodseq):
            self._wake(folder)

    async def absorb(self, folder: OpenFolder, marks: FlagColumns, modseq: int, origin: object | None = None) -> None:
        """Take over a change of flags that this process has just committed, without reading it again.

        marks: all entries that were asked to change, as they are now; modseq: of the change, 0 if there was none.
        Where the store knows more than that, it is read.
        """
        if modseq == folder.state.modseq + 1:
            if folder.state.apply_flags(marks, modseq, origin):
                self._wake(folder)
        elif max(marks.modseqs, default=0) > folder.state.modseq:
            await self.refresh(folder)

    def _wake(self, folder: OpenFolder) -> None:
        for watcher in tuple(folder.watchers):
            watcher()

    def _on_events(self, events: list[Event]) -> None:
        touched: dict[Key, OpenFolder] = {}
        for event in events:
            if event.folder_id is None:
                continue
            for reader in self._readers.get(event.folder_id, ()):
                folder = self._open[event.folder_id, reader]
                if event.kind == "folder.deleted":
                    folder.gone = True
                    self._wake(folder)
                elif event.kind.startswith("message.") and (
                    event.data.get("modseq", folder.state.modseq + 1) > folder.state.modseq
                ):
                    touched[folder.key] = folder
        for folder in touched.values():
            self._in_background(self._refresh_quietly(folder))

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _claim_recent(self, folder: OpenFolder) -> None:
        """What has been told as \\Recent here shall not be so in a session of another process."""
        try:
            await self._store.db.awrite(lambda tx: folders.claim_recent_tx(tx, folder.state.folder_id), SYSTEM)
        except StoreError as error:
            _log.info("imap_recent_not_claimed", error=repr(error))

    async def _refresh_quietly(self, folder: OpenFolder) -> None:
        """The next event or command tries again."""
        try:
            await self.refresh(folder)
        except FolderMissing:
            return
        except StoreError as error:
            _log.warning("imap_refresh_failed", error=repr(error))


def load_state(conn: Connection, folder_id: int, reader: Reader | None = None) -> FolderState:
    """All entries and the modseq they stand for, from one snapshot. Raises FolderMissing."""
    folder = folders.by_id(conn, folder_id)
    snapshot = entries.snapshot(conn, folder_id, reader)
    return FolderState(folder_id, Rows.of(snapshot), folder.highestmodseq)
