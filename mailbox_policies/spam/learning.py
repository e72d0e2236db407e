"""The worker's part: from what mail was moved for to counts. A few messages in a transaction, each counted once.

Killed at any moment it goes on where it was: a lesson and what it adds to the counts are one transaction.
"""

from __future__ import annotations

from typing import Final

from mailbox_policies.spam import counts, lessons
from mailbox_policies.spam.counts import Changes
from mailbox_policies.spam.features import features
from mailbox_policies.spam.lessons import Lesson
from mailbox_policies.spam.scopes import scopes_of
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.directory.records import office_day
from mailserver.mime.scan import Scanned, scan
from mailserver.senderauth.header import read_ours
from mailserver.store.database import Tx
from mailserver.store.errors import StoreUnavailable
from mailserver.store.messages import read_octets
from mailserver.store.store import Store

# Lessons and features of one transaction: others' mail waits for it on SQLite.
LESSONS: Final = 10
MOST_FEATURES: Final = 4_000


def learn(store: Store) -> bool:
    """Learn what waits; whether there is more."""
    due = store.db.read(lambda conn: lessons.waiting(conn, LESSONS))
    known: dict[int, tuple[int, ...] | None] = {}
    for lesson in due:
        if sum(len(found or ()) for found in known.values()) < MOST_FEATURES:
            known[lesson.id] = features_of(store, lesson.message_pk)
    if known:
        store.db.write(lambda tx: _learn_tx(tx, known), SYSTEM)
    return bool(known) and (len(due) == LESSONS or len(known) < len(due))


def _learn_tx(tx: Tx, known: dict[int, tuple[int, ...] | None]) -> None:
    changes = Changes()
    due = lessons.lock_tx(tx, known)
    scopes = scopes_of(tx.conn, {lesson.owner_id for lesson in due})
    for lesson in due:
        found = known[lesson.id]
        owner = scopes.get(lesson.owner_id)
        if found is None or owner is None:
            lessons.drop_tx(tx, lesson.id)
            continue
        _count(changes, lesson, found, owner.all)
        lessons.settle_tx(tx, lesson, lesson.wish, owner.all if found else ())
    changes.apply_tx(tx, office_day(tx.now))


def _count(changes: Changes, lesson: Lesson, found: tuple[int, ...], scopes: tuple[int, ...]) -> None:
    """What was said before is taken back where it was counted; people change their units."""
    if found and lesson.learned is not None:
        changes.unlearn(lesson.scopes, found, spam=lesson.learned == lessons.SPAM)
    if found:
        changes.learn(scopes, found, spam=lesson.wish == lessons.SPAM)


def features_of(store: Store, message_pk: int) -> tuple[int, ...] | None:
    """What a message is learned by: None for one that is gone; () for one of our own people's, for those are never
    judged, so not learned."""
    try:
        octets = store.db.read(lambda conn: read_octets(conn, store.blobs, message_pk))
    except StoreUnavailable:
        return None
    scanned = scan(octets)
    if read_ours(octets[: scanned.header_size]) is None and _is_ours(store, scanned):
        return ()
    return tuple(dict.fromkeys(map(counts.key, features(octets, scanned))))


def _is_ours(store: Store, scanned: Scanned) -> bool:
    if not scanned.from_:
        return False
    return store.db.read(lambda conn: principals.by_address(conn, scanned.from_[0].addr)) is not None
