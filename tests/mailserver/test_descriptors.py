"""Which descriptors are the last ones."""

from __future__ import annotations

import resource
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mailserver.descriptors import KEPT, is_one_of_the_last


@pytest.mark.parametrize(
    ("most", "number", "last"),
    [
        (1024, 1024 - KEPT - 1, False),
        (1024, 1024 - KEPT, True),
        (64, 31, False),
        (64, 32, True),
        (resource.RLIM_INFINITY, 100_000, False),
    ],
)
def test_the_highest_numbers_are_kept(monkeypatch: pytest.MonkeyPatch, most: int, number: int, last: bool) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (most, most))
    sock: Any = cast(Any, SimpleNamespace(fileno=lambda: number))
    assert is_one_of_the_last(sock) is last


def test_a_transport_without_a_socket_takes_none() -> None:
    assert not is_one_of_the_last(None)
