"""`vanthu fsck` and `vanthu reindex`."""

from __future__ import annotations

import click

from deploy.cli.base import Cli, say
from deploy.cli.progress import bars
from deploy.cli.refusals import Refused
from deploy.lang import t


@click.command(
    help=t(
        "Kiểm tra kho thư: số đếm, nội dung, tệp lớn, nhật ký. Trạng thái kết thúc 1 nếu có sai.",
        "Check the store: counts, contents, large files, audit log. Exit status 1 if anything is wrong.",
    )
)
@click.pass_obj
def fsck(cli: Cli) -> None:
    from mailbox_policies.holding.checks import check as kept
    from mailserver.store.fsck import check

    with cli.store() as store:
        findings = check(store.db, store.blobs, lambda step: click.echo(f"… {step}", err=True))
        click.echo("… kept mail", err=True)
        findings.extend(store.db.read(lambda conn: list(kept(conn))))
    for finding in findings:
        click.echo(f"{finding.kind}: {finding.detail}")
    if findings:
        say(f"Có {len(findings)} chỗ sai.", f"{len(findings)} faults found.")
        raise SystemExit(1)
    say("Kho thư không có lỗi.", "The store is in order.")


@click.command(
    help=t(
        "Lập lại chỉ mục tìm kiếm toàn văn của mọi thư. Trạng thái kết thúc 1 nếu có thư không đọc được.",
        "Make the full-text index of all messages anew. Exit status 1 if any message cannot be read.",
    )
)
@click.pass_obj
def reindex(cli: Cli) -> None:
    from deploy.reindexing import reindex as run

    unread: list[str] = []
    with cli.store() as store, bars() as progress:
        count = run(
            store,
            lambda done, total: progress("messages", done, total),
            lambda message_pk, fault: unread.append(f"message {message_pk}: {fault}"),
        )
    for line in unread:
        click.echo(line)
    say(f"Đã lập lại chỉ mục cho {count - len(unread)} thư.", f"Indexed {count - len(unread)} messages anew.")
    if unread:
        raise Refused(t(f"{len(unread)} thư không đọc được.", f"{len(unread)} messages cannot be read."))
