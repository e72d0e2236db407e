"""A mailbox elsewhere and one here: both in one store, the first behind a real IMAP server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import uvloop

from mailserver.actor import SYSTEM
from mailserver.collector import accounts
from mailserver.collector.hurdles import Hurdles
from mailserver.collector.passes import Pass, errand
from mailserver.collector.records import Account, Remote, Security, Wish
from mailserver.collector.remote import connected
from mailserver.collector.vault import PasswordVault, new_key
from mailserver.delivery.delivery import Delivery
from mailserver.policy import Policy, accept_all
from mailserver.store import entries, folder_changes, folders, ingest
from mailserver.store.database import Tx
from mailserver.store.messages import read_octets
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import PASSWORD, Door, Office, OpenDoor, office, open_door

__all__ = ["office", "open_door"]

HERE = "binh@sxd.gov.vn"


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that serves in production."""
    return {"uvloop": uvloop.new_event_loop}


def letter(number: int, body: str = "Kính gửi", extra: str = "") -> bytes:
    return (
        f"Return-Path: <an@xa.example>\r\nFrom: an@xa.example\r\nSubject: Thu {number}\r\n"
        f"Message-ID: <{number}@xa.example>\r\n{extra}\r\n{body}\r\n"
    ).encode()


@dataclass
class World:
    """`an` is the mailbox elsewhere, `binh` the one here."""

    store: Store
    office: Office
    vault: PasswordVault
    delivery: Delivery
    door: Door

    def policy(self, policy: Policy) -> None:
        self.delivery.policy = policy

    def account(self, port: int | None = None, password: str = PASSWORD, **wishes: Any) -> Account:
        """Keep an account; wishes: fields of Wish, or of Remote."""
        plain = Remote("127.0.0.1", port or self.door.port, Security.NONE, "an")
        of_remote = {name: wishes.pop(name) for name in ("security", "fingerprint", "login", "host") if name in wishes}
        wish = Wish(HERE, replace(plain, **of_remote), **wishes)
        secret = self.vault.lock(password)
        account_id = self.store.db.write(lambda tx: accounts.add_tx(tx, wish, secret), SYSTEM)
        return self.store.db.read(lambda conn: accounts.get(conn, account_id))

    def elsewhere(self, octets: bytes, folder: str = "INBOX", internal_date: datetime | None = None) -> int:
        """Put a message into the mailbox elsewhere; its uid."""
        prepared = ingest.prepare(octets, self.store.blobs)
        at = internal_date or datetime.now(UTC)

        def work(tx: Tx) -> int:
            found = folders.get(tx.conn, self.office.an, folder)
            return entries.append_tx(tx, found.id, prepared, 0, "", int(at.timestamp()), guarded=False)

        return self.store.db.write(work, SYSTEM)

    def create(self, name: str) -> None:
        self.store.db.write(lambda tx: folders.create_tx(tx, self.office.an, name), SYSTEM)

    def delete(self, name: str) -> None:
        self.store.db.write(lambda tx: folder_changes.delete_tx(tx, self.office.an, name), SYSTEM)

    def left(self, folder: str = "INBOX") -> list[tuple[bytes, int]]:
        """(octets, flags) of what is still elsewhere."""
        return self._content(self.office.an, folder)

    def here(self) -> list[bytes]:
        """The octets of what was delivered, as it came from elsewhere: without the trace in front."""
        return [octets.split(b"\r\n", 5)[-1] for octets, _flags in self._content(self.office.binh, "INBOX")]

    def traced(self) -> bytes:
        """The newest message as it was stored."""
        return self._content(self.office.binh, "INBOX")[-1][0]

    def content(self, folder: str) -> list[tuple[bytes, int]]:
        """(octets, flags) of what is in a folder here."""
        return self._content(self.office.binh, folder)

    def _content(self, owner: int, name: str) -> list[tuple[bytes, int]]:
        def read(conn: Any) -> list[tuple[bytes, int]]:
            found = folders.get(conn, owner, name)
            there = entries.snapshot(conn, found.id)
            octets = [read_octets(conn, self.store.blobs, message_pk) for message_pk in there.message_pks]
            return list(zip(octets, there.flags, strict=True))

        return self.store.db.read(read)

    async def visit(self, account: Account, hurdles: Hurdles | None = None) -> None:
        """One pass over every folder."""
        async with connected(account.wish.remote, self.vault.open(account.secret)) as remote:
            on = await errand(self.delivery, account)
            for name in account.wish.folders:
                await Pass(self.delivery, remote, on, name, hurdles).run()


@pytest.fixture
async def world(store: Store, office: Office, open_door: OpenDoor) -> World:
    delivery = Delivery(store, "mail.sxd.gov.vn", lambda: datetime.now(UTC), accept_all)
    return World(store, office, PasswordVault(new_key()), delivery, await open_door())
