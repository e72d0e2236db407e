"""Passes over a folder of a real IMAP server: each message comes once, as it was."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from mailserver.actor import SYSTEM
from mailserver.collector import accounts, passes
from mailserver.collector.errors import Failed, NoSuchAccount
from mailserver.collector.records import After, Trouble
from mailserver.directory.posts import create_unit_tx
from mailserver.imap import mutf7
from mailserver.policy import ACCEPT, Action, Case, Cause, Stage, Verdict
from mailserver.store import entries, folders, quota
from mailserver.store.entries import FlagChange
from mailserver.store.flags import Flag
from tests.mailserver.collector.conftest import World, letter
from tests.mailserver.collector.cutting import Cutter
from tests.mailserver.imap.conftest import OpenDoor

TOO_LARGE = Verdict(Action.REJECT, "message-size", None, Cause.TOO_LARGE, {"limit": 1000})
# Lines that could be taken for the server's own words, and octets that no text has.
AWKWARD = [
    letter(1, "* 9 EXISTS\r\n* 1 FETCH (UID 1 RFC822.SIZE 3)\r\nA1 OK done\r\n+ go on\r\n)\r\n{12}\r\n((("),
    letter(2, "x" * 5000 + "\r\n" + "Số 12/QĐ-SXD " * 400),
    b"From: a@b.example\r\n\r\n" + bytes(range(1, 10)) + bytes(range(14, 256)) + b"\r\n",
    b"From: a@b.example\r\nSubject: empty\r\n\r\n",
    letter(3, extra="Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n", body="QUJD" * 200_000),
]


async def test_messages_come_as_they_are_with_a_trace_in_front(world: World) -> None:
    for octets in AWKWARD:
        world.elsewhere(octets)
    await world.visit(world.account())
    assert world.here() == AWKWARD
    front = world.traced()[: -len(AWKWARD[-1])].decode()
    assert front.startswith("Return-Path: <an@xa.example>\r\nReceived: from 127.0.0.1 ([127.0.0.1])\r\n")
    assert "by mail.sxd.gov.vn with IMAP id" in front and "for <binh@sxd.gov.vn>" in front
    assert all(flags == 0 for _octets, flags in world.left())  # not even read


async def test_the_next_pass_brings_what_is_new(world: World) -> None:
    account = world.account()
    world.elsewhere(letter(1))
    await world.visit(account)
    world.elsewhere(letter(2))
    await world.visit(account)
    await world.visit(account)
    assert world.here() == [letter(1), letter(2)]
    standing = world.store.db.read(lambda conn: accounts.standing(conn, account.id))
    assert (standing.collected, standing.refused) == (2, 0)


async def test_more_than_one_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "BATCH", 3)
    sent = [letter(number) for number in range(8)]
    for octets in sent:
        world.elsewhere(octets)
    await world.visit(world.account(after=After.DELETE))
    assert world.here() == sent and world.left() == []


async def test_older_mail_may_be_left_alone(world: World) -> None:
    world.elsewhere(letter(1), internal_date=datetime(2026, 1, 1, tzinfo=UTC))
    world.elsewhere(letter(2), internal_date=datetime(2026, 6, 15, tzinfo=UTC))
    await world.visit(world.account(since=date(2026, 6, 1)))
    assert world.here() == [letter(2)]


async def test_uids_given_anew_deliver_nothing_twice(world: World) -> None:
    """A folder that was made again has another UIDVALIDITY (RFC 9051 §2.3.1.1)."""
    account = world.account(folders=("Nguồn",))
    for contents in ([letter(1), letter(2)], [letter(2), letter(1), letter(3)]):
        world.create("Nguồn")
        for octets in contents:
            world.elsewhere(octets, "Nguồn")
        await world.visit(account)
        world.delete("Nguồn")
    assert world.here() == [letter(1), letter(2), letter(3)]


async def test_a_message_moved_to_another_folder_is_not_delivered_twice(world: World) -> None:
    world.create('Hồ sơ "cũ" & mới')
    account = world.account(folders=("INBOX", 'Hồ sơ "cũ" & mới'))
    world.elsewhere(letter(1))
    await world.visit(account)
    client = await world.door.selected()
    await client.ok(b'MOVE 1 "%b"' % mutf7.encode('Hồ sơ "cũ" & mới').replace(b'"', b'\\"'))
    await world.visit(account)
    assert world.here() == [letter(1)]


async def test_the_same_octets_twice_elsewhere_come_once(world: World) -> None:
    world.elsewhere(letter(1))
    world.elsewhere(letter(1))
    await world.visit(world.account(after=After.DELETE))
    assert world.here() == [letter(1)] and world.left() == []


async def test_the_same_message_id_with_other_octets_is_another_message(world: World) -> None:
    world.elsewhere(letter(1, "một"))
    world.elsewhere(letter(1, "hai"))
    await world.visit(world.account())
    assert world.here() == [letter(1, "một"), letter(1, "hai")]


async def test_delivered_mail_is_marked_as_read_elsewhere(world: World) -> None:
    world.elsewhere(letter(1))
    await world.visit(world.account(after=After.FLAG))
    assert world.left() == [(letter(1), Flag.SEEN)]


async def test_only_what_was_delivered_is_deleted_elsewhere(world: World) -> None:
    """Neither a message that was refused, nor one that its owner had marked as deleted before."""
    world.policy(lambda case: TOO_LARGE if (case.size or 0) > 2000 else ACCEPT)
    account = world.account(after=After.DELETE, since=date(2026, 1, 1))
    old = world.elsewhere(letter(9), internal_date=datetime(2020, 1, 1, tzinfo=UTC))
    inbox = world.store.db.read(lambda conn: folders.get(conn, world.office.an, "INBOX"))
    world.store.db.write(lambda tx: entries.store_flags_tx(tx, inbox.id, [old], FlagChange.ADD, Flag.DELETED), SYSTEM)
    world.elsewhere(letter(1))
    world.elsewhere(letter(2, "x" * 3000))
    await world.visit(account)
    assert [octets for octets, _flags in world.left()] == [letter(9), letter(2, "x" * 3000)]


async def test_without_uidplus_delivered_mail_is_marked_as_deleted(world: World, open_door: OpenDoor) -> None:
    plain = await open_door(hidden=frozenset({"UIDPLUS"}))
    world.elsewhere(letter(1))
    await world.visit(world.account(port=plain.port, after=After.DELETE))
    assert world.left() == [(letter(1), Flag.DELETED)]


async def test_mail_too_large_is_not_even_read_and_stays(world: World) -> None:
    asked: list[Stage] = []

    def policy(case: Case) -> Verdict:
        asked.append(case.stage)
        return TOO_LARGE if (case.size or 0) > 1000 else ACCEPT

    world.policy(policy)
    account = world.account(after=After.DELETE)
    world.elsewhere(letter(1, "x" * 2000))
    world.elsewhere(letter(2))
    await world.visit(account)
    assert world.here() == [letter(2)] and asked == [Stage.MAIL, Stage.MAIL, Stage.DATA]
    (refusal,) = world.store.db.read(lambda conn: accounts.refusals(conn, account.id))
    assert (refusal.folder, refusal.uid, refusal.reason, refusal.size) == (
        "INBOX",
        1,
        "policy",
        len(letter(1, "x" * 2000)),
    )
    assert world.store.db.read(lambda conn: accounts.standing(conn, account.id)).refused == 1


async def test_mail_that_the_rules_refuse_once_read_stays_too(world: World) -> None:
    world.policy(lambda case: TOO_LARGE if case.stage is Stage.DATA and case.decoded_size else ACCEPT)
    account = world.account(after=After.DELETE)
    world.elsewhere(letter(1))
    await world.visit(account)
    await world.visit(account)
    (refusal,) = world.store.db.read(lambda conn: accounts.refusals(conn, account.id))
    assert (refusal.message_id, refusal.reason) == ("1@xa.example", "policy")
    assert world.here() == [] and len(world.left()) == 1


async def test_mail_for_a_full_mailbox_waits_elsewhere(world: World) -> None:
    account = world.account(after=After.DELETE)
    world.elsewhere(letter(1))
    world.store.db.write(lambda tx: quota.limit_tx(tx, world.office.binh, octets=10), SYSTEM)
    with pytest.raises(Failed) as caught:
        await world.visit(account)
    assert caught.value.trouble is Trouble.FULL and world.here() == [] and len(world.left()) == 1
    world.store.db.write(lambda tx: quota.limit_tx(tx, world.office.binh, octets=0), SYSTEM)
    await world.visit(account)
    assert world.here() == [letter(1)] and world.left() == []


async def test_mail_that_a_rule_puts_off_waits_elsewhere(world: World) -> None:
    later = Verdict(Action.DEFER, "virus", None, Cause.NOT_SCANNED)
    world.policy(lambda case: later if case.stage is Stage.DATA else ACCEPT)
    account = world.account(after=After.DELETE)
    world.elsewhere(letter(1))
    with pytest.raises(Failed) as caught:
        await world.visit(account)
    assert caught.value.trouble is Trouble.PUT_OFF and world.here() == [] and len(world.left()) == 1
    assert world.store.db.read(lambda conn: accounts.refusals(conn, account.id)) == []
    world.policy(lambda _case: ACCEPT)
    await world.visit(account)
    assert world.here() == [letter(1)] and world.left() == []


async def test_a_loop_of_mail_is_refused(world: World) -> None:
    world.elsewhere(letter(1, extra="Received: from a by b; x\r\n" * 60))
    account = world.account()
    await world.visit(account)
    (refusal,) = world.store.db.read(lambda conn: accounts.refusals(conn, account.id))
    assert refusal.reason == "loop" and world.here() == []


async def test_a_fault_of_ours_with_one_message_does_not_hold_up_the_rest(world: World) -> None:
    def policy(case: Case) -> Verdict:
        if case.stage is Stage.DATA and case.scanned is not None and case.scanned.message_id == "1@xa.example":
            raise RuntimeError("a bug")
        return ACCEPT

    world.policy(policy)
    account = world.account(after=After.DELETE)
    world.elsewhere(letter(1))
    world.elsewhere(letter(2))
    await world.visit(account)
    assert world.here() == [letter(2)] and [octets for octets, _flags in world.left()] == [letter(1)]
    (refusal,) = world.store.db.read(lambda conn: accounts.refusals(conn, account.id))
    assert refusal.reason == passes.INTERNAL


async def test_two_collectors_at_once_deliver_each_message_once(world: World) -> None:
    account = world.account(after=After.DELETE)
    sent = [letter(number) for number in range(12)]
    for octets in sent:
        world.elsewhere(octets)
    await asyncio.gather(*(world.visit(account) for _ in range(3)))
    assert sorted(world.here()) == sorted(sent) and world.left() == []
    assert world.store.db.read(lambda conn: accounts.standing(conn, account.id)).collected == 12


async def test_an_account_removed_meanwhile_delivers_no_more(world: World) -> None:
    account = world.account()

    def policy(case: Case) -> Verdict:
        if case.stage is Stage.DATA:
            world.store.db.write(lambda tx: accounts.remove_tx(tx, account.id), SYSTEM)
        return ACCEPT

    world.policy(policy)
    world.elsewhere(letter(1))
    with pytest.raises(NoSuchAccount):
        await world.visit(account)
    assert world.here() == []


async def test_a_mailbox_here_that_was_closed_is_told(world: World) -> None:
    account = world.account()
    world.store.db.write(lambda tx: create_unit_tx(tx, world.office.agency, "X", "Phòng X", "phongx"), SYSTEM)
    closed = accounts.Wish("khongcoai@sxd.gov.vn", account.wish.remote)
    with pytest.raises(Failed) as caught:
        await passes.errand(world.delivery, type(account)(account.id, closed, b"", False, account.changed_at))
    assert caught.value.trouble is Trouble.TARGET


async def test_a_connection_cut_anywhere_loses_and_doubles_nothing(world: World) -> None:
    """Cut after the first answer, the second, … until a visit comes to its end; the mail is there once."""
    sent = [letter(number) for number in range(3)]
    for octets in sent:
        world.elsewhere(octets)
    async with Cutter(world.door.port) as cutter:
        account = world.account(port=cutter.port, after=After.DELETE)
        for answers in range(200):
            cutter.answers_left = answers
            try:
                await world.visit(account)
            except Failed as failed:
                assert failed.trouble is Trouble.UNREACHABLE
            else:
                break
        assert cutter.cut > 5
    assert world.here() == sent and world.left() == []


async def test_stopped_anywhere_it_loses_and_doubles_nothing(world: World) -> None:
    """Told to stop while it waits for the first answer, the second, …"""
    sent = [letter(number) for number in range(3)]
    for octets in sent:
        world.elsewhere(octets)
    async with Cutter(world.door.port) as cutter:
        account = world.account(port=cutter.port, after=After.DELETE)
        for answers in range(200):
            visiting = asyncio.ensure_future(world.visit(account))
            cutter.after(answers, visiting.cancel)
            await asyncio.gather(visiting, return_exceptions=True)
            if not visiting.cancelled():
                break
    assert world.here() == sent and world.left() == []
