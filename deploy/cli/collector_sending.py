"""`vanthu collector send` and `no-send`: mail under the address of a mailbox elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deploy.cli.base import Cli, read_password, say
from deploy.cli.collector_parts import change, vault
from deploy.cli.refusals import Refused
from deploy.cli.usage import NUMBER
from deploy.lang import t

if TYPE_CHECKING:
    from mailserver.store.database import Tx

PORTS = {"tls": 465, "starttls": 587, "none": 587}


@click.command(
    help=t(
        "Gửi thư mang địa chỉ của hộp thư ở xa qua máy chủ gửi thư của chính nó. Ai được gửi thay hộp thư TARGET thì"
        " dùng được địa chỉ ấy.",
        "Send mail under the address of the mailbox elsewhere by its own submission server. Who may write for TARGET"
        " may use that address.",
    )
)
@click.argument("account_id", type=NUMBER, metavar="ACCOUNT")
@click.option("--as", "address", required=True, help=t("Địa chỉ trong ô Người gửi.", "The address in From."))
@click.option("--host", required=True, help=t("Máy chủ gửi thư (SMTP).", "The submission server (SMTP)."))
@click.option("--tls", "security", type=click.Choice(list(PORTS)), default="tls", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help=t("Mặc định 465 hoặc 587.", "Default: 465 or 587."))
@click.option("--login", default="", help=t("Mặc định như khi lấy thư.", "Default: as for fetching."))
@click.option(
    "--password-stdin",
    is_flag=True,
    help=t(
        "Mật khẩu riêng từ đầu vào; mặc định như khi lấy thư.", "Its own password on stdin; default: as for fetching."
    ),
)
@click.pass_obj
def send(
    cli: Cli,
    account_id: int,
    address: str,
    host: str,
    security: str,
    port: int | None,
    login: str,
    password_stdin: bool,
) -> None:
    from mailserver.collector import accounts, sending
    from mailserver.collector.records import Remote, Security

    secret = vault(cli).lock(read_password()) if password_stdin else None

    def work(tx: Tx) -> None:
        user = login or accounts.get(tx.conn, account_id).wish.remote.login
        server = Remote(host, port or PORTS[security], Security(security), user)
        sending.choose_tx(tx, account_id, address, server, secret)

    change(cli, work)
    say(
        f"Thư của {address} được gửi qua {host}. Thử ngay: vanthu collector check {account_id}",
        f"Mail of {address} is sent by {host}. Try it: vanthu collector check {account_id}",
    )
    if not cli.settings.outbound.enabled:
        say(
            "Nhưng outbound.enabled đang tắt: chưa có thư nào ra ngoài.", "But outbound.enabled is off: no mail leaves."
        )


@click.command(
    "no-send",
    help=t(
        "Thôi gửi bằng địa chỉ của hộp thư ở xa; thư đang chờ gửi bị trả lại.",
        "Send no more under the address of the mailbox elsewhere; mail that waits is returned.",
    ),
)
@click.argument("account_id", type=NUMBER, metavar="ACCOUNT")
@click.pass_obj
def no_send(cli: Cli, account_id: int) -> None:
    from mailserver.collector import sending

    if not cli.write(lambda tx: sending.end_tx(tx, account_id)):
        raise Refused(t(f"Tài khoản {account_id} không dùng để gửi.", f"Nothing is sent by account {account_id}."))
    say(f"Không gửi bằng địa chỉ của tài khoản {account_id} nữa.", f"Nothing is sent by account {account_id} any more.")
