"""What the commands of `vanthu collector` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.cli.base import Cli
from deploy.cli.refusals import Refused

if TYPE_CHECKING:
    from mailserver.collector.vault import PasswordVault
    from mailserver.store.database import Tx


def change(cli: Cli, work: Callable[[Tx], None]) -> None:
    with explained():
        cli.write(work)


def vault(cli: Cli) -> PasswordVault:
    from deploy.install import collector_key
    from mailserver.collector.vault import PasswordVault

    return PasswordVault(collector_key(cli.settings))


@contextmanager
def explained() -> Iterator[None]:
    from deploy.cli.collector_words import sentence
    from mailserver.collector.errors import CollectorError

    try:
        yield
    except CollectorError as fault:
        raise Refused(sentence(fault)) from fault
