"""The worker's thread for what people wait for by the clock."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from deploy.config import Settings
from deploy.processes import worker
from deploy.processes.worker import Task
from mailserver.store.store import Store


def test_it_goes_on_after_a_fault_and_ends_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AFTER_FAILURE_S", 0.0)
    done, stopping, runs = threading.Event(), threading.Event(), []

    def run(_store: Store) -> bool:
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError("a fault of ours")
        done.set()
        return False

    job = Task("letters", 0.0, run)
    thread = threading.Thread(target=worker.repeat, args=(job, cast(Store, None), stopping))
    thread.start()
    assert done.wait(60)
    stopping.set()
    thread.join(60)
    assert not thread.is_alive()


def test_the_removal_of_old_events_knows_every_reader_of_the_log(tmp_path: Path) -> None:
    """A reader that it does not know would lose its place."""
    own = worker.tasks(Settings(data_dir=tmp_path, domain="sct.test"))
    kept = next(task.run for task in own if task.name == "garbage")
    assert isinstance(kept, partial)
    named = {"absence-answers", "new-devices", "passkeys", "spam-moves", "spam-written-to", "unusual-sending"}
    assert kept.args == (frozenset(named),)
