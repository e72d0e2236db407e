"""A filter of unwanted mail that has learned, and its worker without waiting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from mailbox_policies.spam import arrivals, counts, learning, moves
from mailbox_policies.spam.counts import Changes
from mailbox_policies.spam.features import features
from mailbox_policies.spam.model import Count
from mailserver.actor import SYSTEM
from mailserver.mime.scan import scan
from mailserver.store.store import Store
from tests.bench.spam_corpus import Sample, vietnamese

LONG_AFTER = timedelta(days=5)


def crlf(sample: Sample) -> bytes:
    return sample.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def samples(wanted: int, unwanted: int, seed: int) -> tuple[list[bytes], list[bytes]]:
    """Made-up Vietnamese mail of an office: wanted, unwanted."""
    made = vietnamese(max(wanted, 2 * unwanted), seed)
    ham = [crlf(one) for one in made if not one.spam]
    return ham[:wanted], [crlf(one) for one in made if one.spam][:unwanted]


def teach(store: Store, scopes: Sequence[int], seed: int = 1, each: int = 40) -> None:
    """As if readers of these scopes had sorted so many messages of each kind."""
    changes = Changes()
    for spam, messages in enumerate(samples(each, each, seed)):
        for raw in messages:
            changes.learn(scopes, [counts.key(one) for one in features(raw, scan(raw))], spam=bool(spam))
    store.db.write(lambda tx: changes.apply_tx(tx, tx.now.date()), SYSTEM)


def work(store: Store, after: timedelta = timedelta(0)) -> None:
    """All that the worker would do by and by, as if so much time had passed."""
    follow = moves.job()
    while follow(store):
        pass
    while arrivals.look(store, lambda: datetime.now(UTC) + after):
        pass
    while learning.learn(store):
        pass


def learned(store: Store, scope: int) -> Count:
    return store.db.read(lambda conn: counts.totals(conn, [scope])).get(scope, Count())
