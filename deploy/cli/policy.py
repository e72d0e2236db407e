"""`vanthu policy`: an agency's own size limit, and what a changed one would have done to past mail."""

from __future__ import annotations

import click
from sqlalchemy import Connection

from deploy.cli.base import Cli, refuse, say
from deploy.cli.progress import bars
from deploy.lang import t

MAX_DIGITS = 15


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

    with cli.store() as store, bars() as progress:
        own = store.db.read(lambda conn: _agency_id(conn, cli.settings.domain, None))
        settings = build.agency_rules(cli.settings, store).message_size(own)
        if limit is not None:
            settings = replace(settings, limit=limit)
        if counts is not None:
            settings = replace(settings, counts=Counts(counts))
        report = replay.message_size(store, settings, days, lambda done, total: progress("messages", done, total))
    for hit in report.hits:
        click.echo(f"{hit.at:%Y-%m-%d %H:%M}  {hit.size:>12,}  {hit.sender}  →  {', '.join(hit.owners)}  {hit.subject}")
    say(
        f"{report.seen} thư trong {days} ngày; {len(report.hits)} thư sẽ bị từ chối với giới hạn"
        f" {settings.limit:,} byte.",
        f"{report.seen} messages in {days} days; {len(report.hits)} would be refused with a limit of"
        f" {settings.limit:,} octets.",
    )


@policy.command(
    "set",
    help=t(
        "Đặt giới hạn cỡ thư của một cơ quan: số byte, 0 là không giới hạn, hoặc `default`: như quy chế của cơ quan,"
        " nếu không thì như vanthu.toml.",
        "Set one agency's size limit: octets, 0 for none, or `default`: as its regulation, else vanthu.toml, has it.",
    ),
)
@click.argument("size")
@click.option("--agency", help=t("Tên viết tắt của cơ quan; mặc định: cơ quan của tên miền chính.", "Its code."))
@click.pass_obj
def set_limit(cli: Cli, size: str, agency: str | None) -> None:
    from mailserver.directory import principals

    if size != "default" and not (size.isascii() and size.isdigit() and len(size) <= MAX_DIGITS):
        refuse(f"{size}: không phải số byte.", f"{size}: not a number of octets.")
    limit = None if size == "default" else int(size)
    domain = cli.settings.domain
    cli.write(
        lambda tx: principals.set_setting_tx(tx, _agency_id(tx.conn, domain, agency), "mail.message_size_limit", limit)
    )
    say("Đã đặt, có hiệu lực ngay.", "Set; it holds at once.")


def _agency_id(conn: Connection, domain: str, code: str | None) -> int:
    """The agency of this code, or that of the installation's domain. Ends the command if there is none."""
    from mailserver.directory import principals

    found = principals.agency_of_domain(conn, domain) if code is None else None
    if code is not None:
        found = next((one.id for one in principals.agencies(conn) if one.code == code), None)
    if found is None:
        wanted = code or domain
        refuse(f"Không có cơ quan {wanted}.", f"There is no agency {wanted}.")
    return found
