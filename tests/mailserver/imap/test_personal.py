"""\\Seen and \\Flagged shared by all readers of a mailbox, or each reader's own: two people, both ways
(mailcow #2712, #6603; NethServer #6064; Cyrus #4038, #2563)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import grants
from mailserver.store import choosing, folders
from mailserver.store.entries import append_tx
from mailserver.store.flags import Flag
from mailserver.store.ingest import prepare
from mailserver.store.tx import Tx
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client, mail

BOX = '"Shared/Ph&API-ng Quy ho&HqE-ch/INBOX"'
SEEN, FLAGGED = int(Flag.SEEN), int(Flag.FLAGGED)


async def both(door: Door, bits: int) -> tuple[Client, Client]:
    """An and Bình handle the unit's mail, three messages; both have it open. bits: personal flags."""
    prepared = [prepare(mail(f"Số {number}"), door.store.blobs) for number in range(3)]
    office = door.office

    def work(tx: Tx) -> None:
        since = datetime.now(UTC) - timedelta(minutes=1)
        for person in (office.an, office.binh):
            grants.grant_tx(tx, office.planning, person, ["handle"], since)
        inbox = folders.get(tx.conn, office.planning, "INBOX")
        for one in prepared:
            append_tx(tx, inbox.id, one, 0, "", 0)
        choosing.choose_tx(tx, office.planning, bits)

    await door.store.db.awrite(work, SYSTEM)
    first, second = await door.client("an"), await door.client("binh")
    for client in (first, second):
        await client.ok(f"SELECT {BOX}")
    return first, second


async def figures(client: Client) -> bytes:
    lines = await client.ok(f"STATUS {BOX} (MESSAGES UNSEEN)")
    return lines[0].partition(b"MESSAGES ")[2]


async def test_shared_what_one_has_read_is_read_for_all(door: Door) -> None:
    first, second = await both(door, 0)
    await second.send(b"i IDLE\r\n")
    await second.line()
    await first.ok("STORE 1:2 +FLAGS (\\Seen)")
    assert await second.line() == b"* 1 FETCH (FLAGS (\\Seen))"
    await second.line()
    await second.send(b"DONE\r\n")
    await second.until(b"i")
    assert await second.ok("SEARCH UNSEEN") == [b"* SEARCH 3", b"OK Search done"]
    assert await figures(first) == await figures(second) == b"3 UNSEEN 1)"


async def test_personal_what_one_has_read_is_unread_for_others(door: Door) -> None:
    first, second = await both(door, SEEN)
    await first.ok("STORE 1:2 +FLAGS (\\Seen)")
    await first.ok("FETCH 3 BODY[]")
    assert await first.ok("SEARCH UNSEEN") == [b"* SEARCH", b"OK Search done"]
    assert await second.ok("SEARCH UNSEEN") == [b"* SEARCH 1 2 3", b"OK Search done"]
    assert (await figures(first), await figures(second)) == (b"3 UNSEEN 0)", b"3 UNSEEN 3)")
    lines = await second.ok(f'LIST "" {BOX} RETURN (STATUS (UNSEEN))')
    assert lines[1].endswith(b"(UNSEEN 3)")
    assert (await second.ok("FETCH 1:3 FLAGS"))[:-1] == [b"* %d FETCH (FLAGS ())" % n for n in (1, 2, 3)]
    lines = await second.ok(f"EXAMINE {BOX}")
    assert any(line.startswith(b"* OK [UNSEEN 1]") for line in lines)


@pytest.mark.parametrize(("bits", "flag", "heard"), [(SEEN, "\\Flagged", True), (SEEN | FLAGGED, "\\Flagged", False)])
async def test_only_chosen_flags_are_personal(door: Door, bits: int, flag: str, heard: bool) -> None:
    first, second = await both(door, bits)
    await first.ok(f"STORE 1 +FLAGS ({flag} \\Seen)")
    await first.ok("STORE 2 +FLAGS (\\Answered $Important)")
    lines = await second.ok("NOOP")
    expected = [b"* 1 FETCH (FLAGS (\\Flagged))"] if heard else []
    assert lines[:-1] == [*expected, b"* 2 FETCH (FLAGS (\\Answered $Important))"]


