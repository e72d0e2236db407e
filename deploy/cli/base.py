"""What all commands share: settings, the open store, and how a mistake is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from deploy.lang import t

if TYPE_CHECKING:
    from deploy.config import Settings
    from mailserver.store.database import Tx
    from mailserver.store.store import Store

T = TypeVar("T")
# Exit statuses: 1 the command could not do it, 2 it was called or configured wrongly.
FAILED, MISUSED = 1, 2


class Refused(click.ClickException):
    """A sentence for the administrator; the command ends with `exit_code`."""

    def __init__(self, sentence: str, exit_code: int = FAILED) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code

    def show(self, file: object = None) -> None:
        click.secho(f"vanthu: {self.message}", fg="red", err=True)


@dataclass
class Cli:
    """The global options of this call."""

    config: Path | None

    @cached_property
    def file(self) -> Path:
        """The configuration file in use. Ends the command if there is none."""
        from deploy.config import ConfigError, find_file

        try:
            return find_file(self.config)
        except ConfigError as fault:
            raise Refused(str(fault), MISUSED) from fault

    @cached_property
    def settings(self) -> Settings:
        """The checked settings. Ends the command with one sentence if they are wrong."""
        from deploy.config import ConfigError, load

        try:
            return load(self.file)
        except ConfigError as fault:
            raise Refused(str(fault), MISUSED) from fault

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The open store, at the schema of this version; closed at the end."""
        from deploy.build import open_store
        from deploy.migrate import WrongSchema
        from mailserver.store.errors import StoreError, StoreUnavailable

        try:
            store = open_store(self.settings)
        except WrongSchema as fault:
            raise Refused(str(fault)) from fault
        except (StoreUnavailable, OSError) as fault:
            raise Refused(_unreachable(fault)) from fault
        try:
            yield store
        except StoreUnavailable as fault:
            raise Refused(_unreachable(fault)) from fault
        except StoreError as fault:
            raise Refused(f"{type(fault).__name__}: {fault}") from fault
        finally:
            store.db.close()

    def write(self, work: Callable[[Tx], T]) -> T:
        """Open the store, run `work` in one transaction as the administrator at this machine."""
        from deploy.build import ADMIN
        from deploy.cli.explain import explained

        with self.store() as store, explained():
            return store.db.write(work, ADMIN)


def _unreachable(fault: BaseException) -> str:
    return t(f"Không dùng được kho dữ liệu: {fault}.", f"The store cannot be used: {fault}.")


def say(vi: str, en: str) -> None:
    click.echo(t(vi, en))


def refuse(vi: str, en: str, exit_code: int = FAILED) -> NoReturn:
    raise Refused(t(vi, en), exit_code)


def read_password() -> str:
    """The password on standard input, without its line end. Ends the command if there is none."""
    given = click.get_text_stream("stdin", encoding="utf-8").readline().rstrip("\r\n")
    if not given:
        refuse("Không có mật khẩu trên đầu vào chuẩn.", "There is no password on standard input.", MISUSED)
    return given


def new_password() -> str:
    """A one-time password that can be read out on the telephone: about 60 bits."""
    import secrets

    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))
