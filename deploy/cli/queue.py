"""`vanthu queue …`: mail waiting to leave, and where a message went."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from deploy.cli.base import Cli, refuse, say
from deploy.cli.refusals import Refused
from deploy.cli.usage import NUMBER
from deploy.lang import t

if TYPE_CHECKING:
    from mailserver.outbound.listing import Line, OutgoingMail, Recipient
    from mailserver.outbound.tracing import Trace

MOST_LISTED = 1_000


@click.group(help=t("Hàng đợi thư gửi ra ngoài.", "The queue of outgoing mail."))
def queue() -> None: ...


@queue.command("list", help=t("Thư đang chờ gửi.", "Mail waiting to be sent."))
@click.pass_obj
def list_(cli: Cli) -> None:
    from deploy import clock
    from mailserver.outbound import listing

    with cli.store() as store:
        found = store.db.read(lambda conn: listing.waiting(conn, clock.now(), limit=MOST_LISTED))
        total = store.db.read(listing.count)
    if not found:
        say("Không có thư nào đang chờ.", "Nothing is waiting.")
        return
    for one in found:
        _show_head(one)
        for recipient in one.recipients:
            _show_recipient(recipient)
    say(f"{total} thư đang chờ.", f"{total} messages are waiting.")


@queue.command(help=t("Một thư trong hàng đợi và mọi việc đã xảy ra.", "One message and all that happened to it."))
@click.argument("number", type=NUMBER)
@click.pass_obj
def show(cli: Cli, number: int) -> None:
    from deploy import clock
    from mailserver.outbound import listing

    with cli.store() as store:
        try:
            found = store.db.read(lambda conn: listing.get(conn, number, clock.now()))
        except listing.NoSuchOutgoing as missing:
            raise _missing(number) from missing
        story = store.db.read(lambda conn: listing.story(conn, number))
    _show_head(found)
    for recipient in found.recipients:
        _show_recipient(recipient)
    _show_story(story)


@queue.command(help=t("Gửi lại ngay.", "Try again now."))
@click.argument("numbers", type=NUMBER, nargs=-1)
@click.option("--all", "everything", is_flag=True, help=t("Mọi thư đang chờ.", "Everything that waits."))
@click.pass_obj
def retry(cli: Cli, numbers: tuple[int, ...], everything: bool) -> None:
    from mailserver.outbound import acts

    if everything:
        count = cli.write(acts.retry_all_tx)
        say(f"Gửi lại ngay cho {count} người nhận.", f"Trying {count} recipients now.")
        return
    if not numbers:
        refuse("Cho số của thư, hoặc --all.", "Give the number of a message, or --all.")
    _act(cli, "retry", numbers)


@queue.command(help=t("Giữ lại, không gửi cho tới khi bỏ giữ.", "Hold: send nothing until released."))
@click.argument("numbers", type=NUMBER, nargs=-1, required=True)
@click.pass_obj
def hold(cli: Cli, numbers: tuple[int, ...]) -> None:
    _act(cli, "hold", numbers)


@queue.command(help=t("Bỏ giữ, gửi tiếp ngay.", "Release what is held."))
@click.argument("numbers", type=NUMBER, nargs=-1, required=True)
@click.pass_obj
def release(cli: Cli, numbers: tuple[int, ...]) -> None:
    _act(cli, "release", numbers)


@queue.command(help=t("Bỏ khỏi hàng đợi; người gửi không được báo.", "Give up; the sender is not told."))
@click.argument("numbers", type=NUMBER, nargs=-1, required=True)
@click.pass_obj
def delete(cli: Cli, numbers: tuple[int, ...]) -> None:
    _act(cli, "delete", numbers)


@queue.command(help=t("Thư có Message-ID này đã đi đâu.", "Where the message with this Message-ID went."))
@click.argument("message_id")
@click.pass_obj
def trace(cli: Cli, message_id: str) -> None:
    from deploy import clock
    from mailserver.outbound import tracing

    with cli.store() as store:
        found = store.db.read(lambda conn: tracing.trace(conn, message_id, clock.now()))
    if found.is_empty:
        raise Refused(
            t(f"Không có thư nào mang Message-ID {message_id}.", f"No message has the Message-ID {message_id}.")
        )
    _show_trace(found)


def _act(cli: Cli, name: str, numbers: tuple[int, ...]) -> None:
    from mailserver.outbound.acts import Act, act_tx
    from mailserver.outbound.listing import NoSuchOutgoing
    from mailserver.store.database import Tx

    act = Act(name)

    def work(tx: Tx) -> int:
        return sum(act_tx(tx, act, number) for number in numbers)

    try:
        count = cli.write(work)
    except NoSuchOutgoing as missing:
        raise _missing(missing.args[0]) from missing
    say(f"Xong, {count} người nhận.", f"Done, {count} recipients.")


def _missing(number: int) -> Refused:
    return Refused(t(f"Hàng đợi không có thư số {number}.", f"There is no outgoing message {number}."))


def _show_head(one: OutgoingMail) -> None:
    sender = one.sender or t("(hệ thống)", "(system)")
    by = (
        t(f"  chuyển tiếp tự động của {one.redirected}", f"  redirected for {one.redirected}") if one.redirected else ""
    )
    click.echo(f"{one.id}  {_when(one.queued_at)}  {sender}  {one.size}  <{one.message_id}>{by}")


def _show_recipient(one: Recipient) -> None:
    state = _STATES[one.state.value] if not one.sending else t("đang gửi", "being sent")
    due = t(f", lần tới {_when(one.next_attempt_at)}", f", next {_when(one.next_attempt_at)}")
    tried = t(f"{one.attempts} lần", f"{one.attempts} attempts")
    click.echo(f"    {one.address}  {state}, {tried}{due if one.state == 'waiting' and not one.sending else ''}")
    if one.answer:
        click.echo(f"        {one.host + ': ' if one.host else ''}{one.answer}")


def _show_story(story: list[Line]) -> None:
    for line in story:
        who = " ".join(part for part in (line.address, line.actor) if part)
        said = f"  {line.host + ': ' if line.host else ''}{line.answer}" if line.answer else ""
        click.echo(f"    {_when(line.at)}  {_STEPS[line.kind.value]}  {who}{said}")


def _show_trace(found: Trace) -> None:
    for taken in found.taken:
        click.echo(f"{_when(taken.at)}  {t('nhận', 'taken')}  {taken.size}  {taken.received}")
        for arrival in taken.arrivals:
            click.echo(f"    {_when(arrival.at)}  {t('vào hộp thư', 'in the mailbox of')}  {arrival.address}")
    for outgoing, story in found.outgoing:
        _show_head(outgoing)
        for recipient in outgoing.recipients:
            _show_recipient(recipient)
        _show_story(list(story))


def _when(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


_STATES = {
    "waiting": t("đang chờ", "waiting"),
    "held": t("đang giữ", "held"),
    "sent": t("đã gửi", "sent"),
    "failed": t("không gửi được", "failed"),
    "deleted": t("đã bỏ", "deleted"),
}
_STEPS = {
    "queued": t("vào hàng đợi", "queued"),
    "sent": t("đã gửi", "sent"),
    "deferred": t("chưa gửi được", "deferred"),
    "failed": t("không gửi được", "failed"),
    "reported": t("đã báo người gửi", "sender told"),
    "held": t("giữ lại", "held"),
    "released": t("bỏ giữ", "released"),
    "retried": t("gửi lại", "retried"),
    "deleted": t("bỏ", "deleted"),
}
