"""Replaying a rule over the mail that has come in: what it would have refused, and whose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Row, func, select

from mailbox_policies.rules import message_size as rule
from mailserver.directory.schema import principal
from mailserver.policy import Action, Case, Stage
from mailserver.store.schema import entry, folder, message
from mailserver.store.store import Store

BATCH = 500

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that the rule would have stopped. size: octets as the rule counts them."""

    at: datetime
    sender: str
    subject: str
    size: int
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    seen: int
    hits: tuple[Hit, ...]


def message_size(store: Store, settings: rule.Settings, days: int, progress: Progress) -> Report:
    """Ask the rule about every message of the last `days` days, as it would have been asked at DATA."""
    since = datetime.now(UTC) - timedelta(days=days)
    recent = message.c.created_at >= since
    total = store.db.read(lambda conn: conn.execute(select(func.count()).where(recent)).scalar_one())
    hits: list[Hit] = []
    seen = 0
    for row in _rows(store, since):
        seen += 1
        verdict = rule.check(settings, Case(Stage.DATA, size=row.size, decoded_size=row.decoded_size))
        if verdict.action is not Action.ACCEPT:
            owners = store.db.read(lambda conn, row=row: _owners(conn, row.id))  # type: ignore[misc]
            hits.append(Hit(row.created_at, row.sender, row.subject, int(verdict.facts["size"]), owners))
        progress(seen, total)
    return Report(seen, tuple(hits))


def _rows(store: Store, since: datetime) -> Iterator[Row[tuple[int, int, int, str, str, datetime]]]:
    """Messages by id, a batch at a time: no long snapshot holds up the writers' checkpoint."""
    after = 0
    columns = select(
        message.c.id,
        message.c.size,
        message.c.decoded_size,
        message.c.sender,
        message.c.subject,
        message.c.created_at,
    )
    while True:
        query = columns.where(message.c.created_at >= since, message.c.id > after).order_by(message.c.id).limit(BATCH)
        batch = store.db.read(lambda conn, query=query: conn.execute(query).all())  # type: ignore[misc]
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1].id


def _owners(conn: Connection, message_pk: int) -> tuple[str, ...]:
    """Names of the mailboxes that hold the message."""
    query = (
        select(principal.c.name)
        .join(folder, folder.c.owner_id == principal.c.id)
        .join(entry, entry.c.folder_id == folder.c.id)
        .where(entry.c.message_pk == message_pk)
        .distinct()
        .order_by(principal.c.name)
    )
    return tuple(conn.execute(query).scalars())
