"""What has happened since a session was last told: noted from the event log, never asked for by looking.

A note is a folder's id and some flags, however many messages came; at MAX_NOTES the session is told that
it has missed something and has to look for itself (RFC 5465 §5.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mailserver.imap.fetch.items import Item
from mailserver.imap.notify.request import OF_MESSAGES, Kind, Request
from mailserver.store.events import Event, EventFeed
from mailserver.store.folders import Folder

MAX_NOTES = 1000
KINDS = {
    "message.delivered": Kind.NEW,
    "message.appended": Kind.NEW,
    "message.copied": Kind.NEW,
    "message.expunged": Kind.EXPUNGE,
    "message.flagged": Kind.FLAGS,
    "folder.created": Kind.NAME,
    "folder.renamed": Kind.NAME,
    "folder.deleted": Kind.NAME,
    "folder.subscribed": Kind.SUBSCRIPTION,
    "folder.unsubscribed": Kind.SUBSCRIPTION,
    "note.changed": Kind.NOTES,
    "server_note.changed": Kind.SERVER_NOTES,
}


@dataclass(slots=True, eq=False)
class Watch:
    """One session's. owners: whose mailboxes to look at; out of date once `stale`. wake: the session's.

    touched: what happened to the messages of a folder. named: what happened to folders and notes, in order.
    modseqs: of folders when they were last told of. shared: the folders of others that could be listed at the
    last look, and their names.
    """

    request: Request
    owners: frozenset[int]
    wake: Callable[[], None]
    touched: dict[int, set[Kind]] = field(default_factory=dict)
    named: list[Event] = field(default_factory=list)
    modseqs: dict[int, int] = field(default_factory=dict)
    shared: dict[int, str] = field(default_factory=dict)
    stale: bool = False
    overflowed: bool = False
    wanted: frozenset[Kind] = field(init=False)

    def __post_init__(self) -> None:
        self.wanted = frozenset(kind for group in self.request.others for kind in group.kinds)

    @property
    def items(self) -> tuple[Item, ...]:
        """What to send of new messages in the open folder."""
        return self.request.selected.items if self.request.selected else ()

    @property
    def pushes(self) -> bool:
        """Whether the open folder is told of between commands."""
        return self.request.selected is not None and bool(self.request.selected.kinds)

    @property
    def ignores_flags(self) -> bool:
        """Whether changes of flags in the open folder are not to be told (RFC 5465 §5.1)."""
        return self.request.selected is not None and Kind.FLAGS not in self.request.selected.kinds

    def pending(self) -> bool:
        return bool(self.touched or self.named or self.overflowed or self.stale)

    def take(self) -> tuple[dict[int, set[Kind]], list[Event]]:
        """What is pending, which is so no longer."""
        taken = self.touched, self.named
        self.touched, self.named = {}, []
        return taken

    def is_new(self, folder: Folder) -> bool:
        """Whether a folder's figures have not been told yet as they are now: a look may see more than the
        event that led to it."""
        known, self.modseqs[folder.id] = self.modseqs.get(folder.id), folder.highestmodseq
        return known != folder.highestmodseq

    def note(self, event: Event) -> None:
        kind = KINDS.get(event.kind)
        if kind is None or kind not in self.wanted or self.overflowed:
            return
        if kind in OF_MESSAGES and event.folder_id is not None:
            self.touched.setdefault(event.folder_id, set()).add(kind)
        else:
            self.named.append(event)
        if len(self.named) + len(self.touched) > MAX_NOTES:
            self.overflowed = True
            self.take()
        self.wake()


class Watches:
    """Those of all sessions of this process, by whose mailboxes they look at. On the event loop.

    _stale: those that may have come to see more mailboxes; they note everything until they know.
    """

    def __init__(self, feed: EventFeed) -> None:
        self._by_owner: dict[int, set[Watch]] = {}
        self._stale: set[Watch] = set()
        self._unsubscribe = feed.subscribe(self._on_events)

    def close(self) -> None:
        self._unsubscribe()

    def add(self, watch: Watch) -> None:
        for owner_id in watch.owners:
            self._by_owner.setdefault(owner_id, set()).add(watch)

    def remove(self, watch: Watch) -> None:
        self._stale.discard(watch)
        for owner_id in watch.owners:
            found = self._by_owner.get(owner_id, set())
            found.discard(watch)
            if not found:
                self._by_owner.pop(owner_id, None)

    def look_at(self, watch: Watch, owners: Iterable[int]) -> None:
        """Whose mailboxes it is about now."""
        self.remove(watch)
        watch.owners = frozenset(owners)
        self.add(watch)
        if watch.stale:  # again, meanwhile
            self._stale.add(watch)

    def _on_events(self, events: list[Event]) -> None:
        if not self._by_owner:
            return
        for event in events:
            if event.kind in ("grant.changed", "acl.changed"):
                self._forget_owners()
            elif event.owner_id is not None:
                for watch in self._stale.union(self._by_owner.get(event.owner_id, ())):
                    watch.note(event)
            elif event.kind == "server_note.changed":  # an agency's; it comes once in a while
                for watch in set().union(*self._by_owner.values()):
                    watch.note(event)

    def _forget_owners(self) -> None:
        """Somebody may see another mailbox now, or one less; who it is depends on units and posts."""
        self._stale.update(*self._by_owner.values())
        for watch in self._stale:
            watch.stale = True
            watch.wake()
