"""Quotas over IMAP (RFC 9208): told, set by administrators, and obeyed by APPEND, COPY and MOVE."""

from __future__ import annotations

from typing import Any

from mailserver.actor import SYSTEM
from mailserver.directory.schema import person_role
from mailserver.store import acl, folders, quota, raw
from mailserver.store.letters import ALL
from mailserver.store.tx import Tx
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import mail

FULL = b"NO [OVERQUOTA]"


async def limit(door: Door, owner_id: int, **limits: int | None) -> None:
    await door.store.db.awrite(lambda tx: quota.limit_tx(tx, owner_id, **limits), SYSTEM)


async def test_what_would_be_too_much_is_refused_and_room_can_be_made(door: Door) -> None:
    message = mail()
    await limit(door, door.office.an, octets=2 * len(message), messages=0)
    client = await door.client()
    for _ in range(2):
        assert (await client.append("INBOX", message)).startswith(b"OK")
    assert (await client.append("INBOX", message)).startswith(FULL)
    await client.ok("SELECT INBOX")
    assert (await client.command("COPY 1 Archive"))[-1].startswith(FULL)
    await client.ok("MOVE 1 Archive")  # within the mailbox nothing grows
    await client.ok("STORE 1 +FLAGS (\\Deleted)")
    await client.ok("EXPUNGE")
    assert (await client.append("INBOX", message)).startswith(b"OK")


async def test_in_a_full_mailbox_a_message_may_still_be_replaced_by_one_no_larger(door: Door) -> None:
    """As clients do with a draft."""
    await limit(door, door.office.an, octets=len(mail()), messages=1)
    client = await door.client()
    assert (await client.append("Drafts", mail())).startswith(b"OK")
    await client.ok("SELECT Drafts")
    for message, answer in ((mail(text="x" * 99), FULL), (mail(), b"OK")):
        lines = await client.command(b"REPLACE 1 Drafts {%d+}\r\n%b" % (len(message), message))
        assert lines[-1].startswith(answer)


async def test_several_messages_at_once_fit_together_or_not_at_all(door: Door) -> None:
    await limit(door, door.office.an, messages=2)
    client = await door.client()
    three = b" ".join(b"{%d+}\r\n%b" % (len(mail()), mail()) for _ in range(3))
    assert (await client.command(b"APPEND INBOX " + three))[-1].startswith(FULL)
    assert (await client.ok("STATUS INBOX (MESSAGES)"))[0] == b"* STATUS INBOX (MESSAGES 0)"


async def test_mail_for_somebody_elses_mailbox_counts_there(door: Door) -> None:
    office = door.office

    def share(tx: Tx) -> None:
        acl.put_tx(tx, folders.get(tx.conn, office.binh, "INBOX").id, office.an, ALL)

    await door.store.db.awrite(share, SYSTEM)
    await limit(door, office.binh, messages=1)
    client = await door.client("an")
    theirs = '"Other Users/binh/INBOX"'
    for _ in range(2):
        await client.append("INBOX", mail())
    await client.ok("SELECT INBOX")
    assert (await client.command(f"MOVE 1:2 {theirs}"))[-1].startswith(FULL)
    await client.ok(f"MOVE 1 {theirs}")
    for command in (f"MOVE 1 {theirs}", f"COPY 1 {theirs}"):
        assert (await client.command(command))[-1].startswith(FULL)
    assert (await client.append(theirs, mail())).startswith(FULL)
    assert (await client.ok(f"GETQUOTAROOT {theirs}"))[:2] == [
        b"* QUOTAROOT %b binh@sxd.gov.vn" % theirs.encode(), b"* QUOTA binh@sxd.gov.vn (MESSAGE 1 1)",
    ]  # fmt: skip


async def test_an_administrator_sets_limits_within_the_agency(door: Door) -> None:
    office = door.office

    def appoint(tx: Tx) -> None:
        tx.conn.execute(person_role.insert().values(person_id=office.an, role="it_admin"))

    await door.store.db.awrite(appoint, SYSTEM)
    admin = await door.client("an")
    lines = await admin.ok("SETQUOTA binh@sxd.gov.vn (STORAGE 1 MESSAGE 20)")
    assert lines[0] == b"* QUOTA binh@sxd.gov.vn (STORAGE 0 1 MESSAGE 0 20)"
    client = await door.client("binh")
    assert (await client.append("INBOX", mail())).startswith(b"OK")
    assert (await client.append("INBOX", mail(text="x" * 1024))).startswith(FULL)
    assert (await client.ok("GETQUOTA binh@sxd.gov.vn"))[0] == b"* QUOTA binh@sxd.gov.vn (STORAGE 1 1 MESSAGE 1 20)"
    (answer,) = await admin.ok("SETQUOTA binh@sxd.gov.vn ()")
    assert answer.startswith(b"OK"), "Thunderbird takes an empty list for a syntax error"
    assert (await admin.command("SETQUOTA an@example.com (STORAGE 1)"))[-1].startswith(b"NO [NONEXISTENT]")
    query = "SELECT actor_id, owner_id, detail FROM audit WHERE action = 'mailbox.quota' ORDER BY id"
    found: list[Any] = await door.store.db.aread(lambda conn: raw.rows(conn, query))
    assert [(who, owner) for who, owner, _ in found] == [(office.an, office.binh)] * 2
    assert raw.from_json(found[0][2])["octets"] == 1024


async def test_the_agency_has_a_limit_for_all_who_have_none_of_their_own(door: Door) -> None:
    office = door.office
    agency = await door.store.db.aread(lambda conn: raw.row(conn, "SELECT id FROM principal WHERE kind = 'agency'"))
    assert agency is not None
    await limit(door, agency[0], members_messages=1)
    await limit(door, office.binh, messages=0)
    for user, second in (("an", FULL), ("binh", b"OK")):
        client = await door.client(user)
        await client.append("INBOX", mail())
        assert (await client.append("INBOX", mail())).startswith(second)
