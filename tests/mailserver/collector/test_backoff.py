from __future__ import annotations

import pytest

from mailserver.collector.backoff import pause
from mailserver.collector.records import Trouble


@pytest.mark.parametrize(
    ("trouble", "failures", "seconds"),
    [
        (Trouble.UNREACHABLE, 1, 10),
        (Trouble.UNREACHABLE, 2, 20),
        (Trouble.UNREACHABLE, 7, 640),
        (Trouble.UNREACHABLE, 8, 900),
        (Trouble.STORE, 10_000, 900),
        (Trouble.LOGIN, 1, 300),
        (Trouble.LOGIN, 3, 1200),
        (Trouble.CERTIFICATE, 100, 14_400),
    ],
)
def test_the_pause_doubles_up_to_a_limit(trouble: Trouble, failures: int, seconds: float) -> None:
    assert pause(trouble, failures, lambda: 0.5) == seconds


def test_accounts_do_not_come_back_together() -> None:
    assert pause(Trouble.UNREACHABLE, 1, lambda: 0.0) == 7.5
    assert pause(Trouble.UNREACHABLE, 1, lambda: 1.0) == 12.5
