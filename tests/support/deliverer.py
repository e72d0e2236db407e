"""A process that delivers mail until it is killed: `python -m tests.support.deliverer URL BLOBS DATA FOLDER TAG`.

Prints the number of each message after its commit.
"""

from __future__ import annotations

import os
import random
import sys
from functools import partial
from pathlib import Path

from mailserver.actor import SYSTEM
from mailserver.store import entries
from mailserver.store.ingest import Prepared, prepare, store_message_tx
from mailserver.store.store import Store
from mailserver.store.tx import Tx
from tests.support.mail import letter, with_file


def message(tag: str, number: int) -> bytes:
    """The mail that deliverer `tag` sends as its n-th: every fifth with an attachment."""
    if number % 5 == 0:
        return with_file(random.Random(f"{tag}{number}").randbytes(40_000), name=f"{tag}-{number}.bin")
    return letter(f"{tag}-{number}", number=number)


def main(database: str, blobs: str, data_dir: str, folder_id: int, tag: str) -> None:
    store = Store.open(database, blobs, data_dir=Path(data_dir))
    for number in range(1_000_000):
        prepared = prepare(message(tag, number), store.blobs)
        store.db.write(partial(_deliver_tx, prepared=prepared, folder_id=folder_id, date=number), SYSTEM)
        os.write(1, b"%d\n" % number)


def _deliver_tx(tx: Tx, prepared: Prepared, folder_id: int, date: int) -> None:
    entries.deliver_tx(tx, store_message_tx(tx, prepared), [entries.Target(folder_id)], date)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
