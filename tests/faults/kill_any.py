"""Kill any process with SIGKILL at random while mail comes in; nothing that was promised may be missing.

    python -m tests.faults.kill_any --messages 20000 --connections 20 --kills 200 --stored 100000

Mail comes by SMTP and by IMAP APPEND. Prints one JSON line; exit status 1 if a message was lost, changed, doubled or
made up, if an acknowledged flag is gone, if a uid came to mean another message, or if a restart took RESTART_S. The
supervisor is among the victims (one kill in ten): it is then started again, as an init system would.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from deploy import stores
from deploy.config import load
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.store import entries, folders
from mailserver.store.ingest import prepare
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.e2e.product import Product
from tests.faults.appending import MailClients
from tests.faults.installed import PASSWORD, database_for
from tests.faults.mailflow import Account, Ledger, count, make, send_all
from tests.faults.passing import Passing, ended

SUPERVISOR_SHARE = 0.1
RESTART_S = 10.0
# Serials shown of what went wrong.
SAMPLES = 12
# Whose mailbox holds what was there before.
KEEPER = "luutru"
# Messages of one transaction while it is filled.
BATCH = 500
# People who use a mail client meanwhile.
CLIENTS = 2


def people(number: int) -> list[str]:
    return [f"user{k:04d}" for k in range(1, number + 1)]


def fill(product: Product, messages: int) -> None:
    """Put so many different messages into the keeper's INBOX, without the server."""
    store = stores.open_store(load(product.config))
    keeper = store.db.read(lambda conn: principals.by_address(conn, f"{KEEPER}@{product.domain}"))
    assert keeper is not None
    folder = store.db.read(lambda conn: folders.get(conn, keeper.id, "INBOX").id)
    for first in range(0, messages, BATCH):
        _fill_batch(store, folder, range(first, min(messages, first + BATCH)))
    store.close()


def _fill_batch(store: Store, folder_id: int, numbers: Sequence[int]) -> None:
    prepared = [prepare(make("stored", 4 * number, f"{KEEPER}@bench.test"), store.blobs) for number in numbers]

    def work(tx: Tx) -> None:
        for one in prepared:
            entries.append_tx(tx, folder_id, one, 0, "", 1_767_571_200)

    store.db.write(work, SYSTEM)


def kill_some(
    product: Product, kills: int, messages: int, ledger: Ledger, senders: list[threading.Thread]
) -> tuple[int, list[float]]:
    """Spread `kills` over the run, one each time a further share of the messages is acknowledged.

    How many it came to, and the seconds that each start of the whole server took.
    """
    rnd, done, starts = random.Random(os.urandom(8)), 0, []
    while done < kills and any(thread.is_alive() for thread in senders):
        fate_known = len(ledger.times)
        if fate_known < messages * (done + 0.5) / (kills + 1):
            time.sleep(0.02)
            continue
        children = product.children()
        if rnd.random() < SUPERVISOR_SHARE or not children:
            product.kill()
            begun = time.monotonic()
            product.start()
            starts.append(time.monotonic() - begun)
        else:
            with suppress(ProcessLookupError):
                os.kill(rnd.choice(children), signal.SIGKILL)
        done += 1
    return done, starts


def run(
    top: Path,
    messages: int,
    kills: int,
    connections: int = 8,
    users: int = 10,
    database: str = "",
    stored: int = 0,
    stretch: float = 1.0,
) -> dict[str, object]:
    """The whole procedure in `top`; returns its figures. stored: messages that are there before."""
    product = Product(top, database=database)
    product.init()
    product.add_users([*people(users), KEEPER], PASSWORD)
    fill(product, stored)
    product.start()
    logins = [f"{name}@{product.domain}" for name in people(users)]
    tag = f"{random.getrandbits(32):08x}"
    try:
        ledger, senders = send_all(tag, lambda: ("127.0.0.1", product.ports.smtp), logins, range(messages), connections)
        clients = MailClients(tag, product.ports.imap, logins[:CLIENTS], PASSWORD, ledger)
        try:
            killed, starts = kill_some(product, kills, messages, ledger, senders)
            for thread in senders:
                thread.join()
        finally:
            clients.stop()
        begun = time.monotonic()
        product.kill()
        product.start()
        starts.append(time.monotonic() - begun)
        without_flags = clients.compare()
        account = count(ledger, ("127.0.0.1", product.ports.imap), logins, PASSWORD)
    finally:
        product.stop()
    passing = Passing(stretch)
    passing.tell(stored_before=stored, appended=len(clients.flags), kills=killed, whole_restarts=len(starts))
    passing.exactly(0, flags_lost=len(without_flags), uid_trouble=len(clients.uid_trouble))
    passing.seconds(RESTART_S, slowest_restart_s=max(starts))
    passing.tell(median_restart_s=statistics.median(starts))
    passing.tell(uid_samples=clients.uid_trouble[:SAMPLES])
    result = passing.result
    own = figures(ledger, account)
    fsck = product.command("fsck").strip()[-300:]
    return own | result | {"clean": own["clean"] and result["clean"], "fsck": fsck}


def figures(ledger: Ledger, account: Account) -> dict[str, object]:
    return {
        "acknowledged": len(ledger.acknowledged),
        "unknown": len(ledger.unknown - set(ledger.acknowledged)),
        "refused": {str(code): n for code, n in ledger.refused.items()},
        "found": account.found,
        "lost": len(account.lost),
        "corrupt": len(account.corrupt),
        "duplicates": len(account.duplicates),
        "ghosts": len(account.ghosts),
        "samples": (account.lost + account.corrupt + account.duplicates + account.ghosts)[:SAMPLES],
        "clean": account.clean,
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=5000)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--connections", type=int, default=8)
    options.add_argument("--users", type=int, default=10)
    options.add_argument("--stored", type=int, default=0, help="messages that are there before")
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-kill-") as top, database_for(chosen.database) as database:
        counts = chosen.messages, chosen.kills, chosen.connections, chosen.users
        return ended(run(Path(top), *counts, database=database, stored=chosen.stored))


if __name__ == "__main__":
    sys.exit(main())
