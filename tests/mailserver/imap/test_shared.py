"""Mailboxes of units and colleagues: names, rights by letter, audit, and their end (RFC 4314)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from mailserver.actor import SYSTEM
from mailserver.directory import grants
from mailserver.store import folders
from mailserver.store.entries import append_tx
from mailserver.store.ingest import prepare
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import eventually, mail

UNIT = "Shared/Ph&API-ng Quy ho&HqE-ch"
INBOX = f'"{UNIT}/INBOX"'


async def grant(door: Door, owner: int, grantee: int, *rights: str) -> int:
    now = datetime.now(UTC) - timedelta(minutes=1)
    return await door.store.db.awrite(lambda tx: grants.grant_tx(tx, owner, grantee, rights, now), SYSTEM)


async def fill(store: Store, owner: int, count: int = 2) -> None:
    prepared = [prepare(mail(f"Số {number}"), store.blobs) for number in range(count)]

    def work(tx: object) -> None:
        inbox = folders.get(tx.conn, owner, "INBOX")  # type: ignore[attr-defined]
        for one in prepared:
            append_tx(tx, inbox.id, one, 0, "", 0)  # type: ignore[arg-type]

    await store.db.awrite(work, SYSTEM)


async def test_a_unit_s_mailbox_appears_with_the_grant_and_goes_with_it(door: Door) -> None:
    client = await door.client("binh")
    assert not any(b"Shared" in line for line in await client.ok('LIST "" *'))
    assert (await client.command(f"SELECT {INBOX}"))[-1].startswith(b"NO [NONEXISTENT]")
    given = await grant(door, door.office.planning, door.office.binh, "handle")
    lines = await client.ok('LIST "" Shared/*')
    assert b'* LIST (\\Noselect \\HasChildren) "/" "%b"' % UNIT.encode() in lines
    assert b'* LIST (\\HasNoChildren) "/" %b' % INBOX.encode() in lines
    assert b'* LSUB (\\HasNoChildren) "/" %b' % INBOX.encode() in await client.ok('LSUB "" *')
    await client.ok(f"SELECT {INBOX}")
    await asyncio.to_thread(door.store.db.write, lambda tx: grants.revoke_tx(tx, given), SYSTEM)
    assert (await client.line()).startswith(b"* BYE")
    assert await client.ended()
    again = await door.client("binh")
    assert not any(b"Shared" in line for line in await again.ok('LIST "" *'))


async def test_opening_another_s_mailbox_leaves_an_audit_entry_once_a_session(door: Door) -> None:
    await grant(door, door.office.an, door.office.binh, "read")
    client = await door.client("binh")
    for _ in range(3):
        await client.ok('SELECT "Other Users/an/INBOX"')
    query = text("SELECT actor_id, owner_id FROM audit WHERE action = 'mailbox.opened'")
    rows = await door.store.db.aread(lambda conn: [tuple(row) for row in conn.execute(query)])
    assert rows == [(door.office.binh, door.office.an)]


@pytest.mark.requirement("R-083")
async def test_who_may_only_post_puts_mail_in_and_reads_none(door: Door) -> None:
    await grant(door, door.office.planning, door.office.binh, "post")
    client = await door.client("binh")
    assert any(INBOX.encode() in line or UNIT.encode() in line for line in await client.ok('LIST "" *'))
    assert (await client.append(INBOX, mail("Báo cáo"))).startswith(b"OK")
    assert (await client.command(f"SELECT {INBOX}"))[-1].startswith(b"NO [NOPERM]")
    assert (await client.command(f"STATUS {INBOX} (MESSAGES)"))[-1].startswith(b"NO [NOPERM]")


READ, HANDLE, MANAGE = ("read",), ("handle",), ("manage",)


@pytest.mark.parametrize(
    ("rights", "command", "answer"),
    [
        (READ, "STORE 1 +FLAGS (\\Seen)", b"OK"),
        (READ, "STORE 1 +FLAGS (\\Flagged)", b"NO [NOPERM]"),
        (READ, "STORE 1 +FLAGS (\\Deleted)", b"NO [NOPERM]"),
        (READ, "EXPUNGE", b"NO [NOPERM]"),
        (READ, "MOVE 1 Archive", b"NO [NOPERM]"),
        (READ, "COPY 1 Archive", b"OK"),
        (READ, f'COPY 1 "{UNIT}/Sent"', b"NO [NOPERM]"),
        (READ, f'CREATE "{UNIT}/x"', b"NO [NOPERM]"),
        (READ, f'DELETE "{UNIT}/Junk"', b"NO [NOPERM]"),
        (READ, f'RENAME "{UNIT}/Junk" "{UNIT}/y"', b"NO [NOPERM]"),
        (READ, f"STATUS {INBOX} (MESSAGES)", b"OK"),
        (HANDLE, "STORE 1 FLAGS (\\Seen \\Flagged x)", b"OK"),
        (HANDLE, "STORE 1 +FLAGS (\\Deleted)", b"OK"),
        (HANDLE, "MOVE 1 Archive", b"OK"),
        (HANDLE, f'CREATE "{UNIT}/x"', b"OK"),
        (MANAGE, f'DELETE "{UNIT}/Junk"', b"OK"),
        (MANAGE, f'RENAME "{UNIT}/Junk" "{UNIT}/y"', b"OK"),
        (MANAGE, f'RENAME "{UNIT}/Junk" "y"', b"NO [CANNOT]"),
    ],
)
async def test_each_command_needs_its_right(door: Door, rights: tuple[str, ...], command: str, answer: bytes) -> None:
    await grant(door, door.office.planning, door.office.binh, *rights)
    await fill(door.store, door.office.planning)
    client = await door.client("binh")
    await client.ok(f"SELECT {INBOX}")
    assert (await client.command(command))[-1].startswith(answer)
    assert (await client.command(f"APPEND {INBOX} {{3+}}\r\nabc"))[-1].startswith(
        b"NO [NOPERM]" if rights == READ else b"OK"
    )


async def test_flags_that_may_not_be_changed_keep_their_value_under_a_store_of_all(door: Door) -> None:
    """RFC 4314 §4: what is allowed is done, the rest stays."""
    await grant(door, door.office.planning, door.office.binh, "read")
    await fill(door.store, door.office.planning)
    owner_view = await door.client("binh")
    await owner_view.ok(f"SELECT {INBOX}")
    lines = await owner_view.ok("STORE 1 FLAGS (\\Seen \\Flagged)")
    assert lines[0] == b"* 1 FETCH (FLAGS (\\Seen \\Recent))"
    lines = await owner_view.ok("STORE 1 FLAGS ()")
    assert lines[0] == b"* 1 FETCH (FLAGS (\\Recent))"


async def test_changes_in_a_shared_mailbox_are_pushed_to_all_who_have_it_open(door: Door) -> None:
    await grant(door, door.office.planning, door.office.an, "handle")
    await grant(door, door.office.planning, door.office.binh, "handle")
    first, second = await door.client("an"), await door.client("binh")
    for client in (first, second):
        await client.ok(f"SELECT {INBOX}")
    await second.send(b"i IDLE\r\n")
    await second.line()
    await fill(door.store, door.office.planning, 1)
    assert await second.line() == b"* 1 EXISTS"
    await second.line()
    await first.ok("NOOP")
    await first.ok("STORE 1 +FLAGS (\\Answered)")
    assert (await second.line()).startswith(b"* 1 FETCH (FLAGS (\\Answered")


async def test_a_grant_that_runs_out_ends_the_session_at_its_next_sign_of_life(door: Door) -> None:
    now = datetime.now(UTC)
    start, end = now - timedelta(minutes=1), now + timedelta(seconds=1)
    unit, person = door.office.planning, door.office.binh
    await door.store.db.awrite(lambda tx: grants.grant_tx(tx, unit, person, ["handle"], start, end), SYSTEM)
    client = await door.client("binh")
    await client.ok(f"SELECT {INBOX}")
    await client.send(b"i IDLE\r\n")
    await client.line()

    async def over() -> bool:
        return datetime.now(UTC) > end

    await eventually(over)
    door.clock.advance(120)
    lines = await client.reader.read()
    assert b"* BYE" in lines


async def test_a_new_grant_does_not_disturb_those_who_have_the_mailbox_open(door: Door) -> None:
    await grant(door, door.office.planning, door.office.binh, "handle")
    client = await door.client("binh")
    await client.ok(f"SELECT {INBOX}")
    await grant(door, door.office.planning, door.office.an, "read")
    for _ in range(3):
        await client.ok("NOOP")
