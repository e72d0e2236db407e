"""Shared folders from a mail program: who posts, and that nobody touches what another has posted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailserver.actor import SYSTEM
from mailserver.boards import hiding, service
from mailserver.boards.behaviours import behaviours
from mailserver.boards.kinds import BoardKind
from mailserver.directory import grants, principals
from mailserver.store import folders, raw
from mailserver.store.database import Tx
from mailserver.store.folders import Folder
from tests.mailserver.imap.conftest import Door
from tests.mailserver.imap.test_shared import grant
from tests.support.dialogue import Client, mail

BOARD = '"Shared/Sở Xây dựng/Công cộng"'


async def board(door: Door, *posters: int, kind: BoardKind = BoardKind.OPEN) -> Door:
    door.store.db.behaviours = behaviours()

    def work(tx: Tx) -> None:
        owner_id = principals.agency_mailbox(tx.conn, door.office.agency).id
        service.create_tx(tx, owner_id, "Công cộng", kind, posters or (grants.everybody(owner_id),))

    await door.store.db.awrite(work, SYSTEM)
    return door


async def open_(door: Door, user: str) -> Client:
    client = await door.client(user)
    await client.ok("ENABLE UTF8=ACCEPT")
    await client.ok(f"SELECT {BOARD}")
    return client


async def append(client: Client, subject: str, folder: str = BOARD) -> bytes:
    octets = mail(subject)
    lines = await client.command(f"APPEND {folder} {{{len(octets)}+}}\r\n".encode() + octets)
    return lines[-1]


@pytest.mark.requirement("R-100", "R-105")
async def test_everybody_posts_in_the_open_folder_and_takes_down_only_their_own(door: Door) -> None:
    await board(door)
    an, binh = await open_(door, "an"), await open_(door, "binh")
    assert (await append(an, "Nhặt được chìa khóa")).startswith(b"OK")
    await binh.ok("NOOP")
    refused = (await binh.command("STORE 1 +FLAGS (\\Deleted)"))[-1]
    assert refused.startswith(b"NO [NOPERM] ") and "Bài này do Nguyễn Văn An đăng".encode() in refused
    assert (await binh.command("MOVE 1 Trash"))[-1].startswith(b"NO [NOPERM]")
    assert (await binh.command("STORE 1 FLAGS (\\Seen \\Deleted)"))[-1].startswith(b"NO [NOPERM]")
    await binh.ok("STORE 1 +FLAGS (\\Seen)")
    await binh.ok("COPY 1 INBOX")
    await an.ok("STORE 1 +FLAGS (\\Deleted)")
    assert (await binh.command("STORE 1 -FLAGS (\\Deleted)"))[-1].startswith(b"NO [NOPERM]")
    assert (await binh.command("EXPUNGE"))[-1].startswith(b"NO [NOPERM]")
    await an.ok("EXPUNGE")
    assert b"* 0 EXISTS" in await binh.ok(f"SELECT {BOARD}")


@pytest.mark.requirement("R-100", "R-106")
async def test_who_is_not_named_reads_and_does_not_post(door: Door) -> None:
    await board(door, door.office.an, kind=BoardKind.NOTICE)
    an, binh = await open_(door, "an"), await open_(door, "binh")
    assert (await append(an, "Nghỉ Tết")).startswith(b"OK")
    assert b"* 1 EXISTS" in await binh.ok(f"SELECT {BOARD}")
    assert b'* MYRIGHTS "Shared/S\xe1\xbb\x9f X\xc3\xa2y d\xe1\xbb\xb1ng/C\xc3\xb4ng c\xe1\xbb\x99ng" lrs' in (
        await binh.ok(f"MYRIGHTS {BOARD}")
    )
    assert (await append(binh, "Tôi cũng báo")).startswith(b"NO")
    assert (await append(binh, "Của tôi", "INBOX")).startswith(b"OK")
    await binh.ok("SELECT INBOX")
    assert (await binh.command(f"COPY 1 {BOARD}"))[-1].startswith(b"NO")


async def test_rights_on_the_whole_mailbox_do_not_make_a_poster(door: Door) -> None:
    """The registry handles the agency's mailbox; the regulation has not named it here."""
    await board(door, door.office.an, kind=BoardKind.NOTICE)
    owner_id = await door.store.db.aread(lambda conn: principals.agency_mailbox(conn, door.office.agency).id)
    await grant(door, owner_id, door.office.binh, "handle")
    an, binh = await open_(door, "an"), await open_(door, "binh")
    assert (await append(an, "Nghỉ Tết")).startswith(b"OK")
    refused = await append(binh, "Tôi cũng báo")
    assert refused.startswith(b"NO [NOPERM] ") and "Bạn không có quyền đăng".encode() in refused
    await binh.ok("NOOP")
    assert (await binh.command("STORE 1 +FLAGS (\\Deleted)"))[-1].startswith(b"NO [NOPERM]")
    assert (await binh.command(f"DELETE {BOARD}"))[-1].startswith(b"NO")


