"""A pytest plugin that brings out tests which pass by luck: `python -m pytest -p tests.support.hunting tests/…`.

What is ready on a socket is often told some turns of the loop later, as on a machine that has other things to do; and
garbage is collected at the end of each test, so that what it left open fails that test and no later one. uvloop's
turns cannot be delayed, so its tests run on asyncio's loop.
"""

from __future__ import annotations

import asyncio
import gc
import random
import selectors
from collections.abc import Iterator
from typing import Any

import pytest
import uvloop
from _pytest.unraisableexception import collect_unraisable


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--late", type=float, default=0.7, help="share of what is ready that is told later")
    parser.addoption("--late-seed", type=int, default=1, help="another one delays other things")


def pytest_configure(config: pytest.Config) -> None:
    share, dice = config.getoption("--late"), random.Random(config.getoption("--late-seed"))

    class Late(selectors.EpollSelector):
        def select(self, timeout: float | None = None) -> list[Any]:
            return [one for one in super().select(timeout) if dice.random() >= share]

    setattr(selectors, "DefaultSelector", Late)  # noqa: B010 (for mypy it is a class, which is not assigned to)
    setattr(uvloop, "new_event_loop", asyncio.new_event_loop)  # noqa: B010


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield
    gc.collect()
    collect_unraisable(item.config)


def pytest_collection_finish() -> None:
    """What the files hold is looked at no more: else each collection would take as long as many a test."""
    gc.collect()
    gc.freeze()
