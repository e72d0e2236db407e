"""Mail of our people for elsewhere: in the queue with the delivery inside, or nowhere."""

from __future__ import annotations

import json

import pytest

from mailserver.delivery import errors
from mailserver.delivery.delivery import Delivery
from mailserver.store import fsck
from mailserver.store.collect import collect_garbage
from tests.mailserver.outbound.conftest import LETTER, World


def test_inside_and_outside_are_one_message_and_one_transaction(world: World) -> None:
    done = world.send("ba@far.test", "binh@sct.test", "tu@other.test", "BA@far.test", sent_copy=LETTER)
    assert (done.mailboxes, done.outside) == (1, 3)
    assert len(world.office.mail("binh")) == 1
    assert len(world.office.mail("an", "Sent")) == 1
    (mail,) = world.all()
    assert (mail.sender, mail.message_id, mail.queue_id) == ("an@sct.test", "1@sct.test", "queue.1")
    assert world.states() == {"ba@far.test": "waiting", "tu@other.test": "waiting", "BA@far.test": "waiting"}
    assert sorted(world.pins()) == [0, 1]
    assert fsck.check(world.store.db, world.store.blobs) == []


def test_mail_for_outside_alone_is_in_no_mailbox_and_stays(world: World) -> None:
    world.send("ba@far.test")
    assert world.pins() == [1]
    assert fsck.check(world.store.db, world.store.blobs) == []


def test_a_recipient_inside_who_is_unknown_sends_nothing_outside(world: World) -> None:
    with pytest.raises(errors.RecipientUnknown):
        world.send("ba@far.test", "nobody@sct.test")
    assert world.all() == []


def test_where_sending_outside_is_off_nothing_is_sent_at_all(world: World) -> None:
    world.delivery = Delivery(world.store, "mail.sct.test", world.clock.now)
    with pytest.raises(errors.ExternalRecipientRefused) as refused:
        world.send("ba@far.test", "binh@sct.test")
    assert refused.value.addresses == ("ba@far.test",)
    assert world.office.mail("binh") == []
    assert world.all() == []


def test_a_fault_in_the_transaction_leaves_neither_side(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(world.delivery.outside, "queue_tx", fail)
    with pytest.raises(OSError, match="gone"):
        world.send("ba@far.test", "binh@sct.test")
    assert world.office.mail("binh") == []
    assert world.all() == []
    assert world.pins() == []


def test_the_outbound_process_is_told(world: World) -> None:
    world.send("ba@far.test", "tu@far.test")
    query = "SELECT data FROM event WHERE kind = 'outbound.queued'"
    (data,) = world.store.db.read(lambda conn: conn.exec_driver_sql(query).scalars().all())
    assert (json.loads(data) if isinstance(data, str) else data)["recipients"] == 2


def test_the_collector_leaves_waiting_mail_alone(world: World) -> None:
    world.send("ba@far.test")
    collect_garbage(world.store.db, world.store.blobs)
    assert world.pins() == [1]
