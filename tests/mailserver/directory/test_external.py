"""Addresses elsewhere that a mailbox here may write under."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailserver.directory import external, grants, principals
from mailserver.directory.errors import AddressInvalid, AddressTaken, NotElsewhere
from mailserver.directory.identities import Identity, allowed_senders, identity_for
from mailserver.directory.resolve import Mailbox, Unknown, resolve
from tests.mailserver.directory.conftest import DOMAIN, Office

ELSEWHERE = "phong@gmail.test"


def add(office: Office, owner: int, address: str = ELSEWHERE) -> int:
    return office.write(lambda tx: external.add_tx(tx, owner, address))


def test_it_is_an_identity_of_its_mailbox_and_of_who_writes_for_it(office: Office) -> None:
    minh, an, binh = office.person("minhnv", name="Lê Minh"), office.person("an"), office.person("binh")
    office.write(
        lambda tx: grants.grant_tx(tx, minh, an, ["send_on_behalf"], office.now - timedelta(days=1)),
    )
    add(office, minh, ELSEWHERE.upper())

    def senders(person: int) -> list[Identity]:
        return office.read(lambda conn: allowed_senders(conn, person, office.now))

    assert senders(minh) == [
        Identity(f"minhnv@{DOMAIN}", "Lê Minh", minh, False),
        Identity(ELSEWHERE, "Lê Minh", minh, False, elsewhere=True),
    ]
    assert Identity(ELSEWHERE, "Lê Minh", minh, True, elsewhere=True) in senders(an)
    assert ELSEWHERE not in {one.address for one in senders(binh)}
    office.write(lambda tx: principals.lock_person_tx(tx, minh))
    assert senders(minh) == []


def test_it_is_meant_letter_for_letter(office: Office) -> None:
    minh = office.person("minhnv")
    add(office, minh)

    def found(key: str) -> Identity | None:
        return office.read(lambda conn: identity_for(conn, minh, key, office.now))

    assert found("Phong@Gmail.test") == Identity(ELSEWHERE, found(f"minhnv@{DOMAIN}").name, minh, False, True)  # type: ignore[union-attr]
    assert found("phong+x@gmail.test") is None
    assert found(f"minhnv+x@{DOMAIN}") is not None


def test_nobody_is_found_by_it(office: Office) -> None:
    minh = office.person("minhnv")
    number = add(office, minh)
    assert office.read(lambda conn: resolve(conn, ELSEWHERE)) == Unknown(local=False)
    assert office.read(lambda conn: external.mailbox_of(conn, ELSEWHERE)) == Mailbox(minh)
    assert office.read(lambda conn: external.identity_of(conn, ELSEWHERE)) == number
    office.write(lambda tx: external.remove_tx(tx, number))
    assert office.read(lambda conn: external.mailbox_of(conn, ELSEWHERE)) is None
    assert add(office, minh) > number, "mail in the queue names the old one"


@pytest.mark.parametrize(
    ("address", "error"),
    [(ELSEWHERE, AddressTaken), (f"moi@{DOMAIN}", NotElsewhere), ("phong", AddressInvalid), ("a b@c", AddressInvalid)],
)
def test_what_cannot_be_is_refused(office: Office, address: str, error: type[Exception]) -> None:
    minh, an = office.person("minhnv"), office.person("an")
    add(office, minh)
    with pytest.raises(error):
        add(office, an, address)
