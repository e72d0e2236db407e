"""Kill any process with SIGKILL at random while mail is delivered; nothing with its 250 may be missing.

    python -m tests.faults.kill_any --messages 5000 --kills 50

Prints one JSON line; exit status 1 if a message was lost, changed, doubled or made up. The supervisor is
among the victims (one kill in ten): it is then started again, as an init system would.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.e2e.product import Product
from tests.faults.mailflow import Account, Ledger, count, send_all

PASSWORD = "mat-khau-thu-nghiem"
SUPERVISOR_SHARE = 0.1
# Serials shown of what went wrong.
SAMPLES = 12


def people(number: int) -> list[str]:
    return [f"user{k:04d}" for k in range(1, number + 1)]


def kill_some(product: Product, kills: int, messages: int, ledger: Ledger, senders: list[threading.Thread]) -> int:
    """Spread `kills` over the run, one each time a further share of the messages is acknowledged."""
    rnd, done = random.Random(os.urandom(8)), 0
    while done < kills and any(thread.is_alive() for thread in senders):
        fate_known = len(ledger.acknowledged) + len(ledger.unknown) + ledger.refused.total()
        if fate_known < messages * (done + 0.5) / (kills + 1):
            time.sleep(0.02)
            continue
        children = product.children()
        if rnd.random() < SUPERVISOR_SHARE or not children:
            product.kill()
            product.start()
        else:
            with suppress(ProcessLookupError):
                os.kill(rnd.choice(children), signal.SIGKILL)
        done += 1
    return done


def run(
    top: Path, messages: int, kills: int, connections: int = 8, users: int = 10, database: str = ""
) -> dict[str, object]:
    """The whole procedure in `top`; returns its figures."""
    product = Product(top, database=database)
    product.init()
    product.add_users(people(users), PASSWORD)
    product.start()
    try:
        logins = [f"{name}@{product.domain}" for name in people(users)]
        tag = f"{random.getrandbits(32):08x}"
        ledger, senders = send_all(tag, lambda: ("127.0.0.1", product.ports.smtp), logins, range(messages), connections)
        killed = kill_some(product, kills, messages, ledger, senders)
        for thread in senders:
            thread.join()
        account = count(ledger, ("127.0.0.1", product.ports.imap), logins, PASSWORD)
    finally:
        product.stop()
    return figures(ledger, account) | {"kills": killed, "fsck": product.command("fsck").strip()[-300:]}


def figures(ledger: Ledger, account: Account) -> dict[str, object]:
    return {
        "acknowledged": len(ledger.acknowledged),
        "unknown": len(ledger.unknown),
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
    options.add_argument("--database", default="", help="a SQLAlchemy URL; SQLite in the folder if absent")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-kill-") as top:
        result = run(Path(top), chosen.messages, chosen.kills, chosen.connections, chosen.users, chosen.database)
    print(json.dumps(result))
    return 0 if result["clean"] else 1


if __name__ == "__main__":
    sys.exit(main())
