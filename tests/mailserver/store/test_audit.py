"""The audit log: every tampering breaks the chain at the first record it touches."""

import asyncio
import random

import pytest

from mailserver.actor import SYSTEM, Actor
from mailserver.store import audit, raw
from mailserver.store.audit import Head
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.tampering import without_guard

CLERK = Actor(5, 1, "web", remote="10.0.0.9")


def fill(store: Store, count: int = 12) -> None:
    def work(tx: Tx) -> None:
        for number in range(count):
            audit.record_tx(
                tx, "test.done", owner_id=number, on_behalf_of_id=3, text=f"số {number}", list=[1, None, "x"]
            )

    store.db.write(work, CLERK)


def tamper(store: Store, sql: str, *params: object) -> None:
    """As who may change the schema, and takes the guard away for a moment."""

    def work(tx: Tx) -> None:
        without_guard(tx)
        raw.run(tx.conn, sql, params)

    store.db.write(work, SYSTEM)


@pytest.mark.parametrize(
    "sql", ["UPDATE audit SET actor_id = 6", "DELETE FROM audit WHERE id = 2", "DELETE FROM audit"]
)
def test_the_database_itself_refuses_to_change_or_remove_records(store: Store, sql: str) -> None:
    fill(store)
    with pytest.raises(Exception, match="records of the audit are never"):
        store.db.write(lambda tx: raw.run(tx.conn, sql), SYSTEM)
    assert broken_at(store) is None
    assert store.db.read(audit.head).id == 12


@pytest.mark.database("postgresql")
def test_nor_is_the_table_emptied(store: Store) -> None:
    fill(store)
    with pytest.raises(Exception, match="records of the audit are never"):
        store.db.write(lambda tx: raw.run(tx.conn, "TRUNCATE audit"), SYSTEM)


def broken_at(store: Store, kept: Head | None = None) -> int | None:
    return store.db.read(lambda conn: audit.verify(conn, kept))


def test_an_untouched_log_is_in_order(store: Store) -> None:
    assert broken_at(store) is None
    fill(store)
    assert broken_at(store) is None
    assert broken_at(store, store.db.read(audit.head)) is None
    row = store.db.read(lambda conn: raw.row(conn, "SELECT actor_id, detail FROM audit WHERE id = 1"))
    assert row is not None
    assert row[0] == 5
    detail = raw.from_json(row[1])
    assert detail == {"door": "web", "remote": "10.0.0.9", "text": "số 0", "list": [1, None, "x"]}


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("UPDATE audit SET actor_id = 6 WHERE id = 4", 4),
        ("UPDATE audit SET owner_id = NULL WHERE id = 7", 7),
        ("UPDATE audit SET at = at + 1 WHERE id = 12", 12),
        ("""UPDATE audit SET detail = '{"text": "khác"}' WHERE id = 1""", 1),
        ("DELETE FROM audit WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("UPDATE audit SET id = 99 WHERE id = 12", 12),
        ("UPDATE audit SET hash = prev_hash WHERE id = 3", 3),
    ],
)
def test_tampering_is_found_at_the_first_record_it_touches(store: Store, sql: str, at: int) -> None:
    fill(store)
    tamper(store, sql)
    assert broken_at(store) == at


def test_swapped_records_are_found(store: Store) -> None:
    fill(store)
    for old, new in ((4, -1), (5, 4), (-1, 5)):
        tamper(store, "UPDATE audit SET id = ? WHERE id = ?", new, old)
    assert broken_at(store) == 4


def test_a_cut_end_is_found_with_a_head_kept_elsewhere(store: Store) -> None:
    fill(store)
    kept = store.db.read(audit.head)
    tamper(store, "DELETE FROM audit WHERE id >= 10")
    assert broken_at(store) is None
    assert broken_at(store, kept) == 10


def test_a_chain_written_anew_is_found_with_a_head_kept_elsewhere(store: Store) -> None:
    fill(store)
    kept = store.db.read(audit.head)
    tamper(store, "DELETE FROM audit")
    fill(store, 14)
    assert broken_at(store) is None
    assert broken_at(store, kept) == 12


def test_random_changes_of_single_values_are_all_found(store: Store) -> None:
    fill(store)
    dice = random.Random(1)
    columns = ("at", "actor_id", "on_behalf_of_id", "owner_id")
    for _ in range(20):
        column, at = dice.choice(columns), dice.randint(1, 12)
        tamper(store, f"UPDATE audit SET {column} = {column} + 1 WHERE id = ?", at)
        assert broken_at(store) == at
        tamper(store, f"UPDATE audit SET {column} = {column} - 1 WHERE id = ?", at)
        assert broken_at(store) is None


async def test_parallel_writers_leave_no_gap(store: Store) -> None:
    await asyncio.gather(*(store.db.awrite(lambda tx: audit.record_tx(tx, "test.many"), SYSTEM) for _ in range(40)))
    assert broken_at(store) is None
    assert store.db.read(audit.head).id == 40


def test_a_record_is_undone_with_its_transaction(store: Store) -> None:
    def work(tx: Tx) -> None:
        audit.record_tx(tx, "test.never")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.db.write(work, SYSTEM)
    assert store.db.read(audit.head) == Head(0, bytes(32))
