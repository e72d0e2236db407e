from __future__ import annotations

import pytest

from mailserver.directory import credentials, passwords, principals, resets
from mailserver.directory.errors import NoSuchRequest
from mailserver.directory.resets import Cause
from tests.mailserver.directory.conftest import Office

RIGHT = "mật khẩu của tôi 2026"


@pytest.fixture
def minh(office: Office) -> int:
    person = office.person("minhnv")
    office.write(lambda tx: credentials.set_password_tx(tx, person, RIGHT))
    return person


def waiting(office: Office) -> list[tuple[int, Cause]]:
    found = office.read(lambda conn: resets.waiting(conn, office.agency))
    return [(one.who.id, one.cause) for one in found]


def test_asking_twice_waits_once_and_nobody_asks_for_who_is_not_there(office: Office, minh: int) -> None:
    for login, known in (("minhnv", True), ("MINHNV@sxd.hungbinh.example", True), ("khongco", False), ("vp", False)):
        assert office.write(lambda tx, login=login: resets.ask_tx(tx, login, "203.0.113.7")) is known
    assert waiting(office) == [(minh, Cause.FORGOTTEN)]


def test_who_is_locked_by_the_office_cannot_ask(office: Office, minh: int) -> None:
    office.write(lambda tx: principals.lock_person_tx(tx, minh))
    assert not office.write(lambda tx: resets.ask_tx(tx, "minhnv", ""))


def test_an_emergency_makes_everything_worthless_and_comes_first(office: Office, minh: int) -> None:
    other = office.person("anl")
    office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "Điện thoại"))
    office.write(lambda tx: resets.ask_tx(tx, "anl", ""))
    office.write(lambda tx: resets.ask_tx(tx, "minhnv", ""))
    office.write(lambda tx: resets.lock_down_tx(tx, minh, "203.0.113.7"))
    assert waiting(office) == [(minh, Cause.EMERGENCY), (other, Cause.FORGOTTEN)]
    assert not office.read(lambda conn: credentials.has_password(conn, minh))
    assert office.read(lambda conn: credentials.app_passwords(conn, minh)) == []


def test_an_answer_is_given_once_and_by_the_own_agency(office: Office, minh: int) -> None:
    office.write(lambda tx: resets.ask_tx(tx, "minhnv", ""))
    (asked,) = office.read(lambda conn: resets.waiting(conn, office.agency))
    first = passwords.prepare("mot-lan-2026-abc", ())
    with pytest.raises(NoSuchRequest):
        office.write(lambda tx: resets.give_tx(tx, asked.id, office.agency + 1, first))
    assert office.write(lambda tx: resets.give_tx(tx, asked.id, office.agency, first)).id == minh
    assert office.read(lambda conn: credentials.must_change(conn, minh))
    with pytest.raises(NoSuchRequest):
        office.write(lambda tx: resets.refuse_tx(tx, asked.id, office.agency))
    assert waiting(office) == []
