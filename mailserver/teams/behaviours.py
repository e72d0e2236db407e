"""The folders of a unit's mailbox: moving into `Đang xử lý` takes, into `Xong` finishes, whatever the door."""

from __future__ import annotations

from collections.abc import Iterator

from mailserver.store.behaviours import FolderBehaviour, FolderRef, How, Passing
from mailserver.store.flags import Flag
from mailserver.store.folder_names import INBOX
from mailserver.store.rows import of_uids
from mailserver.store.tx import Tx
from mailserver.teams import acts, items
from mailserver.teams.folders import ENDED, WORKING, inbox_of, uid_in
from mailserver.teams.items import Came, Item
from mailserver.teams.states import DONE, NEW


class Working:
    """Đang xử lý. What is open leaves it for Xong or, given back, for the inbox, and for nowhere else."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        for item, came in _passing(tx, passing, passing.target):
            acts.take_tx(tx, item, came)

    def late(self, tx: Tx, passing: Passing) -> None:
        _say_who_was_faster(tx, passing)

    def leaving(self, tx: Tx, passing: Passing) -> None:
        source, target = passing.source, passing.target
        if source == target or (_same_mailbox(passing) and target is not None and target.behaviour == ENDED):
            return  # finishing it is the other folder's act
        for item, _came in _passing(tx, passing, source):
            if not item.open:
                continue
            if not _goes_back(tx, passing, item):
                acts.refuse(tx, "still-open")
            acts.release_tx(tx, item)


class Ended:
    """Xong. What comes in has been answered, or has a note; what goes back to the inbox is open again."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        if passing.source is None or passing.source == passing.target:
            return
        flags = {row.uid: row.flags for row in of_uids(tx.conn, passing.source.id, passing.uids)}
        for item, came in _passing(tx, passing, passing.target):
            if not item.ended:
                answered = bool(came and flags[came.uid] & Flag.ANSWERED)
                acts.finish_tx(tx, item, answered=answered, came=came)

    def late(self, tx: Tx, passing: Passing) -> None:
        _say_who_was_faster(tx, passing)

    def leaving(self, tx: Tx, passing: Passing) -> None:
        """What is done may be filed anywhere."""
        if passing.target is None or passing.target.name != INBOX or not _same_mailbox(passing):
            return
        for item, _came in _passing(tx, passing, passing.source):
            if item.state is DONE:
                acts.take_tx(tx, item)
                acts.release_tx(tx, items.get(tx.conn, item.owner_id, item.message_pk))


def behaviours() -> dict[str, FolderBehaviour]:
    """By the names that folders carry; for `Database.behaviours`."""
    return {WORKING: Working(), ENDED: Ended()}


def _passing(tx: Tx, passing: Passing, mailbox: FolderRef | None) -> Iterator[tuple[Item, Came | None]]:
    """What passes, as it stands in that mailbox."""
    assert mailbox is not None
    source = passing.source
    for place, message_pk in enumerate(passing.message_pks):
        came = None if source is None else Came(source.id, passing.uids[place])
        yield items.get(tx.conn, mailbox.owner_id, message_pk), came


def _goes_back(tx: Tx, passing: Passing, item: Item) -> bool:
    """Whether it goes to the inbox, or has been copied there before it is expunged: clients without MOVE do that."""
    if passing.how is How.EXPUNGE:
        return uid_in(tx.conn, inbox_of(tx.conn, item.owner_id), item.message_pk) is not None
    return _same_mailbox(passing) and passing.target is not None and passing.target.name == INBOX


def _same_mailbox(passing: Passing) -> bool:
    source, target = passing.source, passing.target
    return source is not None and target is not None and source.owner_id == target.owner_id


def _say_who_was_faster(tx: Tx, passing: Passing) -> None:
    """Raises MoveRefused if somebody else has what was to be taken."""
    assert passing.source is not None
    for item in items.came_from(tx.conn, passing.source.id, passing.uids):
        if item.state is not NEW and item.handler_id != tx.actor.principal_id:
            acts.refuse_taken(tx, item)
