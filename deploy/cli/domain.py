"""`vanthu domain`: the DNS records to publish, compared with what is there, and the keys that sign mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deploy.cli.base import Cli, refuse, say
from deploy.cli.refusals import Refused
from deploy.lang import t

if TYPE_CHECKING:
    from deploy.dnsrecords import Finding, Record
    from mailserver.senderauth.keys import Key
    from mailserver.store.store import Store


@click.group(help=t("Tên miền của cơ quan.", "The agency's domain."))
def domain() -> None: ...


DOMAIN = click.option("--domain", "name", help=t("Tên miền; mặc định: tên miền chính.", "Default: the main domain."))


@domain.command(
    help=t(
        "In các bản ghi DNS cần có và so với DNS. Với --check, trạng thái là 1 nếu còn bản ghi thiếu hay sai.",
        "Print the DNS records needed and compare them with DNS. With --check the status is 1 if any is missing"
        " or wrong.",
    )
)
@DOMAIN
@click.option("--check/--no-check", default=None, help=t("Hỏi DNS.", "Ask DNS."))
@click.pass_obj
def dns(cli: Cli, name: str | None, check: bool | None) -> None:
    import asyncio

    from deploy import build, clock, dnsrecords
    from mailserver.senderauth import keys

    with cli.store() as store:
        known = _keys(cli, store, name)
    wanted = dnsrecords.records(cli.settings, known[0].domain, keys.to_publish(known, clock.now()))
    if check is False:
        for record in wanted:
            click.echo(record.line)
        return
    findings = asyncio.run(dnsrecords.check(wanted, build.dns(cli.settings)))
    for record, finding in zip(wanted, findings, strict=True):
        click.echo(f"{record.line}  ; {_said(finding)}")
    if check and any(finding is not dnsrecords.Finding.PRESENT for finding in findings):
        raise Refused(t("DNS chưa đủ hoặc chưa đúng.", "DNS is not complete or not right."))


@domain.command(
    "rotate-key",
    help=t(
        "Tạo khóa DKIM mới và in bản ghi của nó. Khóa cũ vẫn ký cho tới khi dùng `activate-key`.",
        "Make a new DKIM key and print its record. The old one signs until `activate-key`.",
    ),
)
@DOMAIN
@click.pass_obj
def rotate_key(cli: Cli, name: str | None) -> None:
    from deploy import stores
    from mailserver.senderauth import keys

    with cli.store() as store:
        own = _keys(cli, store, name)[0].domain
        made = keys.rotate(store.db, own, stores.ADMIN)
    click.echo(_record(made).line)
    say(
        f"Đưa bản ghi này vào DNS, rồi chạy: vanthu domain activate-key {made.selector} --domain {own}",
        f"Put this record into DNS, then run: vanthu domain activate-key {made.selector} --domain {own}",
    )


@domain.command(
    "activate-key",
    help=t(
        "Ký bằng khóa này từ bây giờ; từ chối nếu bản ghi của nó chưa có trong DNS.",
        "Sign with this key from now on; refused if its record is not in DNS.",
    ),
)
@click.argument("selector")
@DOMAIN
@click.option("--force", is_flag=True, help=t("Không hỏi DNS.", "Ask no DNS server."))
@click.pass_obj
def activate_key(cli: Cli, selector: str, name: str | None, force: bool) -> None:
    import asyncio

    from deploy import build, dnsrecords, stores
    from mailserver.senderauth import keys

    with cli.store() as store:
        known = _keys(cli, store, name)
        key = next((one for one in known if one.selector == selector), None)
        if key is None:
            refuse(f"Không có khóa {selector}.", f"There is no key {selector}.")
        if not force:
            finding = asyncio.run(dnsrecords.check([_record(key)], build.dns(cli.settings)))[0]
            if finding is not dnsrecords.Finding.PRESENT:
                raise Refused(f"{_record(key).name}: {_said(finding)}")
        own = key.domain
        store.db.write(lambda tx: keys.activate_tx(tx, own, selector), stores.ADMIN)
    say(
        f"Thư của {own} được ký bằng khóa {selector}. Giữ bản ghi của khóa cũ thêm 14 ngày.",
        f"Mail of {own} is signed with the key {selector}. Keep the old key's record for 14 more days.",
    )


def _keys(cli: Cli, store: Store, name: str | None) -> list[Key]:
    """The keys of the domain asked for, the newest first; one is made where there is none. Ends the command
    for a domain that is not ours."""
    from deploy import stores
    from mailserver.senderauth import keys

    keys.ensure(store.db, stores.ADMIN)
    wanted = (name or cli.settings.domain).lower()
    found = store.db.read(lambda conn: keys.keys_of(conn, wanted))
    if not found:
        refuse(f"{wanted} không phải tên miền của máy chủ này.", f"{wanted} is no domain of this server.")
    return found


def _record(key: Key) -> Record:
    from deploy.dnsrecords import Record

    return Record(key.record_name, "TXT", key.record)


def _said(finding: Finding) -> str:
    return {
        "present": t("đã có", "present"),
        "different": t("có nhưng khác", "present, but different"),
        "absent": t("chưa có", "absent"),
        "unknown": t("không hỏi được DNS", "no answer from DNS"),
    }[finding.value]
