"""`vanthu user retire | transfer | stay`: people who leave, on a day that is known before."""

from __future__ import annotations

from datetime import datetime

import click

from deploy.cli.base import Cli, say
from deploy.lang import t

DAY = click.DateTime(formats=("%Y-%m-%d", "%d/%m/%Y"))
FROM = t("Ngày đầu tiên không còn quyền vào, như 01/12/2026.", "The first day without access, as 2026-12-01.")
APPROVED = t("Văn bản quyết định.", "Who decided it.")
SUCCESSOR = t("Địa chỉ người tiếp nhận; không có thì Văn phòng giữ.", "Who takes over; else the office keeps it.")


def _leaving(cli: Cli, address: str, cause: str, day: datetime, approved: str, successor: str) -> None:
    from mailserver.directory import departures, principals
    from mailserver.directory.errors import NoSuchPrincipal
    from mailserver.store.database import Tx

    def work(tx: Tx) -> None:
        who = principals.by_address(tx.conn, address)
        after = principals.by_address(tx.conn, successor) if successor else None
        if who is None or (successor and after is None):
            raise NoSuchPrincipal(address if who is None else successor)
        wish = departures.Wish(departures.Cause(cause), day.date(), approved, after.id if after else None)
        departures.schedule_tx(tx, who.id, wish)

    cli.write(work)
    say(f"{address}: khóa từ {day:%d/%m/%Y}.", f"{address}: shut from {day:%Y-%m-%d} on.")


@click.command(help=t("Ghi ngày nghỉ hưu: đến ngày thì khóa và bàn giao.", "Note a retirement: shut and handed over."))
@click.argument("address")
@click.option("--from", "day", required=True, type=DAY, help=FROM)
@click.option("--approved", required=True, help=APPROVED)
@click.option("--successor", default="", help=SUCCESSOR)
@click.pass_obj
def retire(cli: Cli, address: str, day: datetime, approved: str, successor: str) -> None:
    _leaving(cli, address, "retirement", day, approved, successor)


@click.command(help=t("Như retire, khi chuyển công tác đi nơi khác.", "As retire, for who moves to another agency."))
@click.argument("address")
@click.option("--from", "day", required=True, type=DAY, help=FROM)
@click.option("--approved", required=True, help=APPROVED)
@click.option("--successor", default="", help=SUCCESSOR)
@click.pass_obj
def transfer(cli: Cli, address: str, day: datetime, approved: str, successor: str) -> None:
    _leaving(cli, address, "transfer", day, approved, successor)


@click.command(help=t("Bỏ lịch nghỉ hưu hay chuyển đi, trước ngày ấy.", "Take it back before the day."))
@click.argument("address")
@click.pass_obj
def stay(cli: Cli, address: str) -> None:
    from deploy import accounts
    from mailserver.directory import departures

    cli.write(accounts.on_person(address, departures.cancel_tx))
    say(f"{address} ở lại.", f"{address} stays.")
