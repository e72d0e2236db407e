"""Cut the power while mail is delivered: nothing that had its 250 may be missing from the disk image.

    python -m tests.faults.power_cut --cuts 10        (root; needs loop devices and mkfs.ext4)

The data lie on a loop-mounted ext4 image. A cut stops every process of the server, copies the image as far as
writes have reached the device, mounts the copy (the file system replays its journal), starts the product on it
and counts. What sits only in the page cache is not in the copy: exactly what a power failure would take.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.product import Product
from tests.faults.kill_any import PASSWORD, figures, people
from tests.faults.mailflow import Ledger, count, send_all

IMAGE_OCTETS = 600 * 1024 * 1024
# More messages than a cut ever lets through.
MANY = 200_000


@contextlib.contextmanager
def mounted(image: Path, at: Path) -> Iterator[None]:
    """`image` loop-mounted at `at`; journal commits only on sync, so that nothing is safe by luck."""
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop,commit=300,data=ordered", str(image), str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def make_image(image: Path) -> None:
    with image.open("wb") as out:
        out.truncate(IMAGE_OCTETS)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", str(image)], check=True)


def freeze(product: Product) -> None:
    """Stop every process of the server where it stands; nothing more is written or acknowledged."""
    os.killpg(product.pid, signal.SIGSTOP)


def one_cut(top: Path, users: int, seconds: float) -> dict[str, object]:
    """Deliver for about `seconds` from the first 250 on, cut, look at what the device has. Returns the figures."""
    image, copy = top / "disk.img", top / "cut.img"
    make_image(image)
    logins = [f"{name}@bench.test" for name in people(users)]
    tag = f"{random.getrandbits(32):08x}"
    with mounted(image, top / "disk"):
        product = Product(top / "disk")
        product.init()
        product.add_users(people(users), PASSWORD)
        product.start()
        ports = product.ports
        stop = threading.Event()
        ledger, senders = send_all(tag, lambda: ("127.0.0.1", ports.smtp), logins, range(MANY), 6, stop)
        while not ledger.acknowledged:
            time.sleep(0.01)
        time.sleep(seconds)
        freeze(product)
        with ledger.lock:
            promised = Ledger(dict(ledger.acknowledged), set(ledger.unknown))
        subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
        stop.set()
        product.kill()
        for sender in senders:
            sender.join()
    with mounted(copy, top / "disk"):
        again = Product(top / "disk")
        again.start()
        try:
            account = count(everything_may_be_there(promised, tag), ("127.0.0.1", again.ports.imap), logins, PASSWORD)
        finally:
            again.stop()
        fsck = again.command("fsck").strip()[-200:]
    return figures(promised, account) | {"fsck": fsck}


def everything_may_be_there(promised: Ledger, tag: str) -> Ledger:
    """A message whose 250 was on its way at the cut may be found: it is no ghost."""
    extra = {f"{tag}.{k}" for k in range(MANY)} - set(promised.acknowledged)
    return Ledger(promised.acknowledged, promised.unknown | extra)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cuts", type=int, default=10)
    options.add_argument("--users", type=int, default=4)
    chosen = options.parse_args()
    clean = True
    for number in range(chosen.cuts):
        with tempfile.TemporaryDirectory(prefix="vanthu-cut-") as top:
            result = one_cut(Path(top), chosen.users, random.uniform(1.5, 4.0))
        print(json.dumps({"cut": number} | result), flush=True)
        clean = clean and bool(result["clean"])
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
