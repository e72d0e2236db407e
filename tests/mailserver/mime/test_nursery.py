"""Children that read documents, and the process that forks them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mailserver.mime.nursery import Nursery
from tests.mailserver.mime.test_extract import pdf_file, word_file

WORDS = "{} 536870912 60000"


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    if made.pid is not None:
        os.kill(made.pid, signal.SIGKILL)
        os.waitpid(made.pid, 0)
    made.disown()


def read(nursery: Nursery, kind: str, data: bytes) -> str:
    return nursery.read(data, WORDS.format(kind), 60).decode().strip()


def test_one_process_forks_for_all_documents(nursery: Nursery) -> None:
    assert nursery.pid is None
    assert read(nursery, "pdf", pdf_file()) == "So 12/UBND-VP"
    first = nursery.pid
    assert read(nursery, "docx", word_file()).startswith("Công văn")
    assert nursery.pid == first


def test_when_it_is_gone_another_is_started(nursery: Nursery) -> None:
    """It may be killed, or end by itself between two documents."""
    for number in (signal.SIGKILL, signal.SIGTERM):
        assert read(nursery, "pdf", pdf_file()) == "So 12/UBND-VP"
        first = nursery.pid
        assert first is not None
        os.kill(first, number)
        assert read(nursery, "pdf", pdf_file()) == "So 12/UBND-VP"
        assert nursery.pid != first


def test_when_it_is_stuck_another_is_started(nursery: Nursery) -> None:
    assert read(nursery, "pdf", pdf_file()) == "So 12/UBND-VP"
    first = nursery.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    assert nursery.read(pdf_file(), WORDS.format("pdf"), 0.05) == b""
    assert read(nursery, "pdf", pdf_file()) == "So 12/UBND-VP"
    assert nursery.pid != first


def test_many_threads_read_at_once(nursery: Nursery) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _n: read(nursery, "pdf", pdf_file()), range(24)))
    assert set(found) == {"So 12/UBND-VP"}


def test_a_child_of_the_process_starts_its_own(nursery: Nursery) -> None:
    assert read(nursery, "pdf", pdf_file()) == "So 12/UBND-VP"
    child = os.fork()
    if child == 0:
        status = 1
        try:
            nursery.disown()
            status = int(nursery.pid is not None)
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert read(nursery, "pdf", pdf_file()) == "So 12/UBND-VP"
