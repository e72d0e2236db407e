"""`vanthu list`: distribution lists, their members, and who may write to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy.cli.base import Cli, say
from deploy.cli.refusals import Refused
from deploy.lang import t

POSTING = ("anyone", "agency", "members", "posters")
REACH = ("mailbox", "people", "below")
MIB = 1024 * 1024


@click.group(help=t("Danh sách thư.", "Distribution lists."))
def mailing() -> None: ...


def settings(command: Any) -> Any:
    """The options that say how a list takes letters."""
    options = (
        click.option(
            "--posting",
            type=click.Choice(POSTING),
            help=t(
                "Ai được gửi: mọi người kể cả bên ngoài, cơ quan, thành viên, người được nêu tên.",
                "Who may write: anybody, outside too; the agency; members; who is named.",
            ),
        ),
        click.option(
            "--moderated/--refusing",
            "moderated",
            default=None,
            help=t("Thư của người không có quyền: chờ duyệt, hoặc từ chối.", "Letters of others: held, or refused."),
        ),
        click.option(
            "--size",
            type=click.IntRange(0, 1024),
            help=t("MB lớn nhất của một thư; 0: như mọi nơi.", "Largest letter in MB; 0: as everywhere."),
        ),
        click.option(
            "--reply-to",
            type=click.Choice(["author", "list"]),
            help=t("Thư trả lời gửi tới ai.", "Where answers go."),
        ),
        click.option(
            "--shown-to",
            type=click.Choice(["agency", "members", "owners"]),
            help=t("Ai xem được thành viên.", "Who may see the members."),
        ),
        click.option(
            "--leave/--no-leave", "may_leave", default=None, help=t("Thành viên tự rời được.", "Members may leave.")
        ),
        click.option(
            "--outside/--no-outside",
            "takes_outside",
            default=None,
            help=t("Nhận thành viên ngoài cơ quan.", "Take members elsewhere."),
        ),
    )
    for option in options:
        command = option(command)
    return command


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    """What the options say, as `Settings` has it."""
    from mailserver.directory.mailing_lists import Posting, ReplyTo, ShownTo

    size = given.pop("size")
    if size is not None:
        given["size_limit"] = size * MIB
    kinds = {"posting": Posting, "reply_to": ReplyTo, "shown_to": ShownTo}
    return {name: kinds[name](one) if name in kinds else one for name, one in given.items() if one is not None}


@mailing.command(help=t("Tạo danh sách ADDRESS.", "Make the list ADDRESS."))
@click.argument("address")
@click.option("--title", required=True, help=t("Tên của danh sách.", "What it is called."))
@settings
@click.pass_obj
def add(cli: Cli, /, address: str, title: str, **given: Any) -> None:
    from deploy import mailing as lists

    cli.write(lambda tx: lists.add_tx(tx, address, title, _changes(given)))
    say(f"Đã tạo danh sách {address}.", f"The list {address} is made.")


@mailing.command("set", help=t("Đổi cách nhận thư của danh sách ADDRESS.", "Change how the list ADDRESS works."))
@click.argument("address")
@click.option("--title", help=t("Tên mới.", "A new title."))
@settings
@click.pass_obj
def change(cli: Cli, /, address: str, title: str | None, **given: Any) -> None:
    from deploy import mailing as lists

    changed = cli.write(lambda tx: lists.set_tx(tx, address, title, _changes(given)))
    say("Đã lưu." if changed else "Không có gì thay đổi.", "Saved." if changed else "Nothing has changed.")


@mailing.command(
    help=t("Xem danh sách ADDRESS; không ghi thì liệt kê tất cả.", "Show the list ADDRESS; without it, name all.")
)
@click.argument("address", required=False)
@click.pass_obj
def show(cli: Cli, address: str | None) -> None:
    from deploy import mailing as lists
    from deploy.cli.explain import explained

    with cli.store() as store, explained():
        if address is None:
            for one in store.db.read(lists.all_lists):
                click.echo(f"{one.address}  {one.name}")
            return
        found = store.db.read(lambda conn: lists.show(conn, address))
    held = found.settings
    click.echo(f"{found.who.address}  {found.who.name}  ({found.who.status.value})")
    size = held.size_limit // MIB
    click.echo(f"posting={held.posting} moderated={_word(held.moderated)} size={size} reply-to={held.reply_to}")
    outside = f"leave={_word(held.may_leave)} outside={_word(held.takes_outside)}"
    click.echo(f"shown-to={held.shown_to} {outside}")
    for role, people in (("owner", found.owners), ("poster", found.posters)):
        for who in people:
            click.echo(f"{role}: {who.address}  {who.name}")
    for member in found.members:
        click.echo(f"member: {member.who.address}  {member.who.name}  {member.reach}")
    for elsewhere in found.outsiders:
        click.echo(f"member: {elsewhere}")


@mailing.command(
    help=t(
        "Đưa WHO (người, chức vụ, đơn vị, danh sách, địa chỉ ngoài) vào danh sách ADDRESS, hoặc đưa ra.",
        "Put WHO (people, posts, units, lists, addresses elsewhere) into the list ADDRESS, or take them out.",
    )
)
@click.argument("address")
@click.argument("who", nargs=-1, required=True)
@click.option(
    "--reach",
    type=click.Choice(REACH),
    default="mailbox",
    show_default=True,
    help=t("Đơn vị là: hộp thư của nó, người trong đó, cả cấp dưới.", "A unit is its mailbox, its people, all below."),
)
@click.option("--remove", is_flag=True, help=t("Đưa ra.", "Take out."))
@click.pass_obj
def member(cli: Cli, address: str, who: tuple[str, ...], reach: str, remove: bool) -> None:
    from deploy import mailing as lists
    from mailserver.directory.mailing_lists import Reach

    count = cli.write(lambda tx: lists.members_tx(tx, address, who, Reach(reach), remove=remove))
    say(f"Đã thay đổi {count} thành viên của {address}.", f"{count} members of {address} changed.")


@mailing.command(help=t("Giao danh sách ADDRESS cho WHO, hoặc thôi.", "Have WHO answer for the list ADDRESS."))
@click.argument("address")
@click.argument("who")
@click.option("--remove", is_flag=True, help=t("Thôi giao.", "No more."))
@click.pass_obj
def owner(cli: Cli, address: str, who: str, remove: bool) -> None:
    _role(cli, address, who, "owner", remove)


@mailing.command(help=t("Cho WHO gửi tới danh sách ADDRESS, hoặc thôi.", "Let WHO write to the list ADDRESS."))
@click.argument("address")
@click.argument("who")
@click.option("--remove", is_flag=True, help=t("Thôi cho.", "No more."))
@click.pass_obj
def poster(cli: Cli, address: str, who: str, remove: bool) -> None:
    _role(cli, address, who, "poster", remove)


def _role(cli: Cli, address: str, who: str, role: str, remove: bool) -> None:
    from deploy import mailing as lists
    from mailserver.directory.mailing_lists import Role

    changed = cli.write(lambda tx: lists.role_tx(tx, address, who, Role(role), remove=remove))
    say("Đã lưu." if changed else "Không có gì thay đổi.", "Saved." if changed else "Nothing has changed.")


@mailing.command(
    "import",
    help=t(
        "Thêm thành viên từ tệp FILE, mỗi dòng một địa chỉ; sau dấu phẩy: hộp thư, người, cả cấp dưới.",
        "Add members from FILE, one address a line; behind a comma: mailbox, people, below.",
    ),
)
@click.argument("address")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help=t("Chỉ xem trước.", "Only look."))
@click.pass_obj
def import_(cli: Cli, address: str, file: Path, dry: bool) -> None:
    from deploy import mailing as lists

    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused(t(f"{file} không phải văn bản UTF-8.", f"{file} is not UTF-8 text.")) from fault
    rows = cli.write(lambda tx: lists.import_tx(tx, address, text, dry=dry))
    for row in rows:
        click.echo(f"{row.number}: {row.outcome}  {row.text}")
    if any(not row.outcome.does and row.outcome != "member" for row in rows):
        raise Refused(t("Có dòng không dùng được.", "Some lines could not be used."))


@mailing.command(help=t("Ngừng nhận thư cho danh sách ADDRESS.", "Take no more letters for the list ADDRESS."))
@click.argument("address")
@click.option("--reason", default="", help=t("Lý do.", "Why."))
@click.option("--reopen", is_flag=True, help=t("Mở lại.", "Open it again."))
@click.pass_obj
def close(cli: Cli, address: str, reason: str, reopen: bool) -> None:
    from deploy import mailing as lists

    cli.write(lambda tx: lists.close_tx(tx, address, reason, back=reopen))
    say(
        f"Danh sách {address} {'đã mở lại' if reopen else 'ngừng nhận thư'}.",
        f"The list {address} {'is open again' if reopen else 'takes no more letters'}.",
    )


def _word(yes: bool) -> str:
    return "yes" if yes else "no"
