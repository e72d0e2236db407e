"""`vanthu user …`: accounts of people. Works before the first start and while the server runs."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli import leaving
from deploy.cli.base import Cli, read_password, say
from deploy.lang import t

PASSWORD_STDIN = t("Đọc mật khẩu từ đầu vào chuẩn.", "Read the password from standard input.")
MUST_CHANGE = t("Buộc đổi mật khẩu khi đăng nhập lần đầu.", "The password must be changed at first sign-in.")


@click.group(help=t("Tài khoản của cán bộ.", "Accounts of people."))
def user() -> None: ...


@user.command(help=t("Tạo tài khoản và hộp thư.", "Make an account and its mailbox."))
@click.argument("address")
@click.option("--name", required=True, help=t("Họ và tên.", "Full name, family name first."))
@click.option("--unit", default="", help=t("Mã đơn vị, như QLXD.", "Code of the unit."))
@click.option("--role", "roles", multiple=True, help=t("Vai trò, dùng được nhiều lần.", "A role; may be repeated."))
@click.option("--password-stdin", is_flag=True, help=PASSWORD_STDIN)
@click.option("--must-change", is_flag=True, help=MUST_CHANGE)
@click.pass_obj
def add(
    cli: Cli, address: str, name: str, unit: str, roles: tuple[str, ...], password_stdin: bool, must_change: bool
) -> None:
    from deploy import accounts
    from mailserver.directory.passwords import new_first_password

    password = read_password() if password_stdin else new_first_password()
    wish = accounts.Wish(address, name, password, must_change or not password_stdin, unit, roles)
    cli.write(lambda tx: accounts.add_tx(tx, wish))
    _warn_of_weakness(password, address, name)
    say(f"Đã tạo tài khoản {address}.", f"Made the account {address}.")
    if not password_stdin:
        _tell_password(password)


@user.command(help=t("Đặt mật khẩu mới.", "Set a new password."))
@click.argument("address")
@click.option("--password-stdin", is_flag=True, help=PASSWORD_STDIN)
@click.option("--must-change", is_flag=True, help=MUST_CHANGE)
@click.pass_obj
def passwd(cli: Cli, address: str, password_stdin: bool, must_change: bool) -> None:
    from deploy import accounts
    from mailserver.directory import credentials
    from mailserver.directory.passwords import new_first_password

    password = read_password() if password_stdin else new_first_password()
    change = must_change or not password_stdin
    cli.write(
        accounts.on_person(
            address,
            lambda tx, person: credentials.set_password_tx(tx, person, password, must_change=change, enforce=False),
        )
    )
    _warn_of_weakness(password, address)
    say(f"Đã đặt mật khẩu mới cho {address}.", f"Set a new password for {address}.")
    if not password_stdin:
        _tell_password(password)


def _warn_of_weakness(password: str, *names: str) -> None:
    from deploy import accounts

    if found := accounts.weakness(password, *names):
        click.echo(t(f"Cảnh báo: {found.sentence.vi}", f"Warning: {found.sentence.en}"), err=True)


def _tell_password(password: str) -> None:
    say(
        f"Mật khẩu dùng một lần (phải đổi khi đăng nhập trang web lần đầu): {password}",
        f"One-time password (to be changed at the first sign-in on the web): {password}",
    )


@user.command(help=t("Khóa tài khoản: không vào được nữa, thư vẫn đến.", "Lock: no sign-in; mail still arrives."))
@click.argument("address")
@click.option("--reason", default="")
@click.pass_obj
def lock(cli: Cli, address: str, reason: str) -> None:
    from deploy import accounts
    from mailserver.directory import principals

    cli.write(accounts.on_person(address, lambda tx, person: principals.lock_person_tx(tx, person, reason)))
    say(f"Đã khóa {address}.", f"Locked {address}.")


@user.command(help=t("Mở khóa tài khoản.", "Unlock an account."))
@click.argument("address")
@click.option("--reason", default="")
@click.pass_obj
def unlock(cli: Cli, address: str, reason: str) -> None:
    from deploy import accounts
    from mailserver.directory import principals

    cli.write(accounts.on_person(address, lambda tx, person: principals.unlock_person_tx(tx, person, reason)))
    say(f"Đã mở khóa {address}.", f"Unlocked {address}.")


@user.command(
    help=t(
        "Ẩn hoặc hiện lại khả năng IMAP đối với một tài khoản; có hiệu lực từ lần đăng nhập sau.",
        "Hide IMAP capabilities from one account, or show them again; it holds from the next sign-in on.",
    )
)
@click.argument("address")
@click.option("--hide", default="", help=t("Tên cách nhau dấu phẩy, như QRESYNC,NOTIFY.", "Names, as QRESYNC,NOTIFY."))
@click.option("--show", default="", help=t("Như trên, để hiện lại.", "The same, to show them again."))
@click.pass_obj
def capabilities(cli: Cli, address: str, hide: str, show: str) -> None:
    from deploy import accounts

    hidden = cli.write(accounts.mask_capabilities(address, _names(hide), _names(show)))
    names = ", ".join(sorted(hidden)) or "–"
    say(f"Khả năng IMAP đang ẩn với {address}: {names}", f"IMAP capabilities hidden from {address}: {names}")


def _names(listed: str) -> list[str]:
    return [name for name in listed.replace(",", " ").split() if name]


@user.command(
    "import",
    help=t(
        "Tạo nhiều tài khoản từ tệp .csv hoặc .xlsx; tên tài khoản theo quy tắc của cơ quan nếu tệp không ghi.",
        "Make many accounts from a .csv or .xlsx file; accounts are named by the agency's rule where it names none.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help=t("Chỉ cho xem, không tạo.", "Only show what would be made."))
@click.pass_obj
def import_(cli: Cli, file: Path, dry_run: bool) -> None:
    from deploy.cli import importing

    importing.run(cli, file, dry_run)


for command in (leaving.retire, leaving.transfer, leaving.stay):
    user.add_command(command)
