"""Children are kept alive, told to stop, and never outlive their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.waiting import eventually

PATIENCE_S = 60.0


@contextmanager
def supervised(*kinds: str, wait: bool = True) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.deploy.supervised", *kinds]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            if wait:
                assert process.stdout is not None
                assert process.stdout.readline() == "READY\n"
            yield process
        finally:
            process.kill()


def children(pid: int) -> set[int]:
    return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_ready_is_said_once_all_children_serve() -> None:
    with supervised("good", "good", "good") as process:
        assert len(children(process.pid)) == 3


def test_a_killed_child_is_replaced_and_the_others_stay() -> None:
    with supervised("good", "good") as process:
        before = children(process.pid)
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: len(children(process.pid) - {victim}) == 2)
        assert before - {victim} < children(process.pid)
        process.terminate()
        assert "memory runs out" in process.communicate(timeout=PATIENCE_S)[1]


def test_sigterm_ends_everybody_with_status_zero() -> None:
    with supervised("good", "good") as process:
        offspring = children(process.pid)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
        assert not any(alive(pid) for pid in offspring)


def test_a_child_that_does_not_stop_is_killed_in_the_end() -> None:
    with supervised("good", "stubborn") as process:
        offspring = children(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
        assert not any(alive(pid) for pid in offspring)


def test_children_do_not_outlive_a_killed_parent() -> None:
    with supervised("good", "stubborn") as process:
        offspring = children(process.pid)
        process.kill()
        process.wait(PATIENCE_S)
        eventually(lambda: not any(alive(pid) for pid in offspring))


def test_sighup_reaches_the_children() -> None:
    with supervised("good") as process:
        process.send_signal(signal.SIGHUP)
        assert process.stdout is not None
        assert process.stdout.readline() == "heard SIGHUP\n"


def test_children_that_cannot_start_end_the_supervisor() -> None:
    with supervised("good", "broken", wait=False) as process:
        assert process.wait(PATIENCE_S) == 1
