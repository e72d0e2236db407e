"""`vanthu policy`: an agency's own settings of rules, and what changed ones would have done to past mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Connection

from deploy.cli.base import Cli, refuse, say
from deploy.cli.progress import bars
from deploy.lang import t

if TYPE_CHECKING:
    from deploy.replay import Report
    from mailbox_policies.rule import Rule
    from mailbox_policies.rules.message_size import Settings as SizeSettings
    from mailbox_policies.rules.sender_authentication import Settings as SenderSettings
    from mailserver.store.database import Tx
    from mailserver.store.store import Store

MAX_DIGITS = 15
# The modes of the rule sender-authentication.
MODES = ("off", "annotate", "junk", "reject")

Bars = Callable[[str, int, int], None]


@click.group(help=t("Quy tắc thư của cơ quan.", "The agency's mail rules."))
def policy() -> None: ...


@policy.command(
    "dry-run",
    help=t(
        "Thử một quy tắc khác trên thư đã nhận của những ngày qua: thư nào, của ai sẽ bị từ chối. Thư đã bị từ chối"
        " thì không còn để thử.",
        "Try a rule changed on the mail of the last days: which messages, and whose, would be refused. Mail that"
        " was refused is not there to be tried.",
    ),
)
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@click.option("--rule", type=click.Choice(["message-size", "sender-authentication"]), default="message-size")
@click.option("--limit", type=click.IntRange(0), help=t("message-size: giới hạn thử, byte.", "The limit, octets."))
@click.option("--counts", type=click.Choice(["decoded", "wire"]), help=t("message-size: cách đo.", "What counts."))
@click.option("--mode", type=click.Choice(MODES), help=t("sender-authentication: mức thử.", "How far to go."))
@click.pass_obj
def dry_run(cli: Cli, days: int, rule: str, limit: int | None, counts: str | None, mode: str | None) -> None:
    from deploy import build
    from mailbox_policies.rules import message_size, sender_authentication

    with cli.store() as store, bars() as progress:
        own = store.db.read(lambda conn: _agency_id(conn, cli.settings.domain, None))
        held = build.agency_rules(cli.settings, store).of(own)
        if rule == "message-size":
            report = _try_size(store, held.get(message_size.RULE), days, progress, limit, counts)
        else:
            report = _try_senders(store, held.get(sender_authentication.RULE), days, progress, mode)
    for hit in report.hits:
        what = f"{hit.action.value:>8}  {hit.size:>12,}  {hit.sender}"
        click.echo(f"{hit.at:%Y-%m-%d %H:%M}  {what}  →  {', '.join(hit.owners)}  {hit.subject}")
    say(
        f"{report.seen} thư trong {days} ngày; quy tắc {rule} bắt {len(report.hits)} thư.",
        f"{report.seen} messages in {days} days; the rule {rule} hits {len(report.hits)}.",
    )


def _try_size(
    store: Store, held: SizeSettings, days: int, progress: Bars, limit: int | None, counts: str | None
) -> Report:
    from dataclasses import replace

    from deploy import replay
    from mailbox_policies.rules.message_size import Counts

    settings = held if limit is None else replace(held, limit=limit)
    settings = settings if counts is None else replace(settings, counts=Counts(counts))
    return replay.message_size(store, settings, days, lambda done, total: progress("messages", done, total))


def _try_senders(store: Store, held: SenderSettings, days: int, progress: Bars, mode: str | None) -> Report:
    from deploy import replay
    from mailbox_policies.rules.sender_authentication import Mode, Settings

    settings = held if mode is None else Settings(Mode(mode))
    return replay.sender_authentication(store, settings, days, lambda done, total: progress("messages", done, total))


@policy.command(
    "set",
    help=t(
        "Đặt giới hạn cỡ thư của một cơ quan: số byte, 0 là không giới hạn, hoặc `default`: như quy chế của cơ quan,"
        " nếu không thì như vanthu.toml.",
        "Set one agency's size limit: octets, 0 for none, or `default`: as its regulation, else vanthu.toml, has it.",
    ),
)
@click.argument("size")
@click.option("--agency", help=t("Tên viết tắt của cơ quan; mặc định: cơ quan của tên miền chính.", "Its code."))
@click.pass_obj
def set_limit(cli: Cli, size: str, agency: str | None) -> None:
    from mailbox_policies.rules import message_size

    if size != "default" and not (size.isascii() and size.isdigit() and len(size) <= MAX_DIGITS):
        refuse(f"{size}: không phải số byte.", f"{size}: not a number of octets.")
    limit = None if size == "default" else int(size)
    domain = cli.settings.domain
    cli.write(lambda tx: _choose_tx(tx, _agency_id(tx.conn, domain, agency), message_size.RULE, "limit", limit))
    say("Đã đặt, có hiệu lực ngay.", "Set; it holds at once.")


@policy.command(
    "set-senders",
    help=t(
        "Đặt mức xử lý thư mạo danh từ ngoài của một cơ quan: off, annotate, junk, reject, hoặc `default`.",
        "Set how far one agency goes with mail whose sender is not authentic, or `default`.",
    ),
)
@click.argument("mode", type=click.Choice([*MODES, "default"]))
@click.option("--agency", help=t("Tên viết tắt của cơ quan; mặc định: cơ quan của tên miền chính.", "Its code."))
@click.pass_obj
def set_senders(cli: Cli, mode: str, agency: str | None) -> None:
    from mailbox_policies.rules import sender_authentication

    value, domain = None if mode == "default" else mode, cli.settings.domain
    cli.write(lambda tx: _choose_tx(tx, _agency_id(tx.conn, domain, agency), sender_authentication.RULE, "mode", value))
    say("Đã đặt, có hiệu lực ngay.", "Set; it holds at once.")


@policy.command(
    "mode",
    help=t(
        "Đặt mức áp dụng một quy tắc của một cơ quan: off (tắt), trial (chạy thử), warn (nhắc), enforce (chặn), hoặc"
        " `default`: như quy chế.",
        "Set how far a rule goes in one agency, or `default`: as its regulation has it.",
    ),
)
@click.argument("rule")
@click.argument("mode", type=click.Choice(["off", "trial", "warn", "enforce", "default"]))
@click.option("--agency", help=t("Tên viết tắt của cơ quan; mặc định: cơ quan của tên miền chính.", "Its code."))
@click.pass_obj
def set_mode(cli: Cli, rule: str, mode: str, agency: str | None) -> None:
    from mailbox_policies import choices
    from mailbox_policies.chain import RULES
    from mailbox_policies.modes import Mode

    known = {one.name: one for one in RULES}
    if rule not in known:
        names = ", ".join(known)
        refuse(f"Không có quy tắc {rule}; có: {names}.", f"There is no rule {rule}; there are: {names}.")
    wanted, domain = None if mode == "default" else Mode(mode), cli.settings.domain

    def work(tx: Tx) -> None:
        agency_id = _agency_id(tx.conn, domain, agency)
        held = choices.current(tx.conn, agency_id).get(rule)
        choices.set_tx(tx, agency_id, known[rule], wanted, held.settings if held else {})

    cli.write(work)
    say("Đã đặt, có hiệu lực ngay.", "Set; it holds at once.")


@policy.command(
    "list", help=t("Các quy tắc của một cơ quan và mức áp dụng.", "An agency's rules and how far each goes.")
)
@click.option("--agency", help=t("Tên viết tắt của cơ quan; mặc định: cơ quan của tên miền chính.", "Its code."))
@click.pass_obj
def list_rules(cli: Cli, agency: str | None) -> None:
    from deploy import build
    from mailbox_policies.chain import RULES
    from mailbox_policies.fields import values_of
    from mailbox_policies.forwarding import door

    with cli.store() as store:
        own = store.db.read(lambda conn: _agency_id(conn, cli.settings.domain, agency))
        held = build.agency_rules(cli.settings, store).of(own)
        answers = store.db.read(lambda conn: door.find(conn, own))
    for rule in RULES:
        choice = held.choice(rule)
        values = ", ".join(f"{name}={value}" for name, value in values_of(rule.fields, choice.settings).items())
        click.echo(f"{rule.name:<24} {choice.mode.value:<8} {values}")
    if answers is not None and not answers.startswith(f"{door.USUAL}@"):
        say(
            f"Trả lời xin ý kiến chuyển tiếp gửi về {answers}: {door.USUAL}@ đã là địa chỉ của người khác.",
            f"Answers to forward consent go to {answers}: somebody else has {door.USUAL}@.",
        )


def _choose_tx(tx: Tx, agency_id: int, rule: Rule[Any], field: str, value: int | str | None) -> None:
    """Choose one field of a rule, None: as the agency's regulation has it; the others stay as they were chosen."""
    from mailbox_policies import choices

    held = choices.current(tx.conn, agency_id).get(rule.name)
    settings = {name: kept for name, kept in (held.settings if held else {}).items() if name != field}
    if value is not None:
        settings[field] = value
    choices.set_tx(tx, agency_id, rule, held.mode if held else None, settings)


def _agency_id(conn: Connection, domain: str, code: str | None) -> int:
    """The agency of this code, or that of the installation's domain. Ends the command if there is none."""
    from mailserver.directory import principals

    found = principals.agency_of_domain(conn, domain) if code is None else None
    if code is not None:
        found = next((one.id for one in principals.agencies(conn) if one.code == code), None)
    if found is None:
        wanted = code or domain
        refuse(f"Không có cơ quan {wanted}.", f"There is no agency {wanted}.")
    return found