async def test_all_sessions_of_a_reader_learn_of_it_and_nobody_elses(door: Door) -> None:
    first, second = await both(door, SEEN)
    phone = await door.client("an")
    await phone.ok(f"SELECT {BOX}")
    for client in (phone, second):
        await client.send(b"i IDLE\r\n")
        await client.line()
    await first.ok("STORE 2 +FLAGS (\\Seen)")
    assert await phone.line() == b"* 2 FETCH (FLAGS (\\Seen))"
    await first.ok("STORE 1 +FLAGS (\\Answered)")
    assert await second.line() == b"* 1 FETCH (FLAGS (\\Answered))"


async def test_changes_are_numbered_for_each_reader(door: Door) -> None:
    """RFC 7162: MODSEQ, CHANGEDSINCE, UNCHANGEDSINCE, SEARCH MODSEQ."""
    first, second = await both(door, SEEN)
    lines = await first.ok(f"STATUS {BOX} (HIGHESTMODSEQ)")
    before = int(lines[0].rpartition(b" ")[2].rstrip(b")"))
    await second.ok(f"STATUS {BOX} (HIGHESTMODSEQ)")
    lines = await first.ok("STORE 2 +FLAGS.SILENT (\\Seen)")
    assert lines[0] == b"* 2 FETCH (MODSEQ (%d))" % (before + 1)
    changed = await first.ok(f"FETCH 1:* (FLAGS) (CHANGEDSINCE {before})")
    assert changed[0] == b"* 2 FETCH (FLAGS (\\Seen \\Recent) MODSEQ (%d))" % (before + 1)
    assert len(await second.ok(f"FETCH 1:* (FLAGS) (CHANGEDSINCE {before})")) == 1
    assert (await first.ok(f"SEARCH MODSEQ {before + 1}"))[0] == b"* SEARCH 2 (MODSEQ %d)" % (before + 1)
    assert (await second.ok(f"SEARCH MODSEQ {before + 1}"))[0] == b"* SEARCH"
    store = f"STORE 2 (UNCHANGEDSINCE {before}) -FLAGS (\\Seen)"
    assert (await first.command(store))[-1].startswith(b"OK [MODIFIED 2]")
    assert (await second.ok(store))[-1] == b"OK Flags stored"


async def test_a_new_choice_makes_sessions_open_the_folder_anew_and_loses_nothing(door: Door) -> None:
    first, second = await both(door, SEEN)
    await first.ok("STORE 1 +FLAGS (\\Seen)")
    planning = door.office.planning
    await door.store.db.awrite(lambda tx: choosing.choose_tx(tx, planning, 0), SYSTEM)
    for client in (first, second):
        assert (await client.line()).startswith(b"* BYE [UNAVAILABLE]")
    again = await door.client("binh")
    await again.ok(f"SELECT {BOX}")
    assert (await again.ok("FETCH 1 FLAGS"))[0] == b"* 1 FETCH (FLAGS (\\Seen))"


async def test_in_ones_own_mailbox_too(door: Door) -> None:
    """Others' reading leaves no trace in it, and one's own none for them."""
    office = door.office

    def work(tx: Tx) -> None:
        grants.grant_tx(tx, office.an, office.binh, ["read"], datetime.now(UTC) - timedelta(minutes=1))
        choosing.choose_tx(tx, office.an, SEEN)

    await door.store.db.awrite(work, SYSTEM)
    owner, other = await door.client("an"), await door.client("binh")
    assert (await owner.append("INBOX", mail())).startswith(b"OK")
    await other.ok('SELECT "Other Users/an/INBOX"')
    await other.ok("STORE 1 +FLAGS (\\Seen)")
    assert (await owner.ok("STATUS INBOX (UNSEEN)"))[0] == b"* STATUS INBOX (UNSEEN 1)"


async def test_late_news_of_the_choice_ends_no_session_that_has_it(door: Door) -> None:
    """A folder may be opened after a choice and before the news of it has come here."""
    first, second = await both(door, SEEN)
    await door.store.db.awrite(lambda tx: tx.emit("flags.chosen", owner_id=door.office.planning, personal=SEEN), SYSTEM)
    await first.send(b"i IDLE\r\n")
    await first.line()
    await second.ok("STORE 1 +FLAGS (\\Answered)")
    assert (await first.line()).startswith(b"* 1 FETCH (FLAGS (\\Answered")
    await door.store.db.awrite(lambda tx: choosing.choose_tx(tx, door.office.planning, 0), SYSTEM)
    assert (await first.line()).startswith(b"* BYE [UNAVAILABLE]")
