"""Mail that no parser likes is delivered or refused with a code, and never stops the next one."""

from __future__ import annotations

import pytest

from mailserver.policy import accept_all
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.support.hostile import DELIVERED, REFUSED, stuffed
from tests.support.office import Office


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


@pytest.mark.parametrize("name", DELIVERED)
async def test_it_is_delivered_octet_for_octet_and_the_next_one_too(doors: Doors, office: Office, name: str) -> None:
    peer = await doors.connect(size_limit=0)
    doors.delivery.policy = accept_all
    for data in (DELIVERED[name], b"Subject: next\r\n\r\nnext\r\n"):
        await peer.begin([office.address("an")])
        peer.send(stuffed(data))
        assert (await peer.reply()).startswith("250")
    first, second = office.mail("an", last=2)
    assert first.endswith(DELIVERED[name])
    assert second.endswith(b"Subject: next\r\n\r\nnext\r\n")


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused_for_good_and_the_next_one_is_taken(doors: Doors, office: Office, name: str) -> None:
    data, code = REFUSED[name]
    peer = await doors.connect()
    await peer.begin([office.address("an")])
    peer.send(stuffed(data))
    assert (await peer.reply()).startswith(code)
    await peer.begin([office.address("an")])
    peer.send(stuffed(b"Subject: next\r\n\r\n"))
    assert (await peer.reply()).startswith("250")
    assert office.mail("an", last=1)[0].endswith(b"Subject: next\r\n\r\n")
