from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailserver.directory import credentials, devices
from mailserver.directory.login import Authenticator
from mailserver.store.schema import event
from tests.mailserver.directory.conftest import Office

HOME, OFFICE = "203.0.113.7", "198.51.100.20"


@pytest.fixture
def minh(office: Office) -> int:
    return office.person("minhnv")


def note(office: Office, person: int, door: str, remote: str, client: str) -> None:
    office.write(lambda tx: devices.note_tx(tx, person, door, remote, client))


def told(office: Office) -> list[str]:
    found = select(event.c.data).where(event.c.kind == "sign_in.new").order_by(event.c.id)
    return [data["remote"] for data in office.read(lambda conn: conn.execute(found).scalars().all())]


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("curl/8.5", ""),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, shown: str) -> None:
    assert devices.client_of(agent) == shown


def test_only_a_new_place_is_told_and_the_very_first_is_not(office: Office, minh: int) -> None:
    note(office, minh, "web", OFFICE, "Firefox · Windows")
    note(office, minh, "web", OFFICE, "Firefox · Windows")
    assert told(office) == []
    note(office, minh, "web", HOME, "Firefox · Windows")
    note(office, minh, "imap", HOME, "Điện thoại")
    note(office, minh, "imap", "203.0.113.99", "Điện thoại")
    assert told(office) == [HOME, HOME]
    places = office.read(lambda conn: devices.sign_ins(conn, minh))
    assert {(one.door, one.remote) for one in places} == {("web", OFFICE), ("web", HOME), ("imap", "203.0.113.99")}


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1", "", "fe80::1%eth0"])
def test_the_machine_itself_is_no_news(office: Office, minh: int, remote: str) -> None:
    note(office, minh, "web", OFFICE, "Firefox · Windows")
    note(office, minh, "imap", remote, "")
    assert told(office) == ([remote] if remote.startswith("fe80") else [])


def test_a_place_of_long_ago_is_forgotten(office: Office, minh: int) -> None:
    before = office.now - devices.KEPT - timedelta(days=1)
    office.write(lambda tx: devices.note_tx(tx, minh, "web", OFFICE, "", before))
    note(office, minh, "web", HOME, "")
    assert office.write(devices.forget_tx) == 1
    assert [one.remote for one in office.read(lambda conn: devices.sign_ins(conn, minh))] == [HOME]


def test_a_mail_client_is_known_by_the_label_of_its_password(office: Office, minh: int) -> None:
    plain = office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "Máy bàn"))
    auth = Authenticator(office.db)
    for _ in range(3):
        auth.verify("minhnv", plain, "smtp", OFFICE)
    auth.close()
    (place,) = office.read(lambda conn: devices.sign_ins(conn, minh))
    assert (place.door, place.client, place.remote) == ("smtp", "Máy bàn", OFFICE)
