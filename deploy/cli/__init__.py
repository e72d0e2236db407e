"""The `vanthu` command. Each subcommand is imported only when it is called, so that short ones start fast."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from deploy import garbage
from deploy.cli.base import Cli
from deploy.lang import t

# Name of the subcommand: where it is.
COMMANDS = {
    "init": "deploy.cli.init:init",
    "serve": "deploy.cli.serve:serve",
    "demo": "deploy.cli.demo:demo",
    "user": "deploy.cli.user:user",
    "mailbox": "deploy.cli.mailbox:mailbox",
    "list": "deploy.cli.mailing:mailing",
    "domain": "deploy.cli.domain:domain",
    "redirect": "deploy.cli.redirect:redirect",
    "policy": "deploy.cli.policy:policy",
    "scanners": "deploy.cli.scanners:scanners",
    "backup": "deploy.cli.backup:backup",
    "restore": "deploy.cli.backup:restore",
    "audit": "deploy.cli.audit:audit",
    "fsck": "deploy.cli.maintenance:fsck",
    "reindex": "deploy.cli.maintenance:reindex",
    "queue": "deploy.cli.queue:queue",
    "collector": "deploy.cli.collector:collector",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _told():
            return super().invoke(ctx)


@contextmanager
def _told() -> Iterator[None]:
    """One sentence for whatever ends a command, but for faults of the program itself."""
    try:
        yield
    except click.UsageError as fault:
        from deploy.cli import usage

        raise usage.told(fault) from fault
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as fault:
        from deploy.cli import faults

        sentence = faults.told(fault)
        if sentence is None:
            raise
        raise sentence from fault


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=t(
        "Máy chủ thư và văn bản Vanthu.",
        "The Vanthu mail and document server.",
    ),
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help=t(
        "Tệp cấu hình (mặc định: ./vanthu.toml, /etc/vanthu/vanthu.toml).",
        "The configuration file (default: ./vanthu.toml, /etc/vanthu/vanthu.toml).",
    ),
)
@click.option(
    "--lang",
    type=click.Choice(["vi", "en"]),
    help=t("Ngôn ngữ (mặc định: theo LANG, không thì tiếng Việt).", "Language (default: by LANG, else Vietnamese)."),
)
@click.version_option(package_name="vanthu")
@click.pass_context
def main(ctx: click.Context, config: Path | None, lang: str | None) -> None:
    ctx.call_on_close(garbage.look_seldom())
    # `lang` was read by deploy.lang before the help texts were made.
    ctx.obj = Cli(config)
