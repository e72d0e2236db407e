"""By which server mail under a collected mailbox's address goes out."""

from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM
from mailserver.collector import accounts, sending
from mailserver.collector.errors import NoSuchAccount, PasswordExposed
from mailserver.collector.records import Remote, Security, Sending, Wish
from mailserver.directory import external
from mailserver.directory.errors import AddressTaken, NotElsewhere
from mailserver.directory.resolve import Mailbox
from mailserver.store.audit import verify
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import Office

ADDRESS = "phong@gmail.example"
IMAP = Remote("imap.gmail.example", 993, Security.TLS, ADDRESS)
SMTP = Remote("smtp.gmail.example", 465, Security.TLS, ADDRESS)


@pytest.fixture
def account_id(store: Store, office: Office) -> int:
    return add(store, IMAP)


def add(store: Store, remote: Remote) -> int:
    return store.db.write(lambda tx: accounts.add_tx(tx, Wish("binh@sxd.gov.vn", remote), b"of imap"), SYSTEM)


def choose(
    store: Store, account_id: int, address: str = ADDRESS, server: Remote = SMTP, secret: bytes | None = None
) -> Sending:
    store.db.write(lambda tx: sending.choose_tx(tx, account_id, address, server, secret), SYSTEM)
    chosen = store.db.read(lambda conn: sending.of_account(conn, account_id))
    assert chosen is not None
    return chosen


def test_a_server_is_chosen_changed_and_given_up(store: Store, account_id: int, office: Office) -> None:
    first = choose(store, account_id, "Phong@Gmail.example")
    assert first == Sending(ADDRESS, first.identity_id, SMTP, b"of imap")
    assert "of imap" not in repr(first)
    assert isinstance(store.db.read(lambda conn: external.mailbox_of(conn, ADDRESS)), Mailbox)
    store.db.write(lambda tx: accounts.set_secret_tx(tx, account_id, b"newer"), SYSTEM)
    other = Remote("other.example", 587, Security.STARTTLS, "so")
    assert store.db.read(lambda conn: sending.of_identity(conn, first.identity_id)).secret == b"newer"  # type: ignore[union-attr]
    second = choose(store, account_id, server=other, secret=b"its own")
    assert second == Sending(ADDRESS, first.identity_id, other, b"its own"), "mail that waits goes by the new server"
    third = choose(store, account_id, "moi@gmail.example")
    assert third.identity_id != first.identity_id
    assert store.db.read(lambda conn: external.identity_of(conn, ADDRESS)) is None
    ended = [store.db.write(lambda tx: sending.end_tx(tx, account_id), SYSTEM) for _ in range(2)]
    assert ended == [True, False]
    assert store.db.read(lambda conn: sending.of_identity(conn, third.identity_id)) is None
    assert store.db.read(lambda conn: external.identity_of(conn, "moi@gmail.example")) is None
    assert store.db.read(verify) is None


def test_it_goes_with_its_account(store: Store, account_id: int) -> None:
    choose(store, account_id)
    store.db.write(lambda tx: accounts.remove_tx(tx, account_id), SYSTEM)
    assert store.db.read(lambda conn: sending.of_account(conn, account_id)) is None
    assert store.db.read(lambda conn: external.identity_of(conn, ADDRESS)) is None


def test_what_cannot_be_is_refused(store: Store, account_id: int) -> None:
    choose(store, account_id)
    other = add(store, Remote("imap.other.example", 993, Security.TLS, "x"))
    for address, server, error in (
        (ADDRESS, SMTP, AddressTaken),
        ("ai@sxd.gov.vn", SMTP, NotElsewhere),
        ("y@other.example", Remote("smtp.other.example", 587, Security.NONE, "x"), PasswordExposed),
    ):
        with pytest.raises(error):
            choose(store, other, address, server)
    with pytest.raises(NoSuchAccount):
        choose(store, 99)
    assert store.db.read(lambda conn: sending.of_account(conn, other)) is None
