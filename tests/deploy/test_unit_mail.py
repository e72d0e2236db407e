"""The worker's look at units' mail: folders that are missing, alarms once each, what was left goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.processes import cleaning, unit_mail
from mailserver.actor import SYSTEM
from mailserver.delivery.mailboxes import NOTICE_KEYWORD, deliver_tx
from mailserver.directory.principals import create_agency_tx, create_unit_tx, set_setting_tx
from mailserver.store import folders, raw
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from mailserver.teams import items, service
from mailserver.teams.states import State
from routing.closing import end_of_day_tx
from routing.sound_profiles import sound_profiles
from tests.routing.delegation.test_giving import text
from tests.routing.world import World, build
from tests.support.dialogue import mail

HOUR = 3600


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


def come(world: World, hours_ago: float, owner: str = "qhkt", keywords: str = "") -> int:
    prepared = prepare(mail(f"Xin số liệu {hours_ago}"), world.store.blobs)

    def work(tx: Tx) -> int:
        pk = store_message_tx(tx, prepared)
        deliver_tx(tx, pk, [world.id(owner)], int(tx.now_s - hours_ago * HOUR), keywords)
        return pk

    return world.store.db.write(work, SYSTEM)


def count(world: World, who: str) -> int:
    return world.store.db.read(lambda conn: folders.get(conn, world.id(who), "INBOX").messages)


@pytest.mark.requirement("R-084")
def test_the_head_then_the_chief_of_office_hear_of_mail_that_nobody_takes_once_each(world: World) -> None:
    come(world, 1)
    unit_mail.look(world.store)
    assert (count(world, "khoivd"), count(world, "vinhbt")) == (0, 0)
    come(world, 30)
    for _ in range(2):
        unit_mail.look(world.store)
    assert (count(world, "khoivd"), count(world, "vinhbt")) == (1, 0)
    assert "Xin số liệu 30" in text(world, "khoivd")
    come(world, 49)
    for _ in range(2):
        unit_mail.look(world.store)
    assert (count(world, "khoivd"), count(world, "vinhbt")) == (2, 1)


@pytest.mark.requirement("R-084")
def test_of_what_the_program_only_tells_nobody_is_reminded(world: World) -> None:
    come(world, 49, keywords=NOTICE_KEYWORD)
    unit_mail.look(world.store)
    assert (count(world, "khoivd"), count(world, "vinhbt")) == (0, 0)


@pytest.mark.requirement("R-081")
def test_the_director_hears_of_mail_that_waits_in_the_agency_s_mailbox(world: World) -> None:
    come(world, 30, "sxd")
    unit_mail.look(world.store)
    assert count(world, "truongpk") == 1


def test_what_somebody_has_taken_raises_no_alarm_and_goes_back_after_days(world: World) -> None:
    pk = come(world, 30)
    world.store.db.write(lambda tx: service.take_by_tx(tx, world.id("qhkt"), [pk]), world.actor("khoivd"))
    unit_mail.look(world.store)
    assert count(world, "khoivd") == 0
    before = int((datetime.now(UTC) - timedelta(days=3)).timestamp() * 1000)
    world.store.db.write(lambda tx: raw.run(tx.conn, "UPDATE team_mail SET changed_at = ?", (before,)), SYSTEM)
    unit_mail.look(world.store)
    assert world.store.db.read(lambda conn: items.get(conn, world.id("qhkt"), pk)).state is State.NEW
    assert b"Auto-Submitted: auto-generated" in world.octets("khoivd", "INBOX")


def test_an_agency_may_want_no_alarms(world: World) -> None:
    def work(tx: Tx) -> None:
        set_setting_tx(tx, world.agency_id, "mail.untaken_hours", 0)

    world.store.db.write(work, SYSTEM)
    come(world, 300)
    unit_mail.look(world.store)
    assert count(world, "khoivd") == 0


def test_an_agency_whose_profile_has_a_mistake_does_not_stop_the_others(world: World) -> None:
    """Nor the end of their working day, nor their letters about clean-up."""

    def work(tx: Tx) -> None:
        other = create_agency_tx(tx, "SCT", "Sở Công Thương", "sct.example", "hungbinh")
        set_setting_tx(tx, other, "mail.untaken_hours", "nhiều")

    world.store.db.write(work, SYSTEM)
    come(world, 30)
    unit_mail.look(world.store)
    assert count(world, "khoivd") == 1
    found = world.store.db.read(lambda conn: [one.code for one, _ in sound_profiles(conn, "a test")])
    assert found == ["SXD"]
    assert world.store.db.write(end_of_day_tx, SYSTEM) == 0
    assert cleaning.look(world.store, "https://mail.test", datetime(2026, 11, 9, 3, tzinfo=UTC)) is False


def test_a_unit_without_its_folders_gets_them_and_keeps_its_own(world: World) -> None:
    def work(tx: Tx) -> int:
        made = create_unit_tx(tx, world.agency_id, "TTR", "Thanh tra", "thanhtra")
        folders.create_tx(tx, made, "Xong")
        return made

    made = world.store.db.write(work, SYSTEM)
    for _ in range(2):
        unit_mail.look(world.store)
    found = world.store.db.read(lambda conn: {one.name: one.behaviour for one in folders.list_of(conn, made)})
    assert found["Xong"] == "teams.ended"
    assert found["Đang xử lý"] == "teams.working"
