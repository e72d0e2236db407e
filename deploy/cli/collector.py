"""`vanthu collector …`: mailboxes elsewhere whose mail is brought here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from deploy.cli.base import Cli, read_password, refuse, say
from deploy.cli.collector_parts import change, explained, vault
from deploy.cli.collector_sending import no_send, send
from deploy.cli.refusals import Refused
from deploy.cli.usage import NUMBER
from deploy.lang import t

if TYPE_CHECKING:
    from mailserver.collector.records import Account, Standing

PORTS = {"tls": 993, "starttls": 143, "none": 143}
SHORTEST_POLL_S, LONGEST_POLL_S = 30, 86_400


@click.group(help=t("Hộp thư ở máy chủ khác, thư được lấy về đây.", "Mailboxes elsewhere whose mail is brought here."))
def collector() -> None: ...


@collector.command(
    help=t("Lấy thư từ một hộp thư IMAP khác về hộp thư TARGET.", "Bring the mail of another IMAP mailbox to TARGET.")
)
@click.argument("target")
@click.option("--host", required=True, help=t("Máy chủ IMAP.", "The IMAP server."))
@click.option("--login", required=True, help=t("Tên đăng nhập ở đó.", "User name there."))
@click.option("--password-stdin", is_flag=True, required=True, help=t("Mật khẩu từ đầu vào.", "Password on stdin."))
@click.option("--tls", "security", type=click.Choice(list(PORTS)), default="tls", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help=t("Mặc định 993 hoặc 143.", "Default: 993 or 143."))
@click.option(
    "--fingerprint", default="", help=t("SHA-256 của chứng thư tự ký.", "SHA-256 of a self-signed certificate.")
)
@click.option("--folder", "folders", multiple=True, help=t("Mặc định INBOX.", "Default: INBOX; may be repeated."))
@click.option("--after", type=click.Choice(["leave", "flag", "delete"]), default="leave", show_default=True)
@click.option("--poll", type=click.IntRange(SHORTEST_POLL_S, LONGEST_POLL_S), default=300, show_default=True)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help=t("Bỏ qua thư cũ hơn.", "Leave older mail alone."))
@click.pass_obj
def add(
    cli: Cli,
    target: str,
    host: str,
    login: str,
    password_stdin: bool,
    security: str,
    port: int | None,
    fingerprint: str,
    folders: tuple[str, ...],
    after: str,
    poll: int,
    since: datetime | None,
) -> None:
    from mailserver.collector import accounts
    from mailserver.collector.records import After, Remote, Security, Wish

    remote = Remote(host, port or PORTS[security], Security(security), login, _fingerprint(fingerprint))
    wish = Wish(target, remote, folders or ("INBOX",), After(after), poll, since.date() if since else None)
    secret = vault(cli).lock(read_password())
    with explained():
        account_id = cli.write(lambda tx: accounts.add_tx(tx, wish, secret))
    say(
        f"Đã thêm tài khoản {account_id}: {login} ở {host} về {target}. Thử ngay: vanthu collector check {account_id}",
        f"Added account {account_id}: {login} at {host} to {target}. Try it: vanthu collector check {account_id}",
    )


@collector.command("list", help=t("Các tài khoản.", "The accounts."))
@click.pass_obj
def list_(cli: Cli) -> None:
    from mailserver.collector import accounts

    with cli.store() as store:
        found = store.db.read(lambda c: [(one, accounts.standing(c, one.id)) for one in accounts.accounts(c)])
    for account, standing in found:
        wish = account.wish
        click.echo(
            f"{account.id}  {wish.remote.login} @ {wish.remote.host} → {wish.target}  {_short(account, standing)}"
        )
    if not found:
        say("Chưa có tài khoản nào.", "There are no accounts.")


@collector.command(help=t("Tình trạng một tài khoản.", "How one account is doing."))
@click.argument("account_id", type=NUMBER, metavar="ACCOUNT")
@click.pass_obj
def status(cli: Cli, account_id: int) -> None:
    from deploy.cli import collector_words as words
    from mailserver.collector import accounts, sending

    with cli.store() as store, explained():
        account = store.db.read(lambda c: accounts.get(c, account_id))
        standing = store.db.read(lambda c: accounts.standing(c, account_id))
        left = store.db.read(lambda c: accounts.refusals(c, account_id))
        chosen = store.db.read(lambda c: sending.of_account(c, account_id))
    for label, value in words.facts(account, standing, chosen):
        click.echo(f"{label}: {value}")
    for one in left:
        click.echo(f"  {one.folder} uid {one.uid}  {one.size} B  <{one.message_id}>  {words.reason(one.reason)}")


@collector.command(help=t("Thử kết nối và đăng nhập, không lấy thư.", "Connect and sign in; brings nothing."))
@click.argument("account_id", type=NUMBER, metavar="ACCOUNT")
@click.pass_obj
def check(cli: Cli, account_id: int) -> None:
    import asyncio

    from deploy.cli import collector_words as words
    from deploy.submission_servers import terms_of
    from mailserver.collector import accounts, sending
    from mailserver.collector.errors import Failed
    from mailserver.collector.remote import connected
    from mailserver.outbound.connecting import NotReached, connect, part

    with cli.store() as store, explained():
        account = store.db.read(lambda c: accounts.get(c, account_id))
        chosen = store.db.read(lambda c: sending.of_account(c, account_id))

    async def look() -> None:
        async with connected(account.wish.remote, vault(cli).open(account.secret)) as remote:
            yes, no = t("có", "yes"), t("không", "no")
            click.echo(f"IDLE: {yes if remote.can_idle else no}  UIDPLUS: {yes if remote.can_expunge else no}")
            for name in account.wish.folders:
                opened = await remote.select(name)
                say(f"{name}: {opened.messages} thư", f"{name}: {opened.messages} messages")
            await remote.goodbye()
        if chosen is not None:
            host = chosen.server.host
            await part(await connect(host, host, terms_of(chosen, vault(cli), cli.settings.host)))
            say(f"{host}: gửi được", f"{host}: may send")

    try:
        asyncio.run(look())
    except Failed as failed:
        raise Refused(words.trouble(failed.trouble, failed.detail)) from failed
    except NotReached as failed:
        raise Refused(words.sending_trouble(failed.words)) from failed
    say("Kết nối tốt.", "All is well.")


@collector.command(help=t("Tạm dừng.", "Stop for the time being."))
@click.argument("account_id", type=NUMBER, metavar="ACCOUNT")
@click.pass_obj
def pause(cli: Cli, account_id: int) -> None:
    from mailserver.collector import accounts

    change(cli, lambda tx: accounts.pause_tx(tx, account_id, True))
    say(f"Đã tạm dừng tài khoản {account_id}.", f"Account {account_id} is paused.")


@collector.command(help=t("Lấy thư tiếp.", "Go on."))
@click.argument("account_id", type=NUMBER, metavar="ACCOUNT")
@click.pass_obj
def resume(cli: Cli, account_id: int) -> None:
    from mailserver.collector import accounts

    change(cli, lambda tx: accounts.pause_tx(tx, account_id, False))
    say(f"Tài khoản {account_id} lấy thư tiếp.", f"Account {account_id} goes on.")


@collector.command(help=t("Đặt lại mật khẩu của hộp thư ở xa.", "Keep another password of the mailbox elsewhere."))
@click.argument("account_id", type=NUMBER, metavar="ACCOUNT")
@click.option("--password-stdin", is_flag=True, required=True, help=t("Mật khẩu từ đầu vào.", "Password on stdin."))
@click.pass_obj
def passwd(cli: Cli, account_id: int, password_stdin: bool) -> None:
    from mailserver.collector import accounts

    secret = vault(cli).lock(read_password())
    change(cli, lambda tx: accounts.set_secret_tx(tx, account_id, secret))
    say(f"Đã đổi mật khẩu của tài khoản {account_id}.", f"Account {account_id} has another password.")


@collector.command(
    help=t(
        "Xóa tài khoản; thư đã lấy về vẫn còn. Thêm lại thì mọi thư được lấy lại từ đầu.",
        "Remove an account; mail that came stays. Added again, it brings all its mail once more.",
    )
)
@click.argument("account_id", type=NUMBER, metavar="ACCOUNT")
@click.pass_obj
def remove(cli: Cli, account_id: int) -> None:
    from mailserver.collector import accounts

    change(cli, lambda tx: accounts.remove_tx(tx, account_id))
    say(f"Đã xóa tài khoản {account_id}.", f"Removed account {account_id}.")


def _fingerprint(text: str) -> bytes | None:
    """64 hexadecimal digits, colons between them or not."""
    if not text:
        return None
    try:
        digest = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        digest = b""
    if len(digest) != 32:
        refuse("Dấu vân tay SHA-256 có 64 chữ số thập lục phân.", "A SHA-256 fingerprint has 64 hexadecimal digits.")
    return digest


def _short(account: Account, standing: Standing) -> str:
    from deploy.cli import collector_words as words

    if account.paused:
        return t("tạm dừng", "paused")
    if standing.trouble is not None:
        return words.trouble(standing.trouble, standing.detail)
    return t(f"tốt, đã lấy {standing.collected} thư", f"well, {standing.collected} messages brought")


collector.add_command(send)
collector.add_command(no_send)
