"""Mail in folders that have a use, with the day on which it came there; runs of retention at a day of one's choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from mailbox_policies.chain import Choice, Settings
from mailbox_policies.modes import Mode
from mailbox_policies.retention import job
from mailbox_policies.retention.job import Done
from mailbox_policies.retention.terms import Period
from mailbox_policies.rules import retention
from mailserver.actor import SYSTEM
from mailserver.directory.records import OFFICE_ZONE
from mailserver.store import entries, folders, raw
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare
from tests.routing.world import DOMAIN, World
from tests.support.dialogue import mail

TERMS = retention.Settings(schedule=Period.YEAR, notice=Period.QUARTER, comments=Period.MONTH)
WEB = "https://mail.test"


def day(text: str, hour: int = 9) -> datetime:
    """A moment of a day in the office."""
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=OFFICE_ZONE)


def settings_of(mode: Mode, terms: retention.Settings = TERMS) -> Callable[[int], Settings]:
    return lambda _agency_id: Settings(of={retention.NAME: Choice(mode, terms)})


def run(world: World, now: datetime, mode: Mode = Mode.ENFORCE, terms: retention.Settings = TERMS) -> Done:
    return job.run(world.store, settings_of(mode, terms), WEB, now)


def put(world: World, owner: str, name: str, subject: str, came: datetime | None = None, sender: str = "lamhs") -> int:
    """A message in a folder, made if it is missing; its uid. came: when it was put there, now without it."""
    prepared = prepare(mail(subject, f"Nội dung {subject}", f"{sender}@{DOMAIN}"), world.store.blobs)

    def work(tx: Tx) -> int:
        owner_id = world.id(owner)
        folder = folders.find(tx.conn, owner_id, name) or folders.create_tx(tx, owner_id, name)
        uid = entries.append_tx(tx, folder.id, prepared, 0, "", tx.now_s)
        if came is not None:
            query = "UPDATE entry SET save_date = ? WHERE folder_id = ? AND uid = ?"
            raw.run(tx.conn, query, (int(came.timestamp()), folder.id, uid))
        return uid

    return world.store.db.write(work, SYSTEM)


def subjects(world: World, owner: str, name: str) -> list[str]:
    folder_id = world.folder(owner, name)
    query = "SELECT m.subject FROM entry e JOIN message m ON m.id = e.message_pk WHERE e.folder_id = ? ORDER BY e.uid"
    return [row[0] for row in world.store.db.read(lambda conn: raw.rows(conn, query, (folder_id,)))]


def letters(world: World, who: str) -> list[str]:
    """Subjects of what the rule has written to somebody."""
    return [one for one in subjects(world, who, "INBOX") if "hết hạn lưu" in one or "gia hạn" in one]


def audited(world: World, action: str) -> int:
    return int(rows(world, "SELECT count(*) FROM audit WHERE action = ?", action)[0][0])


def rows(world: World, query: str, *params: object) -> Sequence[Any]:
    return world.store.db.read(lambda conn: raw.rows(conn, query, params))


def item_of(world: World, subject: str) -> int:
    """The number on the list of mail with this subject."""
    query = "SELECT i.id FROM retention_item i JOIN message m ON m.id = i.message_pk WHERE m.subject = ?"
    return int(rows(world, query, subject)[0][0])
