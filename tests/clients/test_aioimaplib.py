"""aioimaplib: the library that our own collector is built on, and watchers of many mailboxes."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator

import aioimaplib
import pytest

from tests.clients.far import PATIENCE_S, Far
from tests.clients.letters import letter
from tests.clients.server import Server, User
from tests.support.aioimap import leave

FOLDER = '"V&AQM-n b&HqM-n"'


@pytest.fixture
async def client(server: Server, user: User) -> AsyncIterator[aioimaplib.IMAP4_SSL]:
    """Signed in over TLS."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client = aioimaplib.IMAP4_SSL("localhost", server.imaps, timeout=PATIENCE_S, ssl_context=server.trusting())
        await client.wait_hello_from_server()
        assert (await client.login(user.address, user.password)).result == "OK"
        yield client
        await leave(client)


async def test_what_an_account_is_asked_for(client: aioimaplib.IMAP4_SSL) -> None:
    assert (await client.id(name="kiem-thu", version="1")).result == "OK"
    assert (await client.namespace()).lines[0].startswith(b'(("" "/"))')
    assert (await client.enable("CONDSTORE")).result == "OK"
    assert client.has_capability("MOVE") and client.has_capability("IDLE")
    assert (await client.getquotaroot("INBOX")).result == "OK"
    assert any(b"INBOX" in line for line in (await client.list('""', "*")).lines)


async def test_messages_are_found_read_moved_and_deleted(client: aioimaplib.IMAP4_SSL, far: Far) -> None:
    assert (await client.create(FOLDER)).result == "OK"
    for name in ("a", "b", "c"):
        assert (await client.append(letter(name), "INBOX", flags="\\Flagged")).result == "OK"
    await client.select("INBOX")
    found = await client.uid_search('SUBJECT "công văn" FLAGGED', charset="utf-8")
    assert found.lines[0] == b"1 2 3"
    answer = await client.uid("fetch", "2", "(FLAGS BODY.PEEK[])")
    assert bytes(answer.lines[1]) == letter("b")
    assert (await client.uid("store", "1", "+FLAGS.SILENT", "(\\Deleted)")).result == "OK"
    assert (await client.uid("expunge", "1")).result == "OK"
    assert (await client.uid("move", "2", FOLDER)).result == "OK"
    assert (await client.copy("1", FOLDER)).result == "OK"
    held = await asyncio.to_thread(far.contents, "INBOX", "Văn bản")
    assert held == {"INBOX": {"c": "F"}, "Văn bản": {"b": "F", "c": "F"}}
    assert (await client.close()).result == "OK"


async def test_a_watcher_is_told_of_new_mail(client: aioimaplib.IMAP4_SSL, far: Far) -> None:
    await client.select("INBOX")
    idling = await client.idle_start(timeout=PATIENCE_S)
    await asyncio.to_thread(far.append, "INBOX", "new")
    told: list[bytes] = []
    while b"1 EXISTS" not in told:
        told += await client.wait_server_push(PATIENCE_S)
    client.idle_done()
    await asyncio.wait_for(idling, PATIENCE_S)
    answer = await client.fetch("1", "(UID BODY.PEEK[])")
    assert bytes(answer.lines[1]) == letter("new")
