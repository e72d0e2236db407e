"""Notes of clients (RFC 5464): their limits, binary values, and whose they are."""

from __future__ import annotations

from mailserver.actor import SYSTEM
from mailserver.directory.schema import person_role
from mailserver.store import raw
from mailserver.store.notes import MAX_ENTRIES, MAX_VALUE
from mailserver.store.tx import Tx
from tests.mailserver.imap.conftest import Door


async def test_a_value_may_hold_any_octets(door: Door) -> None:
    client = await door.client()
    await client.ok(b"SETMETADATA INBOX (/private/a ~{5+}\r\na\0\r\nb /private/b {3+}\r\n\r\nx)")
    await client.send(b"g GETMETADATA INBOX (/private/a /private/b)\r\n")
    said = b"* METADATA INBOX (/private/a ~{5}\r\na\0\r\nb /private/b {3}\r\n\r\nx)\r\n"
    assert await client.reader.readexactly(len(said)) == said


async def test_a_value_is_bounded_and_a_refused_change_changes_nothing(door: Door) -> None:
    client = await door.client()
    value = b"{%d+}\r\n%b" % (MAX_VALUE + 1, b"x" * (MAX_VALUE + 1))
    refused = await client.command(b'SETMETADATA INBOX (/private/a "1" /private/b ' + value + b")")
    assert refused[-1].startswith(b"NO [METADATA MAXSIZE %d]" % MAX_VALUE)
    assert (await client.ok("GETMETADATA INBOX /private/a"))[0].endswith(b"(/private/a NIL)")


async def test_there_are_so_many_and_no_more(door: Door) -> None:
    client = await door.client()
    many = " ".join(f'/private/n{number} "x"' for number in range(MAX_ENTRIES))
    await client.ok(f"SETMETADATA INBOX ({many})")
    refused = await client.command('SETMETADATA INBOX (/private/n0 "new" /private/more "x")')
    assert refused[-1].startswith(b"NO [METADATA TOOMANY]")
    assert (await client.ok("GETMETADATA INBOX /private/n0"))[0].endswith(b'(/private/n0 "x")')
    await client.ok('SETMETADATA INBOX (/private/n0 NIL /private/more "x")')
    await client.ok('SETMETADATA INBOX (/shared/more "x")')


async def test_an_administrator_writes_what_the_agency_shares(door: Door) -> None:
    office = door.office

    def appoint(tx: Tx) -> None:
        tx.conn.execute(person_role.insert().values(person_id=office.an, role="it_admin"))

    await door.store.db.awrite(appoint, SYSTEM)
    admin, other = await door.client("an"), await door.client("binh")
    await other.ok("NOTIFY SET (INBOXES (ServerMetadataChange))")
    await admin.ok('SETMETADATA "" (/shared/admin "mailto:it@sxd.gov.vn" /private/comment "an")')
    assert await other.line() == b'* METADATA "" /shared/admin'
    lines = await other.ok('GETMETADATA "" /shared/admin')
    assert lines == [b'* METADATA "" (/shared/admin "mailto:it@sxd.gov.vn")', b"OK Notes told"]


async def test_changes_are_told_to_who_may_read_them(door: Door) -> None:
    """RFC 5465 §5.6, RFC 5464 §3.3: others' private notes are nobody's business, nor are those of a folder that may
    only be listed."""
    owner, watcher = await door.client("an"), await door.client("binh")
    for name, rights in (("To", "lr"), ("Ten", "l")):
        await owner.ok(f"CREATE {name}")
        await owner.ok(f"SETACL {name} binh {rights}")
    await watcher.ok('NOTIFY SET (SUBTREE "Other Users" (MailboxMetadataChange))')
    await owner.ok('SETMETADATA Ten (/shared/comment "x")')
    await owner.ok('SETMETADATA To (/private/comment "x" /shared/comment "y")')
    assert await watcher.line() == b'* METADATA "Other Users/an/To" /shared/comment'
    await watcher.ok("NOOP")


async def test_notes_go_with_their_folder_and_move_with_it(door: Door) -> None:
    client = await door.client()
    await client.ok("CREATE cu")
    await client.ok('SETMETADATA cu (/private/comment "x")')
    await client.ok("RENAME cu moi")
    assert (await client.ok("GETMETADATA moi /private/comment"))[0] == b'* METADATA moi (/private/comment "x")'
    await client.ok("DELETE moi")
    left = await door.store.db.aread(lambda conn: raw.rows(conn, "SELECT name FROM annotation"))
    assert left == []
