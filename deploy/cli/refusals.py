"""How a command ends that could not do what it was asked."""

from __future__ import annotations

from typing import Any

import click

# Exit statuses: 1 the command could not do it, 2 it was called or configured wrongly.
FAILED, MISUSED = 1, 2


def tell(message: str) -> None:
    """On standard error, as all that goes wrong is told."""
    click.secho(f"vanthu: {message}", fg="red", err=True)


class Refused(click.ClickException):
    """A sentence for the administrator; the command ends with FAILED."""

    exit_code = FAILED

    def show(self, file: Any = None) -> None:
        tell(self.message)


class Misused(Refused):
    """The command was called, or the installation configured, in a wrong way."""

    exit_code = MISUSED
