"""NOTIFY where transcripts do not reach: mailboxes of others, too much news, a database that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Connection as DatabaseConnection

from mailserver.actor import SYSTEM
from mailserver.directory import grants
from mailserver.directory.groups import add_member_tx, create_group_tx, remove_member_tx
from mailserver.imap.notify import watch
from mailserver.imap.session import Session
from mailserver.store.errors import StoreUnavailable
from tests.mailserver.imap.conftest import Door
from tests.mailserver.imap.test_shared import grant
from tests.support.dialogue import WAIT_S, Client, mail

SHARED = "Shared/Phòng Quy hoạch"
WIRE = b'"Shared/Ph&API-ng Quy ho&HqE-ch/INBOX"'


async def test_a_shared_mailbox_is_told_of_with_the_grant_and_not_without(door: Door) -> None:
    """RFC 5465 §6: rights are looked at when news is told."""
    office = door.office
    watcher, owner = await door.client("binh"), await door.client("an")
    await watcher.ok("NOTIFY SET (SUBTREE Shared (MessageNew MessageExpunge MailboxName))")
    number = await grant(door, office.planning, office.binh, "read")
    await told_of_all(watcher, b"")
    await grant(door, office.planning, office.an, "manage")
    await owner.ok("ENABLE UTF8=ACCEPT")
    assert (await owner.append(f'"{SHARED}/INBOX"', mail("a"))).startswith(b"OK")
    assert (await watcher.line()).startswith(b"* STATUS " + WIRE + b" (MESSAGES 1 ")
    await owner.ok(f'CREATE "{SHARED}/x"')
    assert await watcher.line() == b'* LIST () "/" ' + WIRE.replace(b"INBOX", b"x")
    await door.store.db.awrite(lambda tx: grants.revoke_tx(tx, number), SYSTEM)
    await told_of_all(watcher, b"\\NoAccess", b"x")
    assert (await owner.append(f'"{SHARED}/INBOX"', mail("b"))).startswith(b"OK")
    await watcher.ok("NOTIFY SET (INBOXES (MessageNew MessageExpunge))")
    colleague = await door.client("binh")
    await colleague.append("INBOX", mail("c"))
    assert (await watcher.line()).startswith(b"* STATUS INBOX ")


async def test_a_folder_that_was_shared_by_itself_and_is_deleted_is_told_of(door: Door) -> None:
    """Its rights go with it, so that they say nothing of who knew of it (RFC 5465 §5.4)."""
    watcher, owner = await door.client("binh"), await door.client("an")
    await watcher.ok('NOTIFY SET (SUBTREE "Other Users" (MailboxName))')
    await owner.ok("CREATE To")
    await owner.ok("SETACL To binh lr")
    name = (await watcher.line()).removeprefix(b'* LIST () "/" ')
    assert name == b'"Other Users/an/To"'
    await owner.ok("CREATE Rieng")
    await owner.ok("DELETE Rieng")
    await owner.ok("DELETE To")
    assert await watcher.line() == b'* LIST (\\NonExistent) "/" ' + name
    await watcher.ok("NOOP")


async def told_of_all(watcher: Client, attributes: bytes, *more: bytes) -> None:
    """LIST lines, pushed, for each folder of the shared mailbox (RFC 5465 §5.9)."""
    wanted = {
        WIRE.replace(b"INBOX", name) for name in (b"INBOX", b"Archive", b"Drafts", b"Junk", b"Sent", b"Trash", *more)
    }
    lines = {await watcher.line() for _ in wanted}
    assert lines == {b'* LIST (%b) "/" %b' % (attributes, name) for name in wanted}


@pytest.mark.requirement("R-083")
async def test_a_group_s_new_member_has_its_mailboxes_at_once_and_the_one_who_leaves_loses_the_open_one(
    door: Door,
) -> None:
    office = door.office
    group = await door.store.db.awrite(lambda tx: create_group_tx(tx, office.agency, "Tổ", "to"), SYSTEM)
    await grant(door, office.planning, group, "read")
    watcher = await door.client("binh")
    await watcher.ok("NOTIFY SET (SUBTREE Shared (MailboxName))")
    await door.store.db.awrite(lambda tx: add_member_tx(tx, group, office.binh), SYSTEM)
    await told_of_all(watcher, b"")
    idler = await door.selected(WIRE.decode(), "binh")
    await idler.send(b"i IDLE\r\n")
    assert await idler.line() == b"+ idling"
    await door.store.db.awrite(lambda tx: remove_member_tx(tx, group, office.binh), SYSTEM)
    assert await idler.line() == b"* BYE [UNAVAILABLE] Rights on this mailbox have changed"
    assert await idler.ended()
    await told_of_all(watcher, b"\\NoAccess")


async def test_too_much_news_ends_it_and_says_so(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5465 §5.8."""
    monkeypatch.setattr(watch, "MAX_NOTES", 0)
    watcher, other = await door.client(), await door.client()
    await watcher.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
    await other.append("INBOX", mail("a"))
    assert (await watcher.line()).startswith(b"* OK [NOTIFICATIONOVERFLOW] ")
    await other.append("INBOX", mail("b"))
    assert await watcher.ok("NOOP") == [b"OK Nothing done"]


async def test_news_that_cannot_be_read_is_not_passed_over(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher, other = await door.client(), await door.client()
    await watcher.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
    (session,) = [one for one in door.server._sessions if one.watch is not None]

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(session), "read", away)
    await other.append("INBOX", mail("a"))
    assert (await watcher.line()).startswith(b"* OK [NOTIFICATIONOVERFLOW] ")
    monkeypatch.undo()
    assert (await watcher.ok("STATUS INBOX (MESSAGES)"))[0].endswith(b"(MESSAGES 1)")


async def test_a_command_that_comes_in_while_news_is_read_is_answered(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher, other = await door.client(), await door.client()
    await watcher.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
    (session,) = [one for one in door.server._sessions if one.watch is not None]
    read, connection = Session.read, session.connection

    async def interrupted(one: Session, work: Callable[[DatabaseConnection], object]) -> object:
        found = await read(one, work)
        if one is session:
            monkeypatch.undo()
            await watcher.send(b"z1 CAPABILITY\r\n")
            async with asyncio.timeout(WAIT_S):
                while not connection.buffered():  # noqa: ASYNC110 (there is no event to wait for)
                    await asyncio.sleep(0)
        return found

    monkeypatch.setattr(Session, "read", interrupted)
    await other.append("INBOX", mail("a"))
    assert (await watcher.line()).startswith(b"* STATUS INBOX ")
    assert (await watcher.until(b"z1"))[-1].startswith(b"z1 OK")


async def test_a_session_that_ends_is_watched_for_no_longer(door: Door) -> None:
    watcher = await door.client()
    await watcher.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
    assert door.server.services.watches._by_owner
    await watcher.ok("LOGOUT")
    assert await watcher.ended()
    assert not door.server.services.watches._by_owner
