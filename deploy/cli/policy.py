"""`vanthu policy dry-run`: what a changed rule would have done to the mail of the last days."""

from __future__ import annotations

import click

from deploy.cli.base import Cli, say
from deploy.cli.progress import bars
from deploy.lang import t


@click.group(help=t("Quy tắc thư của cơ quan.", "The agency's mail rules."))
def policy() -> None: ...


@policy.command(
    "dry-run",
    help=t(
        "Thử giới hạn cỡ thư mới trên thư đã nhận của những ngày qua: thư nào, của ai sẽ bị từ chối.",
        "Try a new size limit on the mail of the last days: which messages, and whose, would be refused.",
    ),
)
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@click.option("--limit", type=click.IntRange(0), help=t("Giới hạn thử, byte.", "The limit to try, octets."))
@click.option("--counts", type=click.Choice(["decoded", "wire"]), help=t("Cách đo.", "What is counted."))
@click.pass_obj
def dry_run(cli: Cli, days: int, limit: int | None, counts: str | None) -> None:
    from dataclasses import replace

    from deploy import build, replay
    from mailbox_policies.rules.message_size import Counts

    settings = build.size_settings(cli.settings)
    if limit is not None:
        settings = replace(settings, limit=limit)
    if counts is not None:
        settings = replace(settings, counts=Counts(counts))
    with cli.store() as store, bars() as progress:
        report = replay.message_size(store, settings, days, lambda done, total: progress("messages", done, total))
    for hit in report.hits:
        click.echo(f"{hit.at:%Y-%m-%d %H:%M}  {hit.size:>12,}  {hit.sender}  →  {', '.join(hit.owners)}  {hit.subject}")
    say(
        f"{report.seen} thư trong {days} ngày; {len(report.hits)} thư sẽ bị từ chối với giới hạn"
        f" {settings.limit:,} byte.",
        f"{report.seen} messages in {days} days; {len(report.hits)} would be refused with a limit of"
        f" {settings.limit:,} octets.",
    )
