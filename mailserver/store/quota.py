"""How much a mailbox may hold (RFC 9208): octets of its messages, and how many they are.

What is used is the sum over the folders' own counters, which move with the entries: there is nothing else to
keep right. A limit is asked for at the door, before the bytes: two deliveries at the same moment may together
go over it by one message. What the office itself puts into a mailbox (a step of a document) is never refused.

A mailbox without a limit of its own has that of its agency, if there is one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from mailserver.directory.version import bump_tx
from mailserver.store import audit, raw
from mailserver.store.errors import OverQuota
from mailserver.store.tx import Tx

KIB = 1024
# Where a mailbox's limits stand: its own row, else the row of its agency's mailbox. 0 in a row: no limit.
LIMIT_TABLES = (
    " LEFT JOIN mailbox_settings own ON own.owner_id = p.id"
    " LEFT JOIN principal office ON office.agency_id = p.agency_id AND office.kind = 'agency'"
    " LEFT JOIN mailbox_settings common ON common.owner_id = office.id"
)
OCTETS = "coalesce(own.octets_limit, common.members_octets_limit, 0)"
MESSAGES = "coalesce(own.messages_limit, common.members_messages_limit, 0)"


class Amount(NamedTuple):
    """octets on the wire (RFC822.SIZE); messages: how many."""

    octets: int
    messages: int


NOTHING = Amount(0, 0)


class Quota(NamedTuple):
    """What a mailbox holds and may hold. A limit of 0: none."""

    used: Amount
    limit: Amount

    @property
    def limited(self) -> bool:
        return any(self.limit)

    def has_room(self, more: Amount) -> bool:
        """Whether that much more fits; what does not grow always does."""
        parts = zip(self.used, more, self.limit, strict=True)
        return all(not most or one <= 0 or used + one <= most for used, one, most in parts)


def of(conn: Connection, owner_id: int) -> Quota:
    """What holds for a mailbox."""
    return of_many(conn, (owner_id,)).get(owner_id, Quota(NOTHING, NOTHING))


def of_many(conn: Connection, owner_ids: Collection[int]) -> dict[int, Quota]:
    """As `of`; what is used is asked only of mailboxes that have a limit, others show 0."""
    if not owner_ids:
        return {}
    condition, numbers = raw.among(conn, "p.id", owner_ids)
    query = f"SELECT p.id, {OCTETS}, {MESSAGES} FROM principal p{LIMIT_TABLES} WHERE {condition}"
    limits = {owner_id: Amount(octets, messages) for owner_id, octets, messages in raw.rows(conn, query, (numbers,))}
    used = used_by(conn, [owner_id for owner_id, limit in limits.items() if any(limit)])
    return {owner_id: Quota(used.get(owner_id, NOTHING), limit) for owner_id, limit in limits.items()}


def used_by(conn: Connection, owner_ids: Sequence[int]) -> dict[int, Amount]:
    """What mailboxes hold."""
    if not owner_ids:
        return {}
    condition, numbers = raw.among(conn, "owner_id", owner_ids)
    query = f"SELECT owner_id, sum(size), sum(messages) FROM folder WHERE {condition} GROUP BY owner_id"
    return {owner: Amount(int(octets), int(count)) for owner, octets, count in raw.rows(conn, query, (numbers,))}


def full_among(conn: Connection, owner_ids: Collection[int], octets: int) -> set[int]:
    """Those of the mailboxes that have no room for a message of so many octets (0: not known)."""
    more = Amount(octets, 1)
    return {owner_id for owner_id, quota in of_many(conn, owner_ids).items() if not quota.has_room(more)}


def require_room(conn: Connection, owner_id: int, more: Amount) -> None:
    """Raises OverQuota where that much more would be too much."""
    if not of(conn, owner_id).has_room(more):
        raise OverQuota(owner_id)


def require_room_for_entries(conn: Connection, owner_id: int, folder_id: int, uids: Sequence[int]) -> None:
    """As `require_room`, for copies of entries."""
    quota = of(conn, owner_id)
    if not quota.limited or not uids:
        return
    condition, params = raw.among_uids(conn, uids)
    query = f"SELECT coalesce(sum(size), 0), count(*) FROM entry WHERE folder_id = ? AND {condition}"
    found = raw.row(conn, query, (folder_id, *params))
    if found is not None and not quota.has_room(Amount(int(found[0]), int(found[1]))):
        raise OverQuota(owner_id)


def limit_tx(tx: Tx, owner_id: int, **limits: int | None) -> None:
    """Set limits of a mailbox, those not named stay: octets, messages; and of an agency's mailbox those of
    all its mailboxes that have none of their own: members_octets, members_messages.

    None: as the agency has it; 0: none. Leaves an audit entry.
    """
    bump_tx(tx)  # doors remember which mailboxes have a limit
    raw.run(tx.conn, "INSERT INTO mailbox_settings (owner_id) VALUES (?) ON CONFLICT DO NOTHING", (owner_id,))
    for name, limit in limits.items():
        column = _COLUMNS[name]
        raw.run(tx.conn, f"UPDATE mailbox_settings SET {column} = ? WHERE owner_id = ?", (limit, owner_id))
    tx.emit("quota.changed", owner_id=owner_id)
    audit.record_tx(tx, "mailbox.quota", owner_id=owner_id, **limits)


_COLUMNS = {
    "octets": "octets_limit",
    "messages": "messages_limit",
    "members_octets": "members_octets_limit",
    "members_messages": "members_messages_limit",
}
