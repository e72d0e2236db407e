"""Old events go a few at a time, once every reader has passed them; what is young stays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailserver.actor import SYSTEM
from mailserver.store import oldevents, raw
from mailserver.store.collect import collect_garbage
from mailserver.store.store import Store

BEFORE = datetime(2026, 6, 1, tzinfo=UTC)
OLD, YOUNG = 1_780_000_000_000 - 1_000_000_000, 1_780_272_000_000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oldevents, "_BATCH", 3)


def fill(store: Store, *times: int) -> None:
    """The log begins with events of these times."""
    insert = "INSERT INTO event (id, at, kind, data, txid) VALUES (?, ?, 'test.done', '{}', 0)"
    rows = list(enumerate(times, 1))
    store.db.write(lambda tx: raw.run_many(tx.conn, insert, rows), SYSTEM)


def left(store: Store) -> list[int]:
    return [id_ for (id_,) in store.db.read(lambda conn: raw.rows(conn, "SELECT id FROM event ORDER BY id"))]


def test_only_what_is_old_goes(store: Store) -> None:
    fill(store, *[OLD] * 10, *[YOUNG] * 4)
    assert oldevents.prune(store.db, BEFORE) == 10
    assert left(store) == [11, 12, 13, 14]
    assert oldevents.prune(store.db, BEFORE) == 0


def test_no_transaction_deletes_more_than_a_few(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, *[OLD] * 8, *[YOUNG] * 20)
    delete, each = oldevents._delete_tx, []

    def watched(*args: object, **numbers: int) -> int:
        each.append(delete(*args, **numbers))  # type: ignore[arg-type]
        return each[-1]

    monkeypatch.setattr(oldevents, "_delete_tx", watched)
    oldevents.prune(store.db, BEFORE)
    assert each == [3, 3, 2, 0]  # of the young ones no more than one step was looked at


def test_one_with_a_wrong_time_does_not_keep_those_behind_it(store: Store) -> None:
    fill(store, OLD, YOUNG, OLD, OLD, YOUNG, OLD, YOUNG)
    assert oldevents.prune(store.db, BEFORE) == 4
    assert left(store) == [2, 5, 7]


def test_what_a_reader_has_not_passed_stays_and_the_newest_always(store: Store) -> None:
    fill(store, *[OLD] * 8)
    insert = "INSERT INTO event_cursor (reader, event_id) VALUES (?, ?)"
    store.db.write(lambda tx: raw.run_many(tx.conn, insert, [("slow", 5), ("quick", 7)]), SYSTEM)
    assert oldevents.prune(store.db, BEFORE) == 5
    assert left(store) == [6, 7, 8]
    store.db.write(lambda tx: raw.run(tx.conn, "DELETE FROM event_cursor"), SYSTEM)
    assert collect_garbage(store.db, store.blobs).events == 2
    assert left(store) == [8]


def readers(store: Store) -> list[str]:
    query = "SELECT reader FROM event_cursor ORDER BY reader"
    return [name for (name,) in store.db.read(lambda conn: raw.rows(conn, query))]


def test_a_reader_that_is_gone_keeps_nothing_once_it_has_not_moved_for_long(store: Store) -> None:
    fill(store, *[OLD] * 8, YOUNG, YOUNG)
    insert = "INSERT INTO event_cursor (reader, event_id) VALUES (?, ?)"
    places = [("gone", 2), ("stuck", 5), ("elsewhere", 9), ("at-end", 10)]
    store.db.write(lambda tx: raw.run_many(tx.conn, insert, places), SYSTEM)
    assert oldevents.prune(store.db, BEFORE) == 2
    assert oldevents.prune(store.db, BEFORE, readers={"stuck"}) == 3
    assert (readers(store), left(store)) == (["at-end", "elsewhere", "stuck"], [6, 7, 8, 9, 10])


def test_an_empty_log(store: Store) -> None:
    assert oldevents.prune(store.db, BEFORE) == 0