@pytest.mark.requirement("R-113")
async def test_a_committee_apart_from_the_units_posts_through_its_group(door: Door) -> None:
    def committee(tx: Tx) -> int:
        group = principals.create_group_tx(tx, door.office.agency, "BCH Công đoàn", "bchcongdoan")
        principals.add_member_tx(tx, group, door.office.binh)
        return group

    group = await door.store.db.awrite(committee, SYSTEM)
    await board(door, group, kind=BoardKind.CIRCLE)
    binh = await open_(door, "binh")
    assert (await append(binh, "Họp công đoàn")).startswith(b"OK")
    an = await open_(door, "an")
    assert (await append(an, "Chen vào")).startswith(b"NO")
    await binh.ok("NOOP")
    await binh.ok("STORE 1 +FLAGS (\\Deleted)")
    await binh.ok("EXPUNGE")


@pytest.mark.requirement("R-115")
async def test_each_reader_has_unread_posts_of_their_own(door: Door) -> None:
    await board(door)
    an, binh = await open_(door, "an"), await open_(door, "binh")
    await append(an, "Lịch tuần")
    await binh.ok("NOOP")
    await binh.ok("STORE 1 +FLAGS (\\Seen)")
    assert any(b"UNSEEN 0" in line for line in await binh.ok(f"STATUS {BOARD} (UNSEEN)"))
    assert any(b"UNSEEN 1" in line for line in await an.ok(f"STATUS {BOARD} (UNSEEN)"))


async def test_nobody_posts_in_a_closed_folder_and_it_stays_readable(door: Door) -> None:
    await board(door)
    an = await open_(door, "an")
    await append(an, "Lịch tuần")

    def close(tx: Tx) -> None:
        owner_id = principals.agency_mailbox(tx.conn, door.office.agency).id
        service.retire_tx(tx, folders.get(tx.conn, owner_id, "Công cộng"))

    await door.store.db.awrite(close, SYSTEM)
    refused = await append(an, "Thêm")
    assert refused.startswith(b"NO [NOPERM] ") and "đã ngừng dùng".encode() in refused
    assert b"* 1 EXISTS" in await an.ok(f"SELECT {BOARD}")


@pytest.mark.requirement("R-102")
async def test_a_hidden_post_is_nowhere_and_nobody_posts_it_again_until_it_is_shown(door: Door) -> None:
    """Not even the registry sees it, which handles the whole mailbox."""
    await board(door)
    owner_id = await door.store.db.aread(lambda conn: principals.agency_mailbox(conn, door.office.agency).id)
    await grant(door, owner_id, door.office.binh, "handle")
    an, binh = await open_(door, "an"), await open_(door, "binh")
    await append(an, "Bán xe máy")
    await binh.ok("NOOP")
    await binh.ok("COPY 1 INBOX")

    def act(tx: Tx, change: Callable[[Tx, Folder, int], bool]) -> bool:
        folder = folders.get(tx.conn, owner_id, "Công cộng")
        inside = raw.rows(tx.conn, "SELECT message_pk FROM board_post WHERE folder_id = ?", (folder.id,))
        return change(tx, folder, inside[0][0])

    assert await door.store.db.awrite(lambda tx: act(tx, hiding.hide_tx), SYSTEM)
    told = await binh.ok("NOOP")
    assert b"* 1 EXPUNGE" in told
    for client in (an, binh):
        for line in await client.ok('LIST "" "Shared/*" RETURN (STATUS (MESSAGES))'):
            assert not line.startswith(b"* STATUS") or b"MESSAGES 0" in line
    await binh.ok("SELECT INBOX")
    refused = (await binh.command(f"COPY 1 {BOARD}"))[-1]
    assert refused.startswith(b"NO [NOPERM] ") and "đã bị ẩn hoặc xóa".encode() in refused
    assert await door.store.db.awrite(lambda tx: act(tx, hiding.show_tx), SYSTEM)
    assert b"* 1 EXISTS" in await binh.ok(f"SELECT {BOARD}")
    assert (await binh.command("STORE 1 +FLAGS (\\Deleted)"))[-1].startswith(b"NO [NOPERM]")
    await an.ok("NOOP")
    await an.ok("STORE 1 +FLAGS (\\Deleted)")
