"""A unit's mail from a mail program: moving it into `Đang xử lý` takes it, into `Xong` finishes it."""

from __future__ import annotations

import asyncio

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import folders
from mailserver.teams import folders as team_folders
from mailserver.teams import items
from mailserver.teams.behaviours import behaviours
from mailserver.teams.items import Item
from mailserver.teams.states import State
from tests.mailserver.imap.conftest import Door
from tests.mailserver.imap.test_shared import fill, grant
from tests.support.dialogue import Client

UNIT = "Shared/Phòng Quy hoạch"
INBOX, WORKING, ENDED = (f'"{UNIT}/{name}"' for name in ("INBOX", "Đang xử lý", "Xong"))


@pytest.fixture
async def unit(door: Door) -> Door:
    """An and Bình both handle the mail of the unit; two messages have come."""
    door.store.db.behaviours = behaviours()
    await door.store.db.awrite(lambda tx: team_folders.prepare_tx(tx, door.office.planning), SYSTEM)
    await grant(door, door.office.planning, door.office.an, "handle")
    await grant(door, door.office.planning, door.office.binh, "handle")
    await fill(door.store, door.office.planning)
    return door


async def open_(door: Door, user: str, folder: str) -> Client:
    client = await door.client(user)
    await client.ok("ENABLE UTF8=ACCEPT")
    await client.ok(f"SELECT {folder}")
    return client


async def item(door: Door, uid: int = 1) -> Item:
    """How the message stands that came under this uid."""

    def read(conn: object) -> Item:
        inbox = folders.get(conn, door.office.planning, "INBOX")  # type: ignore[arg-type]
        pk = items.came_from(conn, inbox.id, [uid])  # type: ignore[arg-type]
        return pk[0] if pk else Item(door.office.planning, 0)

    return await door.store.db.aread(read)


@pytest.mark.requirement("R-083", "R-084")
async def test_moving_takes_and_finishes(unit: Door) -> None:
    an = await open_(unit, "an", INBOX)
    await an.ok(f"UID MOVE 1 {WORKING}")
    assert (await item(unit)).state is State.TAKEN
    assert (await item(unit)).handler_id == unit.office.an
    await an.ok(f"SELECT {WORKING}")
    refused = (await an.command(f"MOVE 1 {ENDED}"))[-1]
    assert refused.startswith(b"NO [NOPERM] ") and "Chưa có trả lời".encode() in refused
    assert (await item(unit)).state is State.TAKEN
    await an.ok("STORE 1 +FLAGS (\\Answered)")
    await an.ok(f"MOVE 1 {ENDED}")
    assert (await item(unit)).state is State.DONE
    assert (await item(unit)).handler_id == unit.office.an


@pytest.mark.requirement("R-084")
async def test_two_cannot_take_the_same_message_and_the_loser_hears_who_won(unit: Door) -> None:
    an, binh = await open_(unit, "an", INBOX), await open_(unit, "binh", INBOX)
    commands = [an.command(f"MOVE 1 {WORKING}"), binh.command(f"MOVE 1 {WORKING}")]
    answers = [lines[-1] for lines in await asyncio.gather(*commands)]
    won = [answer.startswith(b"OK") for answer in answers]
    assert sorted(won) == [False, True]
    winner = unit.office.an if won[0] else unit.office.binh
    assert (await item(unit)).handler_id == winner
    name = "Nguyễn Văn An" if won[0] else "Trần Thị Bình"
    assert f"{name} đã nhận xử lý thư này lúc ".encode() in answers[won.index(False)]


async def test_a_client_without_move_copies_and_expunges(unit: Door) -> None:
    an = await open_(unit, "an", INBOX)
    await an.ok(f"COPY 1 {WORKING}")
    await an.ok("STORE 1 +FLAGS (\\Deleted)")
    await an.ok("EXPUNGE")
    assert (await item(unit)).handler_id == unit.office.an
    await an.ok(f"SELECT {WORKING}")
    await an.ok(f"COPY 1 {INBOX}")
    await an.ok("STORE 1 +FLAGS (\\Deleted)")
    await an.ok("EXPUNGE")
    assert (await item(unit)).state is State.NEW


@pytest.mark.parametrize("target", ['"Archive"', f'"{UNIT}/Trash"'])
async def test_what_is_being_dealt_with_goes_nowhere_else(unit: Door, target: str) -> None:
    an = await open_(unit, "an", INBOX)
    await an.ok(f"UID MOVE 1 {WORKING}")
    await an.ok(f"SELECT {WORKING}")
    assert "Thư đang được xử lý".encode() in (await an.command(f"MOVE 1 {target}"))[-1]
    await an.ok("STORE 1 +FLAGS (\\Deleted)")
    assert (await an.command("EXPUNGE"))[-1].startswith(b"NO [NOPERM]")
    assert (await item(unit)).state is State.TAKEN


async def test_a_colleague_neither_finishes_nor_gives_back_what_another_has(unit: Door) -> None:
    an = await open_(unit, "an", INBOX)
    await an.ok(f"UID MOVE 1 {WORKING}")
    binh = await open_(unit, "binh", WORKING)
    await binh.ok("STORE 1 +FLAGS (\\Answered)")
    for target in (ENDED, INBOX):
        assert "Thư này do Nguyễn Văn An xử lý".encode() in (await binh.command(f"MOVE 1 {target}"))[-1]
    assert (await item(unit)).state is State.TAKEN
    await an.ok(f"SELECT {WORKING}")
    await an.ok(f"MOVE 1 {INBOX}")
    assert (await item(unit)).state is State.NEW


async def test_done_mail_may_be_filed_and_opened_again(unit: Door) -> None:
    an = await open_(unit, "an", INBOX)
    await an.ok("STORE 1:2 +FLAGS (\\Answered)")
    await an.ok(f"MOVE 1:2 {ENDED}")
    assert (await item(unit)).state is State.DONE
    await an.ok(f"SELECT {ENDED}")
    await an.ok(f"UID MOVE 1 {INBOX}")
    assert (await item(unit)).state is State.NEW
    await an.ok(f'MOVE 1 "{UNIT}/Archive"')
    assert (await item(unit, 2)).state is State.DONE
