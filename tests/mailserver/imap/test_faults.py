"""Refusals by folder behaviours and our own faults: nothing half done, the connection lives on."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import random
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mailserver.actor import SYSTEM
from mailserver.imap.commands.registry import COMMANDS
from mailserver.policy import Action, Case, Cause, Stage, Verdict
from mailserver.store import entries, errors, folders, room
from mailserver.store.behaviours import Passing
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx
from mailserver.store.room import Room
from tests.mailserver.imap.conftest import Door, OpenDoor
from tests.support.dialogue import WAIT_S, Client, mail

SENTENCE = "Văn bản chưa vào hồ sơ nên chưa thể kết thúc."


class Closed:
    """Lets nothing in and nothing out."""

    def entering(self, tx: Tx, passing: Passing) -> None:
        raise errors.MoveRefused(SENTENCE)

    def leaving(self, tx: Tx, passing: Passing) -> None:
        raise errors.MoveRefused(SENTENCE)


@pytest.fixture
async def guarded(door: Door) -> Client:
    """A client with two messages in INBOX, and a folder "Ket thuc" that refuses them."""
    door.store.db.behaviours = {"closed": Closed()}

    def work(tx: Tx) -> None:
        folders.create_tx(tx, door.office.an, "Ket thuc", behaviour="closed")

    await door.store.db.awrite(work, SYSTEM)
    client = await door.selected()
    for number in range(2):
        await client.append("INBOX", mail(str(number)))
    return client


@pytest.mark.parametrize(
    "command", ['MOVE 1:2 "Ket thuc"', 'UID MOVE 1:2 "Ket thuc"', 'COPY 1 "Ket thuc"', 'APPEND "Ket thuc" {3+}\r\nabc']
)
async def test_a_refused_move_says_why_in_vietnamese_and_changes_nothing(guarded: Client, command: str) -> None:
    lines = await guarded.command(command)
    assert lines == [f"NO [NOPERM] {SENTENCE}".encode()]
    assert (await guarded.ok("UID SEARCH ALL"))[0] == b"* SEARCH 1 2"
    assert b"MESSAGES 0" in (await guarded.ok('STATUS "Ket thuc" (MESSAGES)'))[0]


async def test_our_own_fault_is_told_in_general_words_and_logged(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await door.selected()

    def broken(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(entries, "expunge_tx", broken)
    with capture_logs() as logs:
        lines = await client.command("EXPUNGE")
    assert lines[-1].startswith(b"NO [SERVERBUG] ")
    assert b"secret" not in lines[-1] and b"RuntimeError" not in lines[-1]
    assert [entry["event"] for entry in logs] == ["imap_command_failed"]
    await client.ok("NOOP")


@pytest.fixture
async def with_attachment(door: Door) -> Client:
    """A client with one message of 1.4 MB, most of it in a blob, and a small one."""
    client = await door.selected()
    head = (
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    await client.append("INBOX", head + base64.encodebytes(random.Random(1).randbytes(1 << 20)).replace(b"\n", b"\r\n"))
    await client.append("INBOX", mail("small"))
    return client


def break_blobs(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Reading of blobs works so many times, and then no more."""
    get, left = BlobStore.get, itertools.count()

    def failing(blobs: BlobStore, digest: bytes) -> bytes:
        if next(left) >= after:
            raise errors.StoreUnavailable("away")
        return get(blobs, digest)

    monkeypatch.setattr(BlobStore, "get", failing)


