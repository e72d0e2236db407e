from __future__ import annotations

import pytest

from mailserver.actor import SYSTEM
from mailserver.collector import accounts
from mailserver.collector.errors import AccountExists, Failed, NoSuchAccount, PasswordExposed, TargetUnknown
from mailserver.collector.records import Remote, Security, Trouble, Wish
from mailserver.collector.vault import PasswordVault, new_key
from mailserver.store.audit import verify
from mailserver.store.events import at_end, read_on
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import Office

GMAIL = Remote("imap.gmail.example", 993, Security.TLS, "phong@gmail.example", bytes(32))


@pytest.fixture(autouse=True)
def the_office(office: Office) -> Office:
    return office


def add(store: Store, remote: Remote = GMAIL, target: str = "binh@sxd.gov.vn", **more: object) -> int:
    wish = Wish(target, remote, **more)  # type: ignore[arg-type]
    return store.db.write(lambda tx: accounts.add_tx(tx, wish, b"locked"), SYSTEM)


def test_an_account_is_kept_as_it_was_wished(store: Store) -> None:
    account_id = add(store, folders=("INBOX", "Công văn"), poll_s=60)
    (kept,) = store.db.read(accounts.accounts)
    assert kept.id == account_id and kept.wish == Wish("binh@sxd.gov.vn", GMAIL, ("INBOX", "Công văn"), poll_s=60)
    assert kept.secret == b"locked" and "locked" not in repr(kept) and not kept.paused


@pytest.mark.parametrize(
    ("remote", "target", "error"),
    [
        (GMAIL, "binh@sxd.gov.vn", AccountExists),
        (Remote("other.example", 993, Security.TLS, "a"), "nobody@sxd.gov.vn", TargetUnknown),
        (Remote("other.example", 993, Security.TLS, "a"), "binh@elsewhere.example", TargetUnknown),
        (Remote("other.example", 993, Security.TLS, "a"), "postmaster@sxd.gov.vn", TargetUnknown),
        (Remote("other.example", 143, Security.NONE, "a"), "binh@sxd.gov.vn", PasswordExposed),
    ],
)
def test_what_cannot_be_is_refused(store: Store, remote: Remote, target: str, error: type[Exception]) -> None:
    add(store)
    with pytest.raises(error):
        add(store, remote, target)
    assert len(store.db.read(accounts.accounts)) == 1


def test_changes_are_told_and_audited_without_the_password(store: Store) -> None:
    cursor = store.db.read(at_end)
    account_id = add(store)
    store.db.write(lambda tx: accounts.pause_tx(tx, account_id, True), SYSTEM)
    assert store.db.read(lambda conn: accounts.get(conn, account_id)).paused
    store.db.write(lambda tx: accounts.pause_tx(tx, account_id, False), SYSTEM)
    store.db.write(lambda tx: accounts.set_secret_tx(tx, account_id, b"other"), SYSTEM)
    store.db.write(lambda tx: accounts.remove_tx(tx, account_id), SYSTEM)
    told = store.db.read(lambda conn: read_on(conn, cursor))
    assert [event.kind for event in told] == ["collector.changed"] * 5
    assert store.db.read(verify) is None
    assert store.db.read(accounts.accounts) == []


def test_an_account_that_is_not_there(store: Store) -> None:
    with pytest.raises(NoSuchAccount):
        store.db.read(lambda conn: accounts.get(conn, 7))
    for work in (
        lambda tx: accounts.pause_tx(tx, 7, True),
        lambda tx: accounts.set_secret_tx(tx, 7, b""),
        lambda tx: accounts.remove_tx(tx, 7),
    ):
        with pytest.raises(NoSuchAccount):
            store.db.write(work, SYSTEM)


def test_a_password_is_read_with_its_own_key_only() -> None:
    vault = PasswordVault(new_key())
    locked = vault.lock("mật khẩu")
    assert "mật".encode() not in locked and vault.open(locked) == "mật khẩu"
    for key, secret in ((new_key(), locked), (None, b"nothing")):
        with pytest.raises(Failed) as caught:
            (PasswordVault(key) if key else vault).open(secret)
        assert caught.value.trouble is Trouble.SECRET
