"""`vanthu redirect …`: new mail of a mailbox goes on to addresses elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from deploy.cli.base import Cli, say
from deploy.cli.refusals import Refused
from deploy.cli.usage import NUMBER
from deploy.lang import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailserver.redirects.deciding import RedirectInvalid
    from mailserver.redirects.records import Redirect
    from mailserver.store.blobs import BlobStore
    from mailserver.store.database import Tx

T = TypeVar("T")
DAY = click.DateTime(formats=("%Y-%m-%d", "%d/%m/%Y"))


@click.group(
    help=t(
        "Chuyển tiếp tự động thư của một hộp thư ra ngoài; bản gốc luôn ở lại. Chính sách auto-redirect phải được bật.",
        "Redirect mail of a mailbox to outside; a copy always stays. The policy auto-redirect has to be on.",
    )
)
def redirect() -> None: ...


@redirect.command(
    "set",
    help=t(
        "Chuyển thư mới của hộp thư ADDRESS tới các địa chỉ ngoài TARGET (nhiều nhất 3), thay cho lệnh đang có.",
        "Send new mail of the mailbox ADDRESS on to each TARGET elsewhere (at most 3), instead of what was set before.",
    ),
)
@click.argument("address")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--from", "since", type=DAY, help=t("Từ ngày; mặc định: hôm nay.", "From this day; default: today."))
@click.option("--until", type=DAY, required=True, help=t("Đến hết ngày.", "To the end of this day."))
@click.option("--reason", required=True, help=t("Lý do, ghi vào nhật ký.", "The reason, for the audit."))
@click.pass_obj
def set_(
    cli: Cli, address: str, targets: tuple[str, ...], since: datetime | None, until: datetime, reason: str
) -> None:
    from mailserver.directory import principals
    from mailserver.directory.errors import NoSuchPrincipal
    from mailserver.directory.records import office_day
    from mailserver.redirects import deciding

    def work(tx: Tx, blobs: BlobStore) -> None:
        owner = principals.by_address(tx.conn, address)
        if owner is None:
            raise NoSuchPrincipal(address)
        first: date = since.date() if since else office_day(tx.now)
        deciding.set_tx(tx, blobs, owner.id, deciding.Wish(targets, first, until.date(), reason))

    _write(cli, work)
    say(
        f"Thư mới của {address} được chuyển tiếp tới {', '.join(targets)}, đến hết {until:%d/%m/%Y}.",
        f"New mail of {address} goes on to {', '.join(targets)}, to the end of {until:%Y-%m-%d}.",
    )


@redirect.command("list", help=t("Các lệnh còn hiệu lực và đang chờ đồng ý.", "What stands or waits for agreement."))
@click.option("--all", "everything", is_flag=True, help=t("Cả những lệnh đã hết.", "Also what is over."))
@click.pass_obj
def list_(cli: Cli, everything: bool) -> None:
    from deploy import clock
    from mailserver.directory import principals
    from mailserver.directory.records import office_day
    from mailserver.redirects import records

    with cli.store() as store:
        found = store.db.read(
            lambda conn: [one for agency in principals.agencies(conn) for one in records.of_agency(conn, agency.id)]
        )
    today = office_day(clock.now())
    shown = [one for one in found if everything or one.is_open(today)]
    for one in shown:
        click.echo(_line(one))
    if not shown:
        say("Không có lệnh chuyển tiếp nào.", "There is no redirect.")


@redirect.command(help=t("Đồng ý với đề nghị số NUMBER.", "Agree to the wish NUMBER."))
@click.argument("number", type=NUMBER)
@click.pass_obj
def agree(cli: Cli, number: int) -> None:
    from mailserver.redirects import deciding

    one = _write(cli, lambda tx, blobs: deciding.agree_tx(tx, blobs, number))
    say(f"Thư của {one.address} được chuyển tiếp.", f"Mail of {one.address} is redirected.")


@redirect.command(help=t("Không đồng ý với đề nghị số NUMBER.", "Do not agree to the wish NUMBER."))
@click.argument("number", type=NUMBER)
@click.option("--reason", required=True, help=t("Lý do, báo cho người đề nghị.", "The reason, for who asked."))
@click.pass_obj
def refuse(cli: Cli, number: int, reason: str) -> None:
    from mailserver.redirects import deciding

    one = _write(cli, lambda tx, blobs: deciding.refuse_tx(tx, blobs, number, reason))
    say(f"Đã trả lời {one.address}.", f"{one.address} has been told.")


@redirect.command(help=t("Dừng ngay lệnh số NUMBER.", "End the redirect NUMBER at once."))
@click.argument("number", type=NUMBER)
@click.pass_obj
def end(cli: Cli, number: int) -> None:
    from mailserver.redirects import deciding

    one = _write(cli, lambda tx, blobs: deciding.end_tx(tx, blobs, number))
    say(f"Thư của {one.address} không được chuyển tiếp nữa.", f"Mail of {one.address} is not redirected any more.")


@redirect.command(
    "rotate-key",
    help=t(
        "Tạo khóa SRS mới cho cơ quan có tên miền DOMAIN; báo cáo gửi về theo khóa cũ vẫn nhận 21 ngày.",
        "Make a new SRS key for the agency of DOMAIN; what comes back by the old one is still taken for 21 days.",
    ),
)
@click.argument("domain")
@click.pass_obj
def rotate_key(cli: Cli, domain: str) -> None:
    from mailserver.directory.agencies import agency_of_domain
    from mailserver.directory.errors import NoSuchAgency
    from mailserver.srs import keys

    def work(tx: Tx, _blobs: BlobStore) -> None:
        agency_id = agency_of_domain(tx.conn, domain)
        if agency_id is None:
            raise NoSuchAgency(f"@{domain}")
        keys.rotate_tx(tx, agency_id)

    _write(cli, work)
    say(f"Đã tạo khóa SRS mới cho {domain}.", f"Made a new SRS key for {domain}.")


def _write(cli: Cli, work: Callable[[Tx, BlobStore], T]) -> T:
    from deploy.cli.explain import explained
    from deploy.stores import ADMIN

    with cli.store() as store, explained(), _told():
        return store.db.write(lambda tx: work(tx, store.blobs), ADMIN)


@contextmanager
def _told() -> Iterator[None]:
    """Turn an error of redirects into the end of the command, with one sentence."""
    from mailserver.redirects.deciding import RedirectInvalid
    from mailserver.redirects.records import NoSuchRedirect

    try:
        yield
    except RedirectInvalid as wrong:
        raise Refused(_sentence(wrong)) from wrong
    except NoSuchRedirect as missing:
        raise Refused(
            t(
                f"Không có lệnh hay đề nghị {missing} để làm việc này.",
                f"There is no redirect {missing} to do this with.",
            )
        ) from missing


def _sentence(wrong: RedirectInvalid) -> str:
    said = {
        "targets": t(
            "Địa chỉ chuyển tới không hợp lệ, hoặc không phải 1 đến 3 địa chỉ: {}", "Not 1 to 3 addresses: {}"
        ),
        "target_local": t("{} ở trong tên miền của máy chủ này.", "{} is in a domain of this server."),
        "ends_on": t(
            "Ngày cuối phải từ hôm nay trở đi, không trước ngày đầu, và trong vòng 366 ngày.",
            "The last day must be today or later, not before the first, and within 366 days.",
        ),
        "reason": t("Phải có lý do, nhiều nhất 500 ký tự.", "A reason is needed, of at most 500 characters."),
        "owner": t("{} không phải hộp thư của người, chức danh hay đơn vị đang hoạt động.", "{} cannot be redirected."),
    }
    return said[wrong.field].format(wrong.value)


def _line(one: Redirect) -> str:
    state = {
        "asked": t("chờ đồng ý", "asked for"),
        "standing": t("đang đặt", "set"),
        "refused": t("không đồng ý", "refused"),
        "ended": t("đã dừng", "ended"),
    }[one.state.value]
    days = f"{one.starts_on:%d/%m/%Y}–{one.ends_on:%d/%m/%Y}"
    return f"{one.id}  {one.address} → {', '.join(one.targets)}  {days}  {state}  ({one.reason})"
