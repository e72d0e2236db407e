from __future__ import annotations

from email import message_from_bytes

import pytest

from mailserver.actor import SYSTEM
from mailserver.delivery import new_devices
from mailserver.delivery.logreader import LogReader
from mailserver.directory import devices
from mailserver.store.database import Tx
from mailserver.store.events import Event
from mailserver.store.store import Store
from tests.routing.world import World, build


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


def sign_in(world: World, remote: str) -> None:
    who = world.id("truongpk")
    world.store.db.write(lambda tx: devices.note_tx(tx, who, "web", remote, "Firefox · Windows"), SYSTEM)


@pytest.mark.requirement("R-047")
def test_a_sign_in_from_a_new_place_is_told_by_mail_once(world: World) -> None:
    for remote in ("198.51.100.20", "203.0.113.7", "203.0.113.8"):
        sign_in(world, remote)
    assert new_devices.job()(world.store) is False
    assert new_devices.job()(world.store) is False
    (uid,) = world.uids("truongpk", "INBOX")
    mail = message_from_bytes(world.octets("truongpk", "INBOX", uid))
    said = mail.get_payload(decode=True)
    assert isinstance(said, bytes) and "địa chỉ: 203.0.113.7" in said.decode()
    assert mail["Auto-Submitted"] == "auto-generated"
    sign_in(world, "192.0.2.1")
    new_devices.job()(world.store)
    assert len(world.uids("truongpk", "INBOX")) == 2


def test_a_job_that_dies_in_the_middle_tells_it_afterwards_and_once(world: World) -> None:
    for remote in ("198.51.100.20", "203.0.113.7"):
        sign_in(world, remote)

    def dies_tx(tx: Tx, store: Store, event: Event) -> None:
        new_devices.tell_tx(tx, store, event)
        raise RuntimeError("killed")

    job = LogReader("new-devices", ("sign_in.new",), dies_tx)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            job(world.store)
    assert world.uids("truongpk", "INBOX") == []
    new_devices.job()(world.store)
    assert len(world.uids("truongpk", "INBOX")) == 1
