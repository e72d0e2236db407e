"""IMAP capabilities kept from one account."""

from __future__ import annotations

import pytest

from mailserver.directory import masks
from mailserver.directory.accounts import Accounts
from mailserver.directory.errors import CapabilityInvalid, NoSuchPrincipal
from tests.mailserver.directory.conftest import DOMAIN, Office


def test_what_is_hidden_is_known_at_the_next_sign_in(office: Office) -> None:
    an, binh = office.person("an"), office.person("binh")
    accounts = Accounts(office.db)
    found = accounts.load(f"an@{DOMAIN}")
    assert found is not None
    assert found.hidden == frozenset()
    office.write(lambda tx: masks.hide_tx(tx, an, ["qresync", " NOTIFY", "QRESYNC"]))
    found = accounts.load(f"an@{DOMAIN}")
    assert found is not None
    assert found.hidden == {"QRESYNC", "NOTIFY"}
    assert office.read(lambda conn: masks.hidden_from(conn, binh)) == frozenset()


def test_what_is_shown_again_is_hidden_no_longer(office: Office) -> None:
    an = office.person("an")
    office.write(lambda tx: masks.hide_tx(tx, an, ["QRESYNC", "UTF8=ACCEPT"]))
    office.write(lambda tx: masks.hide_tx(tx, an, ["UTF8=ACCEPT"]))
    office.write(lambda tx: masks.hide_tx(tx, an, ["qresync", "MOVE"], hide=False))
    assert office.read(lambda conn: masks.hidden_from(conn, an)) == {"UTF8=ACCEPT"}


@pytest.mark.parametrize("name", ["", "A B", "IMAP4rev1", "\\Seen", "Đ", "X" * 61])
def test_what_is_no_capability_is_refused(office: Office, name: str) -> None:
    an = office.person("an")
    with pytest.raises(CapabilityInvalid):
        office.write(lambda tx: masks.hide_tx(tx, an, ["QRESYNC", name]))
    assert office.read(lambda conn: masks.hidden_from(conn, an)) == frozenset()


def test_only_who_signs_in_has_a_mask(office: Office) -> None:
    with pytest.raises(NoSuchPrincipal):
        office.write(lambda tx: masks.hide_tx(tx, office.qlxd, ["QRESYNC"]))
