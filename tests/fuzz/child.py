"""The process in which libFuzzer runs: `python -m tests.fuzz.child TARGET CORPUS SEED [libFuzzer's options]`.

What is imported by a target is instrumented, so this process imports nothing of the product before.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

import atheris

from tests.fuzz.target import Target, found, load

# Seconds of CPU for one input; none is longer than some KiB, and most take a hundredth of this.
MOST_CPU = 1.0


class TooSlow(Exception):
    """An input took more CPU than any of its length may."""


def main(name: str, corpus: Path, seed: str, *options: str) -> None:
    with atheris.instrument_imports(include=["mailserver"]):
        target = load(name)
    faults = corpus.parent / f"{name}-faults"
    faults.mkdir(exist_ok=True)
    _plant(target, found(name), corpus)
    own = [f"-seed={seed}", f"-max_len={target.longest}", f"-dict={target.dictionary}", f"-artifact_prefix={faults}/"]
    atheris.Setup([name, *own, "-timeout=20", "-rss_limit_mb=3000", *options, str(corpus)], timed(target.check))
    atheris.Fuzz()


def timed(check: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The check, and that it does not take long. CPU of this process counts, not that of its neighbours."""

    def run(raw: bytes) -> None:
        started = time.process_time()
        check(raw)
        if time.process_time() - started > MOST_CPU:
            raise TooSlow

    return run


def _plant(target: Target, once_found: list[bytes], corpus: Path) -> None:
    for raw in [*target.seeds(), *once_found]:
        (corpus / sha1(raw, usedforsecurity=False).hexdigest()).write_bytes(raw)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
