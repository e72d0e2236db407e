"""Replaying a rule over the mail that has come in: what it would have refused, and whose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, func, select

from mailbox_policies.dryrun import owners_of
from mailbox_policies.rules import message_size as size_rule
from mailbox_policies.rules import sender_authentication as sender_rule
from mailserver.policy import Action, Case, Stage, Verdict
from mailserver.senderauth.header import read_ours
from mailserver.store.messages import read_octets
from mailserver.store.schema import message
from mailserver.store.store import Store

BATCH = 500

Progress = Callable[[int, int], None]
Stored = Row[tuple[int, int, int, str, str, datetime]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that the rule would not simply have accepted. size: octets as the rule counts them."""

    at: datetime
    sender: str
    subject: str
    size: int
    owners: tuple[str, ...]
    action: Action


@dataclass(frozen=True, slots=True)
class Report:
    seen: int
    hits: tuple[Hit, ...]


# Octets at the beginning of a message, in which our own fields stand.
FRONT = 16 * 1024


def message_size(store: Store, settings: size_rule.Settings, days: int, progress: Progress) -> Report:
    """Ask the rule about every message of the last `days` days, as it would have been asked at DATA."""

    def ask(row: Stored) -> Verdict:
        return size_rule.check(settings, Case(Stage.DATA, size=row.size, decoded_size=row.decoded_size))

    return _replay(store, ask, days, progress)


def sender_authentication(store: Store, settings: sender_rule.Settings, days: int, progress: Progress) -> Report:
    """The same for senders: by what was found out when the message came, which stands in the message.

    Mail that was refused then is not in the store.
    """

    def ask(row: Stored) -> Verdict:
        front = store.db.read(lambda conn: read_octets(conn, store.blobs, row.id, 0, min(FRONT, row.size)))
        return sender_rule.check(settings, Case(Stage.DATA, authenticity=read_ours(front)))

    return _replay(store, ask, days, progress)


def _replay(store: Store, ask: Callable[[Stored], Verdict], days: int, progress: Progress) -> Report:
    since = datetime.now(UTC) - timedelta(days=days)
    recent = message.c.created_at >= since
    total = store.db.read(lambda conn: conn.execute(select(func.count()).where(recent)).scalar_one())
    hits: list[Hit] = []
    seen = 0
    for row in _rows(store, since):
        seen += 1
        verdict = ask(row)
        if verdict.action is not Action.ACCEPT:
            owners = store.db.read(lambda conn, row=row: owners_of(conn, row.id))  # type: ignore[misc]
            size = int(verdict.facts.get("size", row.size))
            hits.append(Hit(row.created_at, row.sender, row.subject, size, owners, verdict.action))
        progress(seen, total)
    return Report(seen, tuple(hits))


def _rows(store: Store, since: datetime) -> Iterator[Stored]:
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
