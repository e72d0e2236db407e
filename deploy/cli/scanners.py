"""`vanthu scanners`: whether ClamAV and rspamd answer."""

from __future__ import annotations

import click

from deploy.cli.base import Cli, say
from deploy.cli.refusals import Refused
from deploy.lang import t


@click.command(
    help=t(
        "Xem ClamAV và rspamd có trả lời không. Trạng thái kết thúc 1 nếu có cái không trả lời.",
        "See whether ClamAV and rspamd answer. Exit status 1 if one does not.",
    )
)
@click.pass_obj
def scanners(cli: Cli) -> None:
    from deploy import scanning

    found = scanning.scanners(cli.settings).health()
    for one in found:
        click.echo(f"{'✗' if one.fault else '✓'} {one.name:<7} {one.at}  {one.fault or one.version}")
    if not found:
        say(
            "vanthu.toml không nêu máy quét nào ([clamd], [rspamd]).",
            "vanthu.toml names no scanner ([clamd], [rspamd]).",
        )
    if any(one.fault for one in found):
        raise Refused(t("Có máy quét không trả lời.", "A scanner does not answer."))
