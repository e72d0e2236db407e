"""mbsync keeps a Maildir and a mailbox alike, both ways."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

from mailserver.actor import Actor
from mailserver.store import entries, folders
from mailserver.store.database import Tx
from mailserver.store.flags import Flag
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import PASSWORD, Door
from tests.support.dialogue import mail

MESSAGES = 1000


def configuration(port: int, path: Path) -> str:
    return f"""
IMAPAccount server
Host 127.0.0.1
Port {port}
User an
Pass "{PASSWORD}"
SSLType None
AuthMechs LOGIN

IMAPStore far
Account server

MaildirStore near
Path {path}/
Inbox {path}/INBOX
SubFolders Verbatim

Channel both
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
Sync All
SyncState *
"""


def fill(store: Store, owner_id: int) -> None:
    prepared = [prepare(mail(f"Thư {number}", f"Số {number}"), store.blobs) for number in range(MESSAGES)]

    def work(tx: Tx) -> None:
        inbox = folders.get(tx.conn, owner_id, "INBOX").id
        for number, one in enumerate(prepared):
            entries.append_tx(tx, inbox, store_message_tx(tx, one), int(Flag.SEEN) * (number % 2), "", number)
        folders.create_tx(tx, owner_id, "Văn bản")

    store.db.write(work, Actor(owner_id, None, "imap"))


async def sync(config: Path) -> str:
    """Run mbsync; returns its commands and our answers."""
    process = await asyncio.create_subprocess_exec(
        "mbsync", "-Dn", "-c", str(config), "both", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    return output


async def test_a_thousand_messages_go_both_ways_and_the_second_run_moves_nothing(
    door: Door, store: Store, tmp_path: Path
) -> None:
    assert shutil.which("mbsync"), "mbsync (Debian package isync) is not installed"
    await asyncio.to_thread(fill, store, door.office.an)
    maildir = tmp_path / "maildir"
    maildir.mkdir()
    config = tmp_path / "mbsyncrc"
    config.write_text(configuration(door.port, maildir))

    assert transfers(await sync(config))
    inbox = maildir / "INBOX"
    assert len(messages_in(inbox)) == MESSAGES
    assert sorted(
        path.read_bytes().replace(b"\r\n", b"\n").split(b"\n\n", 1)[1] for path in messages_in(inbox)
    ) == sorted(f"Số {number}\n".encode() for number in range(MESSAGES))

    before = await modseq(door)
    again = await sync(config)
    assert not transfers(again)
    assert await modseq(door) == before

    (inbox / "cur" / "1.new:2,S").write_bytes(mail("Ở gần").replace(b"\r\n", b"\n"))
    messages_in(inbox)[0].unlink()
    client = await door.selected()
    await client.ok("UID STORE 1 +FLAGS.SILENT (\\Deleted)")
    await client.ok("EXPUNGE")
    await client.append("INBOX", mail("Ở xa"))
    await sync(config)
    far = int((await client.ok("STATUS INBOX (MESSAGES)"))[0].split()[-1].rstrip(b")"))
    assert far == len(messages_in(inbox)) >= MESSAGES
    assert not transfers(await sync(config))


def transfers(output: str) -> list[str]:
    """Commands that carry a message or a change of one."""
    return re.findall(r"(?m)^.*>>> .*(?:BODY\.PEEK\[\]|APPEND|STORE|EXPUNGE|CREATE).*$", output)


def messages_in(maildir: Path) -> list[Path]:
    return sorted(path for sub in ("cur", "new") for path in (maildir / sub).iterdir())


async def modseq(door: Door) -> bytes:
    client = await door.client()
    return (await client.ok("STATUS INBOX (HIGHESTMODSEQ)"))[0]
