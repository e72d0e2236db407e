"""What all commands share: settings, the open store, and how a mistake is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from deploy.cli.refusals import Misused
from deploy.lang import t

if TYPE_CHECKING:
    from deploy.config import Settings
    from mailserver.store.database import Tx
    from mailserver.store.store import Store

T = TypeVar("T")


@dataclass
class Cli:
    """The global options of this call."""

    config: Path | None

    @cached_property
    def file(self) -> Path:
        """The configuration file in use. Ends the command if there is none."""
        from deploy.config import find_file
        from deploy.config_errors import ConfigError

        try:
            return find_file(self.config)
        except ConfigError as fault:
            raise Misused(str(fault)) from fault

    @cached_property
    def settings(self) -> Settings:
        """The checked settings. Ends the command with one sentence if they are wrong."""
        from deploy.config import load
        from deploy.config_errors import ConfigError

        try:
            return load(self.file)
        except ConfigError as fault:
            raise Misused(str(fault)) from fault

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The open store, at the schema of this version; closed at the end. What it raises, `faults` tells."""
        from deploy.stores import open_store

        store = open_store(self.settings)
        try:
            yield store
        finally:
            store.close()

    def write(self, work: Callable[[Tx], T]) -> T:
        """Open the store, run `work` in one transaction as the administrator at this machine."""
        from deploy.cli.explain import explained
        from deploy.stores import ADMIN

        with self.store() as store, explained():
            return store.db.write(work, ADMIN)


def say(vi: str, en: str) -> None:
    click.echo(t(vi, en))


def refuse(vi: str, en: str) -> NoReturn:
    """End the command: it was called in a wrong way."""
    raise Misused(t(vi, en))


def read_password() -> str:
    """The password on standard input, without its line end. Ends the command if there is none."""
    given = sys.stdin.buffer.readline().decode("utf-8", "replace").rstrip("\r\n")
    if not given:
        refuse("Không có mật khẩu trên đầu vào chuẩn.", "There is no password on standard input.")
    return given
