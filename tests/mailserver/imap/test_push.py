"""What another process commits reaches sessions here."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mailserver.actor import SYSTEM
from mailserver.store import entries, folders
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import mail


def deliver(database_url: str, tmp_path: Path, owner_id: int) -> None:
    """As another process would: with a database object of its own."""
    other = Store.open(database_url, f"file://{tmp_path / 'blobs'}", data_dir=tmp_path / "data")
    try:
        prepared = prepare(mail("Từ nơi khác"), other.blobs)

        def work(tx: Tx) -> None:
            inbox = folders.get(tx.conn, owner_id, "INBOX")
            entries.deliver_tx(tx, store_message_tx(tx, prepared), [entries.Target(inbox.id)], 0)

        other.db.write(work, SYSTEM)
    finally:
        other.close()


async def test_a_delivery_by_another_process_is_pushed_to_idle(door: Door, database_url: str, tmp_path: Path) -> None:
    client = await door.selected()
    await client.send(b"i IDLE\r\n")
    await client.line()
    await asyncio.to_thread(deliver, database_url, tmp_path, door.office.an)
    assert await client.line() == b"* 1 EXISTS"


async def test_a_delivery_by_another_process_is_seen_by_the_next_command(
    door: Door, database_url: str, tmp_path: Path
) -> None:
    """Nothing is waited for: answers are right the moment a message is delivered."""
    client = await door.selected()
    await door.store.feed.stop()
    await asyncio.to_thread(deliver, database_url, tmp_path, door.office.an)
    lines = await client.ok('SEARCH SUBJECT "tu noi khac"')
    assert lines[:-1] == [b"* 1 EXISTS", b"* 1 RECENT", b"* SEARCH 1"]
    assert b"MESSAGES 1" in (await client.ok("STATUS INBOX (MESSAGES)"))[0]
    await door.store.feed.start()
