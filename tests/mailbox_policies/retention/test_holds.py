"""Mail that is kept under an order: by mailbox, by person, by message; until somebody or its time ends it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mailbox_policies.holding.checks import check
from mailbox_policies.retention import holds
from mailbox_policies.retention.holds import Hold, HoldKind, NoSuchHold, NothingToHold
from mailserver.actor import SYSTEM
from mailserver.store import fsck, raw, vault
from mailserver.store.collect import collect_garbage
from mailserver.store.store import Store
from tests.mailbox_policies.retention.shelf import audited, day, put, rows, run, subjects
from tests.routing.world import DOMAIN, World, build

NOW = day("2026-03-01")
LISTED, GONE = day("2026-03-24"), day("2026-04-06")


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


def hold(world: World, kind: HoldKind, what: str, until: datetime | None = None) -> int:
    def work(tx: object) -> int:
        return holds.hold_tx(tx, world.agency_id, kind, what, "Lệnh 12/QĐ", until, NOW)  # type: ignore[arg-type]

    return world.store.db.write(work, world.actor("truongpk"))


def all_of(world: World) -> list[Hold]:
    return world.store.db.read(lambda conn: holds.of_agency(conn, world.agency_id))


def end(world: World, hold_id: int) -> None:
    world.store.db.write(lambda tx: holds.end_tx(tx, world.agency_id, hold_id, NOW), world.actor("truongpk"))


def sound(world: World) -> bool:
    kept = world.store.db.read(lambda conn: list(check(conn)))
    return fsck.check(world.store.db, world.store.blobs) == kept == []


def test_a_mailbox_that_is_held_loses_nothing_until_the_hold_ends(world: World) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", day("2026-02-10"))
    assert hold(world, HoldKind.MAILBOX, f"sxd@{DOMAIN}") == 1
    run(world, LISTED)
    assert run(world, GONE).removed == 0
    (one,) = all_of(world)
    assert (one.what, one.created_by_id, one.ended_at) == (f"sxd@{DOMAIN}", world.id("truongpk"), None)
    end(world, one.id)
    run(world, GONE)
    assert run(world, GONE + timedelta(days=7)).removed == 1
    with pytest.raises(NoSuchHold):
        end(world, one.id)
    assert (audited(world, "retention.held"), audited(world, "retention.released")) == (1, 1)


def test_a_hold_that_comes_after_the_list_still_keeps_the_mail(world: World) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", day("2026-02-10"))
    run(world, LISTED)
    hold(world, HoldKind.MAILBOX, f"sxd@{DOMAIN}")
    assert run(world, GONE).removed == 0


def test_of_a_person_the_own_mailbox_and_what_they_wrote_elsewhere_stays(world: World) -> None:
    put(world, "sxd", "Thông báo", "Của Lâm", day("2026-02-10"), sender="lamhs")
    put(world, "sxd", "Thông báo", "Của Ân", day("2026-02-10"), sender="anl")
    put(world, "lamhs", "Junk", "Rác của Lâm", day("2026-02-10"), sender="anl")
    put(world, "anl", "Junk", "Rác của Ân", day("2026-02-10"), sender="anl")
    hold(world, HoldKind.PERSON, f"lamhs@{DOMAIN}")
    run(world, LISTED)
    assert run(world, GONE).removed == 2
    assert subjects(world, "sxd", "Thông báo") == ["Của Lâm"]
    assert (subjects(world, "lamhs", "Junk"), subjects(world, "anl", "Junk")) == (["Rác của Lâm"], [])


def test_a_message_is_held_wherever_it_lies(world: World) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", day("2026-02-10"))
    put(world, "sxd", "Thông báo", "Tin khác", day("2026-02-10"))
    (number,) = rows(world, "SELECT message_id FROM message WHERE subject = 'Nghỉ lễ'")[0]
    assert hold(world, HoldKind.MESSAGE, f"<{number}>") == 1
    run(world, LISTED)
    assert run(world, GONE).removed == 1
    assert subjects(world, "sxd", "Thông báo") == ["Nghỉ lễ"]
    assert all_of(world)[0].what == "Nghỉ lễ"
    assert sound(world)


def test_a_hold_ends_by_itself_on_its_day(world: World) -> None:
    put(world, "sxd", "Thông báo", "Nghỉ lễ", day("2026-02-10"))
    (number,) = rows(world, "SELECT message_id FROM message WHERE subject = 'Nghỉ lễ'")[0]
    hold(world, HoldKind.MESSAGE, number, GONE)
    run(world, LISTED)
    run(world, GONE + timedelta(seconds=1))
    assert run(world, GONE + timedelta(days=8)).removed == 1
    (one,) = all_of(world)
    assert (one.ended_at, one.ended_by_id) == (GONE + timedelta(seconds=1), None)
    assert sound(world)


@pytest.mark.parametrize("kind", list(HoldKind))
def test_what_its_owner_deletes_stays_in_the_vault_as_long_as_it_is_held(world: World, kind: HoldKind) -> None:
    put(world, "lamhs", "INBOX", "Chứng cứ")
    (number,) = rows(world, "SELECT message_id FROM message WHERE subject = 'Chứng cứ'")[0]
    hold(world, kind, number if kind is HoldKind.MESSAGE else f"lamhs@{DOMAIN}")
    world.expunge("lamhs", "INBOX", 1, "lamhs")
    long_ago = int(day("2020-01-01").timestamp() * 1000)
    world.store.db.write(lambda tx: raw.run(tx.conn, "UPDATE removed_entry SET removed_at = ?", (long_ago,)), SYSTEM)
    assert run(world, GONE).forgotten == 0
    collect_garbage(world.store.db, world.store.blobs, timedelta(seconds=-60))
    found, _total = world.store.db.read(lambda conn: vault.found_in(conn, world.id("lamhs")))
    assert [one.subject for one in found] == ["Chứng cứ"]
    end(world, all_of(world)[0].id)
    assert run(world, GONE).forgotten == 1
    collect_garbage(world.store.db, world.store.blobs, timedelta(seconds=-60))
    assert rows(world, "SELECT id FROM message WHERE subject = 'Chứng cứ'") == []
    assert sound(world)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (HoldKind.MAILBOX, "nobody@sxd.hungbinh.example"),
        (HoldKind.MAILBOX, "lamhs@elsewhere.example"),
        (HoldKind.PERSON, f"qhkt@{DOMAIN}"),
        (HoldKind.MESSAGE, "<there-is-none@x.test>"),
    ],
)
def test_what_is_not_there_cannot_be_held(world: World, kind: HoldKind, what: str) -> None:
    with pytest.raises(NothingToHold):
        hold(world, kind, what)
    assert all_of(world) == []


def test_an_unpinned_message_under_a_hold_is_found_by_fsck(world: World) -> None:
    put(world, "lamhs", "INBOX", "Chứng cứ")
    (number,) = rows(world, "SELECT message_id FROM message WHERE subject = 'Chứng cứ'")[0]
    hold(world, HoldKind.MESSAGE, number)
    world.store.db.write(lambda tx: raw.run(tx.conn, "UPDATE message SET pins = 0"), SYSTEM)
    assert [one.kind for one in world.store.db.read(lambda conn: list(check(conn)))] == ["legal-hold"]
