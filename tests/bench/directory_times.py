"""What the directory costs: making an account, and what its caches make cheap: addresses, passwords.

    python -m tests.bench.directory_times

Prints processor time, the least of several rounds, over a SQLite database in a temporary folder.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from mailserver.actor import SYSTEM
from mailserver.directory import credentials, principals, version
from mailserver.directory.login import Authenticator
from mailserver.directory.principals import PersonData
from mailserver.directory.resolve import Resolver
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.support.tables import create_tables

ROUNDS = 10
ACCOUNTS = 20  # made in one transaction
LOOKUPS = 1000
SIGN_INS = 200
PASSWORD = "mưa phùn tháng ba"
DOMAIN = "bench.test"


@contextmanager
def opened_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        engine = create_engine(f"sqlite:///{top / 'vanthu.sqlite3'}")
        create_tables(engine)
        engine.dispose()
        store = Store.open(f"sqlite:///{top / 'vanthu.sqlite3'}", f"file://{top / 'blobs'}", data_dir=top)
        yield store
        store.close()


def least(work: Callable[[int], float]) -> float:
    """The least of what the rounds say they took."""
    return min(work(number) for number in range(ROUNDS))


def make_accounts(store: Store, agency_id: int, round_: int) -> float:
    """Processor seconds of one account."""

    def work(tx: Tx) -> float:
        begun = time.thread_time()
        for number in range(round_ * ACCOUNTS, (round_ + 1) * ACCOUNTS):
            person = PersonData("Lê", "Văn", "Ân", f"user{number}", None, f"CB{number}", roles=("specialist",))
            principals.create_person_tx(tx, agency_id, person)
        return (time.thread_time() - begun) / ACCOUNTS

    return store.db.write(work, SYSTEM)


def first_user(tx: Tx) -> int:
    found = principals.by_address(tx.conn, f"user0@{DOMAIN}")
    assert found is not None
    return found.id


def look_up(resolver: Resolver) -> float:
    """Processor seconds of one address that is remembered, written in another way."""
    wanted = [f"User{number % ACCOUNTS}+x@{DOMAIN}" for number in range(LOOKUPS)]
    begun = time.thread_time()
    for address in wanted:
        resolver.resolve(address)
    return (time.thread_time() - begun) / LOOKUPS


def sign_in(authenticator: Authenticator) -> float:
    """Processor seconds of one sign-in with a password that was right before."""
    begun = time.thread_time()
    for _ in range(SIGN_INS):
        authenticator.verify(f"user0@{DOMAIN}", PASSWORD, "imap", "203.0.113.7")
    return (time.thread_time() - begun) / SIGN_INS


def main() -> None:
    with opened_store() as store:
        agency_id = store.db.write(
            lambda tx: principals.create_agency_tx(tx, "SXD", "Sở Xây dựng", DOMAIN, "gl"), SYSTEM
        )
        account = least(lambda round_: make_accounts(store, agency_id, round_))
        print(f"an account                {account * 1e6:10.0f} µs")
        authenticator = Authenticator(store.db)
        store.db.write(lambda tx: credentials.set_password_tx(tx, first_user(tx), PASSWORD), SYSTEM)
        authenticator.verify(f"user0@{DOMAIN}", PASSWORD, "imap")
        version._settling_until = float("-inf")  # as in a process that has changed nothing for a while
        resolver = Resolver(store.db)
        address = least(lambda _round: look_up(resolver))
        print(f"a remembered address      {address * 1e6:10.1f} µs  {1 / address:10,.0f} a second")
        print(f"a repeated sign-in        {least(lambda _round: sign_in(authenticator)) * 1e6:10.0f} µs")
        authenticator.close()


if __name__ == "__main__":
    main()
