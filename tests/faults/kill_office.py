"""Kill any process with SIGKILL while an office works; each act that was answered has to be there exactly once.

    python -m tests.faults.kill_office --kills 100
    python -m tests.faults.kill_office --kills 100 --database postgresql

People send letters that can be taken back, hand files over in pieces, ask for comments, write to a list whose owner
decides, and move mail into Junk; the rule of retention empties their Trash. Times that are days apart are brought
forward in the database, the worker looks three times a second (`tests.faults.hurried`). Prints one JSON line; exit
status 1 if something was lost, done twice or by halves, or if a page answered 5xx.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from deploy import accounts, agencies, stores
from deploy.config import load
from deploy.install import prepare
from mailbox_policies import choices
from mailbox_policies.holding import checks as kept_mail
from mailbox_policies.modes import Mode
from mailbox_policies.rules import sending_rate
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.store import fsck
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.faults.installed import PASSWORD, database_for
from tests.faults.office.asked import Asked
from tests.faults.office.handed import Handed
from tests.faults.office.house import Flow, House, Hurried
from tests.faults.office.moderated import Moderated
from tests.faults.office.retained import Retained
from tests.faults.office.taught import Taught
from tests.faults.office.undone import Undone
from tests.faults.passing import Passing, ended, seconds_until
from tests.faults.processes import named

NAMES = ("an", "binh", "chi", "dung", "giang", "ha", "khanh", "lan", "minh", "nga", "oanh", "phuc")
SUPERVISOR_SHARE = 0.05
# Whom a kill meets, out of so many: most of what is looked at here happens in two kinds of processes.
SHARES = {"worker": 4, "web": 4, "mail": 2}
# In which the worker has to be done with everything when nobody is killed any more.
DONE_WITHIN_S = 60.0
JUNK = 200
# Acts that are answered between two kills; it is not waited for them longer than so many seconds.
ACTS = 12
AT_LATEST_S = 10.0
LOOK_S = 0.02


def flows(house: House, junk: int) -> list[Flow]:
    """Each with people of its own, for their mailboxes are counted."""
    return [
        Undone(house, "an", "binh", waits=True),
        Undone(house, "chi", "dung", waits=False),
        Moderated(house, "giang", "ha", ("khanh", "lan")),
        Asked(house, "minh", ("nga", "oanh")),
        Handed(house, "phuc", "nga"),
        Taught(house, "oanh", junk),
        Retained(house, ("an", "dung", "lan"), held="khanh"),
    ]


def kill_some(house: House, kills: int, acts: int) -> Counter[str]:
    """Kill one process, each time after so many acts were answered; how many of each kind."""
    done: Counter[str] = Counter()
    wait = threading.Event()
    while done.total() < kills:
        seen, until = house.answered, time.monotonic() + AT_LATEST_S
        while house.answered < seen + acts and time.monotonic() < until:
            wait.wait(LOOK_S)
        wait.wait(random.uniform(0, LOOK_S))  # anywhere in an act
        if random.random() < SUPERVISOR_SHARE:
            house.product.kill()
            house.product.start()
            done["all"] += 1
            continue
        kind = random.choices(list(SHARES), list(SHARES.values()))[0]
        if pids := named(house.product, kind):
            with suppress(ProcessLookupError):
                os.kill(random.choice(pids), signal.SIGKILL)
                done[kind] += 1
    return done


def run(
    top: Path, kills: int, acts: int = ACTS, database: str = "", stretch: float = 1.0, junk: int = JUNK
) -> dict[str, object]:
    """The whole procedure in `top`; returns its figures."""
    product = Hurried(top, database=database)
    passing = Passing(stretch)
    try:
        with closing(_installed(product)) as store:
            product.start()
            house = House(product, store)
            own = flows(house, junk)
            for one in own:
                one.prepare()
            passing.tell(kills=dict(_under_kills(house, own, kills, acts)), acts_answered=house.answered)
            slowest = seconds_until(lambda: all(one.quiet() for one in own), DONE_WITHIN_S * stretch)
            passing.seconds(DONE_WITHIN_S, worker_done_s=slowest)
            for one in own:
                one.judge(passing)
            if stretch == 1.0:
                passing.exactly([], answers_5xx=house.refused[:8])
            else:  # on a machine of which nobody knows how busy it is, a page may have waited in vain
                passing.tell(answers_5xx=house.refused[:8])
            product.stop()
            faults = [*fsck.check(store.db, store.blobs), *store.db.read(lambda conn: list(kept_mail.check(conn)))]
            passing.exactly([], fsck=[str(one) for one in faults[:8]])
    finally:
        product.stop()
    return passing.result


def _installed(product: Hurried) -> Store:
    """What `vanthu init` and `vanthu user add` make, without starting Python for each."""
    settings = load(product.config)
    prepare(settings)
    store = stores.open_store(settings)

    def people_tx(tx: Tx) -> None:
        agencies.ensure_tx(tx, product.domain, code=None, name=None, profile=None)
        for name in NAMES:
            address = f"{name}@{product.domain}"
            accounts.add_tx(tx, accounts.Wish(address, "Người Dùng Thử", PASSWORD, must_change=False))
        # The people of this office write more than the rule lets anybody.
        choices.set_tx(tx, principals.agencies(tx.conn)[0].id, sending_rate.RULE, Mode.OFF, {})

    store.db.write(people_tx, SYSTEM)
    return store


def _under_kills(house: House, own: Sequence[Flow], kills: int, acts: int) -> Counter[str]:
    stop, faults = threading.Event(), list[BaseException]()

    def live(one: Flow) -> None:
        try:
            one.live(stop)
        except BaseException as fault:  # told when all have ended
            faults.append(fault)

    people = [threading.Thread(target=live, args=(one,), daemon=True) for one in own]
    for thread in people:
        thread.start()
    try:
        killed = kill_some(house, kills, acts)
    finally:
        stop.set()
        for thread in people:
            thread.join()
    for fault in faults:
        raise fault
    return killed


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--acts", type=int, default=ACTS, help="that are answered between two kills")
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="vanthu-office-") as top, database_for(chosen.database) as database:
        return ended(run(Path(top), chosen.kills, chosen.acts, database))


if __name__ == "__main__":
    sys.exit(main())