async def test_a_large_message_that_cannot_be_read_is_a_no(
    with_attachment: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_blobs(monkeypatch, after=0)
    (refused,) = await with_attachment.command("FETCH 1 (UID BODY.PEEK[])")
    assert refused.startswith(b"NO [UNAVAILABLE] ")
    monkeypatch.undo()
    assert len((await with_attachment.ok("FETCH 1 (UID BODY.PEEK[])"))[0]) > 1 << 20


async def test_a_literal_that_breaks_off_ends_the_connection(
    with_attachment: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is said inside of a literal is taken for its octets, and the client waits for ever."""
    break_blobs(monkeypatch, after=2)
    await with_attachment.send(b"z1 FETCH 1 (UID BODY.PEEK[])\r\n")
    with contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(WAIT_S):
            while octets := await with_attachment.reader.read(1 << 20):
                assert b"z1 " not in octets


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.StoreFull(), b"OVERQUOTA"),
        (errors.StoreUnavailable(), b"UNAVAILABLE"),
        (errors.MessageTooLarge(10), b"TOOBIG"),
        (errors.FolderExists(), b"ALREADYEXISTS"),
        (errors.Forbidden("i"), b"NOPERM"),
    ],
)
async def test_each_fault_of_the_store_has_its_code(
    door: Door, monkeypatch: pytest.MonkeyPatch, error: Exception, code: bytes
) -> None:
    client = await door.client()

    def failing(*_arguments: object) -> int:
        raise error

    monkeypatch.setattr(entries, "append_tx", failing)
    assert (await client.append("INBOX", mail())).startswith(b"NO [%b]" % code)
    monkeypatch.undo()
    assert (await client.append("INBOX", mail())).startswith(b"OK")


async def test_every_error_of_the_store_is_in_the_table() -> None:
    from mailserver.imap.errors import BUG, reply_to

    for kind in errors.StoreError.__subclasses__():
        error = kind("x") if kind is not errors.MessageTooLarge else kind(1)  # type: ignore[call-arg]
        assert reply_to(error, "vi").code != BUG.code, kind


async def test_a_policy_may_refuse_a_message(open_door: OpenDoor) -> None:
    asked: list[Case] = []

    def policy(case: Case) -> Verdict:
        asked.append(case)
        return Verdict(Action.REJECT, "message-size", None, Cause.TOO_LARGE, {"limit": 10})

    door = await open_door(policy=policy)
    client = await door.client()
    assert (await client.append("INBOX", mail())).startswith(b"NO [TOOBIG]")
    assert asked[0].stage is Stage.APPEND and asked[0].size == len(mail()) and asked[0].agency_id == door.office.agency


async def test_a_folder_deleted_under_a_session_ends_it(door: Door) -> None:
    """RFC 2180 §3.3; as Dovecot does."""
    other = await door.client()
    await other.ok("CREATE soon")
    idle = await door.selected("soon")
    await idle.send(b"i IDLE\r\n")
    await idle.line()
    await other.ok("DELETE soon")
    assert (await idle.line()).startswith(b"* BYE")


async def test_a_folder_renamed_under_a_session_stays_open(door: Door) -> None:
    other = await door.client()
    await other.ok("CREATE one")
    client = await door.selected("one")
    await other.ok("RENAME one two")
    await other.append("two", mail())
    assert b"* 1 EXISTS" in await client.ok("NOOP")


def test_every_command_is_registered_once_with_its_states() -> None:
    """RFC 3501 in full, and the extensions."""
    expected = {
        *("CAPABILITY", "NOOP", "LOGOUT", "STARTTLS", "AUTHENTICATE", "LOGIN", "SELECT", "EXAMINE", "CREATE"),
        *("DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE", "LIST", "LSUB", "STATUS", "APPEND", "CHECK", "CLOSE"),
        *("EXPUNGE", "SEARCH", "FETCH", "STORE", "COPY", "ID", "ENABLE", "IDLE", "NAMESPACE", "UNSELECT", "MOVE"),
        *(f"UID {name}" for name in ("FETCH", "STORE", "COPY", "SEARCH", "MOVE", "EXPUNGE")),
    }
    assert {name.encode() for name in expected} <= set(COMMANDS)


async def test_no_message_is_invited_to_a_full_disk(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await door.selected()
    await client.append("INBOX", mail())
    monkeypatch.setattr(room, "LOOKED_S", 0.0)  # what was seen while there was room counts no more
    monkeypatch.setattr(Room, "left", lambda _room: 100)
    assert (await client.command("APPEND INBOX {101}"))[-1].startswith(b"NO [OVERQUOTA] ")
    assert (await client.append("INBOX", mail())).startswith(b"NO [OVERQUOTA] ")
    await client.ok("STORE 1:* +FLAGS (\\Seen)")
    monkeypatch.undo()
    assert (await client.append("INBOX", mail())).startswith(b"OK")


@pytest.mark.parametrize("end", ["+", ""])
async def test_a_large_message_that_cannot_be_kept_is_read_over(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: str
) -> None:
    """The disk is full, or its folder is away: the peer is told at the end, and nothing of it is a command."""
    door = await open_door(spool_dir=tmp_path / "spool")
    client = await door.client()
    data = b"x CREATE never\r\n" * 20_000
    for _ in range(2):
        await client.send(b"a APPEND INBOX {%d%b}\r\n" % (len(data), end.encode()))
        if not end:
            assert (await client.line()).startswith(b"+")
        await client.send(data + b"\r\n")
        assert (await client.until(b"a"))[-1].startswith(b"a NO [UNAVAILABLE] ")
    assert len(await client.ok('LIST "" never')) == 1
    (tmp_path / "spool").mkdir()
    assert (await client.append("INBOX", mail(text="x" * 300_000))).startswith(b"OK")
    assert not list((tmp_path / "spool").iterdir())
