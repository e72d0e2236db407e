"""What a process knows of an open folder, when others changed it a moment ago."""

from mailserver.actor import SYSTEM
from mailserver.imap.hub import FolderHub, OpenFolder
from mailserver.store.entries import FlagChange, Stored, store_flags_tx
from mailserver.store.flags import Flag
from mailserver.store.store import Store
from tests.support.mail import Box


async def test_a_change_that_changes_nothing_hides_no_change_of_others(store: Store) -> None:
    """Somebody in another process marked 1 and 2; marking 1 again here brings news of 1, and must of 2."""
    box = Box.make(store)
    box.put_many(2)
    hub = FolderHub(store)
    folder = await hub.attach(box.folder().id, None, lambda: None, None)
    try:
        mark(box, [1, 2])  # no event is taken while the loop stands
        stored = mark(box, [1])
        await hub.absorb(folder, stored.marks, stored.modseq)
        assert flags(folder) == [Flag.SEEN, Flag.SEEN]
    finally:
        await hub.close()


async def test_a_change_of_this_process_is_not_read_again(store: Store) -> None:
    box = Box.make(store)
    box.put_many(3)
    hub = FolderHub(store)
    folder = await hub.attach(box.folder().id, None, lambda: None, None)
    try:
        stored = mark(box, [1, 3])
        step = folder.state.last
        await hub.absorb(folder, stored.marks, stored.modseq, origin=box)
        assert flags(folder) == [Flag.SEEN, 0, Flag.SEEN]
        assert step.next is not None
        assert (step.next.origin, list(step.next.changed), folder.running) == (box, [1, 3], None)
    finally:
        await hub.close()


def mark(box: Box, uids: list[int]) -> Stored:
    folder_id = box.folder().id
    return box.store.db.write(lambda tx: store_flags_tx(tx, folder_id, uids, FlagChange.ADD, Flag.SEEN), SYSTEM)


def flags(folder: OpenFolder) -> list[int]:
    return list(folder.state.rows.flags)
