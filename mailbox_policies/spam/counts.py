"""What was learned, in the database: read for one message in one query, changed in one transaction for several."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

from sqlalchemy import Connection

from mailbox_policies.spam.model import Count
from mailserver.store import raw
from mailserver.store.tx import Tx

_ADD_SCOPE = (
    "INSERT INTO spam_scope (scope_id, ham, spam) VALUES (?, ?, ?) ON CONFLICT (scope_id)"
    " DO UPDATE SET ham = spam_scope.ham + excluded.ham, spam = spam_scope.spam + excluded.spam"
)
_TAKE_SCOPE = (
    "UPDATE spam_scope SET ham = CASE WHEN ham < ? THEN 0 ELSE ham - ? END,"
    " spam = CASE WHEN spam < ? THEN 0 ELSE spam - ? END WHERE scope_id = ?"
)
_ADD = (
    "INSERT INTO spam_feature (scope_id, feature, ham, spam, seen) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (scope_id, feature) DO UPDATE SET ham = spam_feature.ham + excluded.ham,"
    " spam = spam_feature.spam + excluded.spam, seen = excluded.seen"
)
_TAKE = (
    "UPDATE spam_feature SET ham = CASE WHEN ham < ? THEN 0 ELSE ham - ? END,"
    " spam = CASE WHEN spam < ? THEN 0 ELSE spam - ? END WHERE scope_id = ? AND feature = ?"
)
_DROP = "DELETE FROM spam_feature WHERE scope_id = ? AND feature = ? AND ham = 0 AND spam = 0"


def key(text: str) -> int:
    """A feature or an address as a signed number of 64 bits, the same everywhere and for ever."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def totals(conn: Connection, scopes: Collection[int]) -> dict[int, Count]:
    """How many messages each scope has learned; those without any are left out."""
    if not scopes:
        return {}
    condition, numbers = raw.among(conn, "scope_id", scopes)
    found = raw.rows(conn, f"SELECT scope_id, ham, spam FROM spam_scope WHERE {condition}", (numbers,))
    return {scope: Count(ham, spam) for scope, ham, spam in found}


def read(conn: Connection, scopes: Collection[int], features: Collection[int]) -> dict[int, dict[int, Count]]:
    """The counts of these features in these scopes, by scope; one query."""
    if not scopes or not features:
        return {}
    scope, scope_numbers = raw.among(conn, "scope_id", scopes)
    feature, feature_numbers = raw.among(conn, "feature", features)
    query = f"SELECT scope_id, feature, ham, spam FROM spam_feature WHERE {scope} AND {feature}"
    held: dict[int, dict[int, Count]] = {one: {} for one in scopes}
    for scope_id, number, ham, spam in raw.rows(conn, query, (scope_numbers, feature_numbers)):
        held[scope_id][number] = Count(ham, spam)
    return held


def summed(held: Iterable[Mapping[int, Count]]) -> dict[int, Count]:
    """Counts of several scopes as one."""
    found: dict[int, Count] = {}
    for counts in held:
        for number, count in counts.items():
            before = found.get(number)
            found[number] = Count(before.ham + count.ham, before.spam + count.spam) if before else count
    return found


Slot = tuple[int, int]


@dataclass(slots=True)
class Changes:
    """What several lessons add and take away together: [ham, spam] by scope, and by scope and feature."""

    added: dict[Slot, list[int]] = field(default_factory=dict)
    taken: dict[Slot, list[int]] = field(default_factory=dict)
    added_messages: dict[int, list[int]] = field(default_factory=dict)
    taken_messages: dict[int, list[int]] = field(default_factory=dict)

    def learn(self, scopes: Iterable[int], features: Collection[int], *, spam: bool) -> None:
        _count(self.added_messages, self.added, scopes, features, spam)

    def unlearn(self, scopes: Iterable[int], features: Collection[int], *, spam: bool) -> None:
        _count(self.taken_messages, self.taken, scopes, features, spam)

    def apply_tx(self, tx: Tx, today: date) -> None:
        """Take away first: what was pruned meanwhile is not below nothing. Rows in ascending order, as everywhere."""
        seen = (today - date(1970, 1, 1)).days
        _run(tx, _TAKE_SCOPE, ((ham, ham, spam, spam, one) for one, (ham, spam) in sorted(self.taken_messages.items())))
        _run(tx, _ADD_SCOPE, ((one, ham, spam) for one, (ham, spam) in sorted(self.added_messages.items())))
        _run(tx, _TAKE, ((ham, ham, spam, spam, *slot) for slot, (ham, spam) in sorted(self.taken.items())))
        _run(tx, _ADD, ((*slot, ham, spam, seen) for slot, (ham, spam) in sorted(self.added.items())))
        _run(tx, _DROP, sorted(self.taken.keys() - self.added.keys()))


def _count(
    messages: dict[int, list[int]],
    counts: dict[Slot, list[int]],
    scopes: Iterable[int],
    features: Collection[int],
    spam: bool,
) -> None:
    for scope in scopes:
        messages.setdefault(scope, [0, 0])[spam] += 1
        for feature in features:
            counts.setdefault((scope, feature), [0, 0])[spam] += 1


def _run(tx: Tx, sql: str, params: Iterable[tuple[int, ...]]) -> None:
    rows = list(params)
    if rows:
        raw.run_many(tx.conn, sql, rows)
