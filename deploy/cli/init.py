"""`vanthu init`: everything an empty installation needs before its first start."""

from __future__ import annotations

import click

from deploy.cli.base import Cli, refuse, say
from deploy.lang import t


@click.command(
    help=t(
        "Tạo thư mục dữ liệu, cơ sở dữ liệu và cơ quan của tên miền. Chạy lại không hại gì.",
        "Make the data folder, the database and the domain's agency. Running it again does no harm.",
    )
)
@click.option("--agency-name", help=t("Tên cơ quan.", "Name of the agency."))
@click.option("--agency-code", help=t("Tên viết tắt trong số ký hiệu, như SXD.", "Abbreviation, such as SXD."))
@click.option("--profile", help=t("Quy chế áp dụng (tệp trong routing/profiles).", "The regulation that applies."))
@click.option("--admin", metavar="ADDRESS", help=t("Tạo quản trị viên đầu tiên.", "Make the first administrator."))
@click.option("--admin-name", default="Quản trị hệ thống", show_default=True)
@click.pass_obj
def init(
    cli: Cli,
    agency_name: str | None,
    agency_code: str | None,
    profile: str | None,
    admin: str | None,
    admin_name: str,
) -> None:
    from deploy import agencies, stores
    from deploy.install import prepare
    from mailserver.senderauth import keys

    if profile is not None and profile not in agencies.profiles():
        known = ", ".join(agencies.profiles())
        refuse(f"Không có quy chế “{profile}”; có: {known}.", f"There is no profile “{profile}”, only {known}.")
    prepare(cli.settings)
    made = cli.write(
        lambda tx: agencies.ensure_tx(tx, cli.settings.domain, code=agency_code, name=agency_name, profile=profile)
    )
    if made:
        say(f"Đã tạo cơ quan của tên miền {cli.settings.domain}.", f"Made the agency of {cli.settings.domain}.")
    elif agency_name or agency_code or profile:
        say(
            "Cơ sở dữ liệu đã sẵn sàng từ trước; tên, mã và quy chế của cơ quan giữ nguyên như đang có.",
            "The database was ready already; the agency keeps the name, code and profile that it has.",
        )
    else:
        say("Cơ sở dữ liệu đã sẵn sàng từ trước.", "The database was ready already.")
    with cli.store() as store:
        keys.ensure(store.db, stores.ADMIN)
    if admin:
        _make_admin(cli, admin, admin_name)


def _make_admin(cli: Cli, address: str, name: str) -> None:
    from deploy import accounts
    from mailserver.directory import capabilities, principals
    from mailserver.directory.passwords import new_first_password

    with cli.store() as store:
        there = store.db.read(lambda conn: principals.by_address(conn, address))
        roles = store.db.read(lambda conn: capabilities.roles_of(conn, there.id, capabilities.today())) if there else ()
    if any(role == "it_admin" for role, _ in roles):
        say(f"Quản trị viên {address} đã có từ trước.", f"The administrator {address} was there already.")
        return
    password = new_first_password()
    wish = accounts.Wish(address=address, name=name, roles=("it_admin",), password=password, must_change=True)
    cli.write(lambda tx: accounts.add_tx(tx, wish))
    say(
        f"Quản trị viên {address}, mật khẩu dùng một lần: {password}",
        f"Administrator {address}, one-time password: {password}",
    )
