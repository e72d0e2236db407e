"""`vanthu queue …`: mail waiting to leave."""

from __future__ import annotations

import click

from deploy.cli.base import Cli, say
from deploy.lang import t


@click.group(help=t("Hàng đợi thư gửi ra ngoài.", "The queue of outgoing mail."))
def queue() -> None: ...


@queue.command("list", help=t("Thư đang chờ gửi.", "Mail waiting to be sent."))
@click.pass_obj
def list_(cli: Cli) -> None:
    with cli.store():
        say(
            "Không có thư nào đang chờ: phiên bản này chỉ chuyển thư trong cơ quan và từ chối người nhận ngoài"
            " ngay khi gửi, nên không giữ thư trong hàng đợi.",
            "Nothing is waiting: this version delivers inside the agency and refuses outside recipients at once,"
            " so that no mail is held in a queue.",
        )
