"""Which deleted posts the worker lets go of, a few at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from mailbox_policies.retention.holds import HoldKind
from mailserver.actor import SYSTEM
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from routing.moderation import cases
from routing.moderation.schema import board_case
from routing.moderation.states import State
from tests.mailbox_policies.retention.shelf import day, put
from tests.mailbox_policies.retention.test_holds import hold
from tests.routing.world import DOMAIN, World

NOW = day("2026-03-01")
DELETED = {"state": State.DELETED.value, "forgotten": False, "subject": "Bán xe máy"}


def deleted(world: World, owner: str, count: int) -> list[int]:
    """Cases of posts deleted an hour after each other; their ids, the longest ago first."""
    place = {"agency_id": world.agency_id, "folder_id": world.folder(owner, "INBOX")}
    for number in range(count):
        put(world, owner, "INBOX", f"{owner} {number}", day("2026-01-01"))

    def work(tx: Tx) -> list[int]:
        first = tx.conn.execute(select(board_case.c.message_pk).order_by(board_case.c.message_pk.desc())).scalar() or 0
        made = []
        for number in range(count):
            row = {**DELETED, **place, "message_pk": first + number + 1, "since": NOW - timedelta(hours=count - number)}
            made.append(int(tx.conn.execute(insert(board_case).values(**row)).inserted_primary_key[0]))  # type: ignore[index]
        return made

    return world.store.db.write(work, SYSTEM)


def due(world: World, most: int) -> list[int]:
    def work(tx: Tx) -> list[int]:
        return [one.id for one in cases.deleted_before(tx.conn, NOW, most)]

    return world.store.db.write(work, SYSTEM)


def test_those_that_an_order_keeps_take_nobodys_place(world: World) -> None:
    kept = deleted(world, "sxd", 3)
    free = deleted(world, "vankhain", 3)
    assert due(world, 10) == sorted([*kept, *free], key=lambda one: (one - 1) % 3)
    hold(world, HoldKind.MAILBOX, f"sxd@{DOMAIN}")
    assert due(world, 2) == free[:2]
    assert due(world, 10) == free


@pytest.mark.database("postgresql")
def test_only_what_is_let_go_is_locked(store: Store, world: World) -> None:
    """Who puts another post back at that time does not wait for the worker."""
    first, second, third = deleted(world, "vankhain", 3)

    def work(tx: Tx) -> list[int]:
        assert [one.id for one in cases.deleted_before(tx.conn, NOW, 1)] == [first]
        with store.db.engine.connect() as other:
            open_ones = select(board_case.c.id).order_by(board_case.c.id).with_for_update(skip_locked=True)
            return list(other.execute(open_ones).scalars())

    assert store.db.write(work, SYSTEM) == [second, third]
