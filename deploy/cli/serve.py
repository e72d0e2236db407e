"""`vanthu serve`: the running server."""

from __future__ import annotations

import sys

import click

from deploy import garbage
from deploy.cli.base import Cli
from deploy.cli.refusals import Misused, Refused
from deploy.lang import t


@click.command(
    help=t(
        "Chạy máy chủ cho tới khi có SIGTERM. In dòng READY khi mọi cửa đã mở.",
        "Run the server until SIGTERM. Prints a READY line once every door is open.",
    )
)
@click.pass_obj
def serve(cli: Cli) -> None:
    with garbage.loading():
        from deploy.lock import AlreadyRunning
        from deploy.serve import NothingToServe, run
        from deploy.sockets import CannotListen

    try:
        sys.exit(run(cli.settings))
    except (CannotListen, AlreadyRunning) as fault:
        raise Refused(str(fault)) from fault
    except NothingToServe as fault:
        raise Misused(str(fault)) from fault
