"""`vanthu demo`: the demo agency, and with `--serve` the running server."""

from __future__ import annotations

import os
import sys

import click

from deploy.cli.base import Cli, say
from deploy.cli.progress import bars
from deploy.cli.refusals import Misused, Refused
from deploy.lang import t


@click.command(
    help=t(
        "Tạo cơ quan mẫu: đơn vị, cán bộ, hộp thư, thư và văn bản mẫu. Chạy lại không tạo trùng.",
        "Make the demo agency: units, people, mailboxes, sample mail and documents. Running it again adds nothing.",
    )
)
@click.option("--serve", is_flag=True, help=t("Sau đó chạy máy chủ.", "Then run the server."))
@click.pass_obj
def demo(cli: Cli, serve: bool) -> None:
    _fill(cli)
    _tell(cli)
    if serve:
        # This process becomes the server: one program in the foreground, which Ctrl-C stops.
        command = [sys.executable, "-m", "deploy", "--config", str(cli.file), "serve"]
        sys.stdout.flush()
        os.execv(sys.executable, command)


def _fill(cli: Cli) -> None:
    import smtplib

    from deploy.cli.explain import explained
    from deploy.demo import filling, people, running
    from deploy.install import prepare

    prepare(cli.settings)
    with cli.store() as store:
        if filling.is_complete(store):
            return
        with bars() as progress, explained():
            try:
                filling.make_people(cli.settings, store, progress)
            except people.NotTheDemo as fault:
                raise Misused(str(fault)) from fault
            try:
                with running.mx(cli.settings, cli.file) as mx:
                    filling.send_mail(cli.settings, store, mx, progress)
            except (running.NoServer, OSError, smtplib.SMTPException) as fault:
                sentence = t(f"Không gửi được thư mẫu: {fault}", f"The sample mail was not sent: {fault}")
                raise Refused(sentence) from fault


def _tell(cli: Cli) -> None:
    """Addresses, accounts and passwords."""
    from deploy.demo import filling, tables

    agency = tables.agency()
    passwords = filling.passwords(cli.settings)
    say(f"\n{agency.name}: tài khoản và mật khẩu dùng một lần", f"\n{agency.name}: accounts and one-time passwords")
    for person in agency.people:
        address = f"{person.account}@{agency.domain}"
        duty = agency.title(person.account) or _role(person.roles)
        click.echo(f"  {address:<42} {passwords.of(address)}   {person.name}{', ' + duty if duty else ''}")
    say(
        "\nLần đăng nhập đầu tiên trên trang web buộc đổi mật khẩu; sau đó mới dùng được chương trình thư.",
        "\nThe first sign-in on the web asks for a new password; after that mail clients may sign in too.",
    )
    for name, addresses in _addresses(cli):
        click.echo(f"  {name:<28} {addresses}")
    click.echo()


def _role(roles: tuple[str, ...]) -> str:
    names = {
        "registry": t("Văn thư", "Registry clerk"),
        "it_admin": t("Quản trị hệ thống", "Administrator"),
        "specialist": t("Chuyên viên", "Specialist"),
    }
    return ", ".join(names[role] for role in roles)


def _addresses(cli: Cli) -> list[tuple[str, str]]:
    settings = cli.settings
    web = [f"{'https' if settings.web_uses_tls(one) else 'http'}://{one}/" for one in settings.web.listen]
    rows = [
        (t("Trang web", "Web"), web),
        ("IMAP", settings.imap.plain),
        ("IMAP, TLS", settings.imap.tls),
        (t("Gửi thư (SMTP)", "Submission (SMTP)"), settings.smtp.submission),
        (t("Gửi thư (SMTP, TLS)", "Submission (SMTP, TLS)"), settings.smtp.submissions),
        (t("Nhận thư từ ngoài (MX)", "Mail from outside (MX)"), settings.smtp.mx),
    ]
    return [(name, ", ".join(map(str, listeners))) for name, listeners in rows if listeners]
