"""One client's session: its state, its folder, and what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection as DatabaseConnection

from mailserver.imap import responses
from mailserver.imap.account import Account, State
from mailserver.imap.connection import Interrupted
from mailserver.imap.extensions import Enabled, Extension
from mailserver.imap.fetch.plan import flag_lines
from mailserver.imap.notify.watch import Watch
from mailserver.imap.parser.sequence import SequenceSet
from mailserver.imap.responses import number_set
from mailserver.imap.selected import Selected
from mailserver.imap.view import NO_RECENT, View
from mailserver.store import access
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing

if TYPE_CHECKING:
    from mailserver.imap.services import Services

__all__ = ["Extension", "Selected", "Session", "State"]
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Session(Account):
    """See the module. One coroutine works on it at a time, except for `on_change`.

    opened: folders of others noted in the audit. changed: the open folder has, since it was last told of.
    watch: what NOTIFY has asked for. arrived: uids told of, whose FETCH it has asked for and has yet to get.
    tag: of the command being carried out. owes_modseq: it has enabled CONDSTORE with the folder open.
    """

    services: Services
    _selected: Selected | None = None
    enabled: Enabled = field(default_factory=Enabled)
    opened: set[int] = field(default_factory=set)
    idling: bool = False
    changed: bool = False
    watch: Watch | None = None
    arrived: list[int] = field(default_factory=list)
    start_tls_after_reply: bool = False
    tag: bytes = b"*"
    owes_modseq: bool = False

    @property
    def selected(self) -> Selected:
        """The folder; only in the SELECTED state."""
        assert self._selected is not None
        return self._selected

    @property
    def view(self) -> View:
        return self.selected.view

    @property
    def condstore(self) -> bool:
        return self.enabled.condstore

    def enable(self, extension: Extension) -> None:
        before = self.condstore
        self.enabled.add(extension)
        if self._selected is not None and self.condstore and not before:
            self.owes_modseq = True
        if self.enabled.rev2 and self._selected is not None:
            self._selected.view.recent_from = NO_RECENT

    def mailbox(self, name: str) -> bytes:
        """A mailbox name as this client reads it."""
        return responses.mailbox(name, self.enabled.utf8)

    def highest(self) -> bytes:
        """The response code that ends a removal, b"" for a session that has not asked for it.

        Whatever has happened up to it is told before the tagged reply (RFC 7162 §3.2.7).
        """
        return b"HIGHESTMODSEQ %d" % self.selected.open.state.modseq if self.condstore else b""

    def release(self) -> None:
        """Give back what is counted, once; leaves the folder."""
        self.unselect()
        self.stop_watching()
        self.services.entrance.leave(self)
        self.give_back()

    def stop_watching(self) -> None:
        if self.watch is not None:
            self.services.watches.remove(self.watch)
            self.watch = None

    def has_open(self, folder_id: int) -> bool:
        return self._selected is not None and self._selected.folder.id == folder_id

    def has_open_of(self, owner_ids: set[int | None]) -> bool:
        """Whether a folder of somebody else among these is open."""
        if self._selected is None or self._selected.folder.owner_id == self.principal_id:
            return False
        return self._selected.folder.owner_id in owner_ids

    def has_open_otherwise(self, chosen: Mapping[int | None, int]) -> bool:
        """Whether a folder is open with other personal flags than its mailbox has now. chosen: owner → bits."""
        if self._selected is None:
            return False
        folder = self._selected.folder
        return chosen.get(folder.owner_id, folder.personal) != folder.personal

    def select(self, selected: Selected) -> None:
        self._selected = selected
        self.state = State.SELECTED

    def unselect(self) -> None:
        """Leave the folder, if there is one."""
        if self._selected is not None:
            self.services.hub.detach(self._selected.open, self.on_change)
            self._selected = None
            self.arrived.clear()
        if self.state is State.SELECTED:
            self.state = State.AUTHENTICATED

    async def check_rights(self, older_than: float = 0) -> None:
        """End the conversation if the rights on somebody else's open folder are not what they were.

        older_than: seconds since the last look that make another one due.
        """
        selected, now = self._selected, asyncio.get_running_loop().time()
        if selected is None or selected.folder.owner_id == self.principal_id:
            return
        if now - selected.checked_at < older_than:
            return
        selected.checked_at = now
        rights = await self.read(lambda conn: access.rights_on(conn, self.actor, selected.folder))
        if self._selected is selected and rights != selected.rights:
            self.connection.interrupt("Rights on this mailbox have changed", b"UNAVAILABLE")

    # Database.

    async def read(self, work: Callable[[DatabaseConnection], T]) -> T:
        return await self.services.store.db.aread(work)

    async def write(self, work: Callable[[Tx], T]) -> T:
        return await self.services.store.db.awrite(work, self.actor)

    async def refresh(self) -> None:
        """Learn what others have committed to the folder before now; `tell` says it."""
        try:
            await self.services.hub.refresh(self.selected.open)
        except FolderMissing:
            raise Interrupted("Mailbox was deleted", b"UNAVAILABLE") from None

    async def refresh_for(self, uids: SequenceSet) -> None:
        """`refresh` and `tell` where the set may mean messages that came after the last news.

        What is known already needs no question to the database: changes of it arrive as events.
        """
        rows = self.view.rows
        if self.view.pending() or uids.reaches_beyond(rows.uids[-1] if rows.uids else 0):
            await self.refresh()
            self.tell(expunges=True)

    async def refresh_if_open(self, folder_id: int) -> None:
        """`refresh` if this very folder is open here: news of one's own doing is told at once."""
        if self._selected is not None and self._selected.folder.id == folder_id:
            await self.refresh()

    def on_change(self) -> None:
        """The folder has changed: an idling session is told at once, and one that has asked for it by
        NOTIFY; others after their command."""
        if self.idling or (self.watch is not None and self.watch.pushes):
            self.changed = True
            self.connection.poke()

    @property
    def has_news(self) -> bool:
        """Whether something has come up since the client was last told, for a session that is told at once."""
        return self.changed or (self.watch is not None and self.watch.pending())

    # Output.

    def tell(self, expunges: bool) -> None:
        """Say what is new in the folder (RFC 3501 §5.2, §7.3, §7.4.1).

        expunges: whether sequence numbers may shift now.
        """
        self.changed = False
        if self._selected is None:
            return
        if self._selected.open.gone:
            raise Interrupted("Mailbox was deleted", b"UNAVAILABLE")
        view = self._selected.view
        if not view.pending():
            return
        count = view.count
        news = view.catch_up(expunges, origin=self)
        if self.enabled.qresync and news.vanished:  # RFC 7162 §3.2.10
            self.say(b"* VANISHED %b\r\n" % number_set(news.vanished))
        else:
            self.say(*(b"* %d EXPUNGE\r\n" % number for number in news.expunged))
        if news.exists is not None:
            self.say(b"* %d EXISTS\r\n" % news.exists)
            if self.watch is not None and self.watch.items:
                self.arrived.extend(view.rows.uids[count - len(news.expunged) : news.exists])
            if not self.enabled.rev2:
                if not self._selected.read_only:
                    self._selected.open.recent_told = view.rows.uids[news.exists - 1] + 1
                self.say(b"* %d RECENT\r\n" % view.recent())
        if news.changed and not (self.watch is not None and self.watch.ignores_flags):
            self.tell_flags(news.changed)

    def tell_modseq(self) -> None:
        """Say from where a client that has just enabled CONDSTORE may go on (RFC 7162 §3.1): from now if it knows all,
        else from where it was when it opened the folder."""
        selected = self._selected
        if self.owes_modseq and selected is not None:
            modseq = selected.opened_at if selected.view.pending() else selected.open.state.modseq
            self.say(responses.untagged(responses.Status.OK, "Highest", b"HIGHESTMODSEQ %d" % modseq))
        self.owes_modseq = False

    def tell_flags(self, indexes: Sequence[int]) -> None:
        """Say the flags of messages of the open folder."""
        uid = self.condstore or self.enabled.rev2  # RFC 7162 §3.2.4; RFC 9051 appendix E
        self.say(*flag_lines(self.view, indexes, uid=uid, flags=True, modseq=self.condstore))
