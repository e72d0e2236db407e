"""`vanthu policy`: an agency's own settings of rules, and what changed ones would have done to past mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deploy.cli.base import Cli, refuse, say
from deploy.cli.progress import bars
from deploy.lang import t

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mailbox_policies.rule import Rule
    from mailserver.store.database import Tx

MAX_DIGITS = 15
# The modes of the rule sender-authentication.
MODES = ("off", "annotate", "junk", "reject")


@click.group(help=t("Quy tắc thư của cơ quan.", "The agency's mail rules."))
def policy() -> None: ...


@policy.command(
    "dry-run",
    help=t(
        "Thử một quy tắc trên thư của những ngày qua trong hộp thư của cơ quan: thư nào, của ai sẽ bị giữ hay từ chối."
        " Cài đặt: như đang áp dụng, đổi bằng --set. Thư đã bị từ chối thì không còn để thử.",
        "Try a rule on the last days' mail in the agency's mailboxes: which messages, and whose, it would stop, with"
        " the settings in force, changed by --set. Mail that was refused is not there to be tried.",
    ),
)
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@click.option("--rule", default="message-size", show_default=True, help=t("Tên, như `list` nói.", "As `list` says."))
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help=t("Một cài đặt khác.", "A setting to try."))
@click.option("--limit", type=click.IntRange(0), help=t("Như --set limit=…, byte.", "As --set limit=…, octets."))
@click.option("--counts", type=click.Choice(["decoded", "wire"]), help=t("Như --set counts=….", "As --set counts=…."))
@click.option("--mode", type=click.Choice(MODES), help=t("Như --set mode=….", "As --set mode=…."))
@click.option("--agency", help=t("Tên viết tắt của cơ quan; mặc định: cơ quan của tên miền chính.", "Its code."))
@click.pass_obj
def dry_run(
    cli: Cli,
    days: int,
    rule: str,
    values: tuple[str, ...],
    limit: int | None,
    counts: str | None,
    mode: str | None,
    agency: str | None,
) -> None:
    from datetime import timedelta

    from deploy import build, clock, scanning
    from mailbox_policies import dryrun

    wanted = _rule_named(rule)
    tried = dict(_typed(wanted, one) for one in values)
    tried |= {name: one for name, one in (("limit", limit), ("counts", counts), ("mode", mode)) if one is not None}
    with cli.store() as store, bars() as progress:
        own = store.db.read(lambda conn: _agency_id(conn, cli.settings.domain, agency))
        settings = _changed(wanted, build.agency_rules(cli.settings, store).of(own).get(wanted), tried)
        since = clock.now() - timedelta(days=days)
        total = store.db.read(lambda conn: dryrun.count(conn, own, since))
        seen, hits, after, scanners = 0, 0, 0, scanning.scanners(cli.settings)
        while True:
            found = dryrun.look(store, wanted, settings, own, since, after, scanners=scanners)
            seen, hits = seen + found.seen, hits + len(found.hits)
            for hit in found.hits:
                what = f"{hit.verdict.action.value:>10}  {hit.sender}"
                click.echo(f"{hit.at:%Y-%m-%d %H:%M}  {what}  →  {', '.join(hit.owners)}  {hit.subject}")
            progress("messages", min(seen, total), total)
            if found.last is None:
                break
            after = found.last
    say(
        f"{seen} thư trong {days} ngày; quy tắc {rule} bắt {hits} thư.",
        f"{seen} messages in {days} days; the rule {rule} hits {hits}.",
    )


@policy.command(
    "history",
    help=t("Ai đã đổi một quy tắc, khi nào, từ gì sang gì.", "Who changed a rule, when, from what to what."),
)
@click.argument("rule")
@click.option("--agency", help=t("Tên viết tắt của cơ quan; mặc định: cơ quan của tên miền chính.", "Its code."))
@click.pass_obj
def history(cli: Cli, rule: str, agency: str | None) -> None:
    from deploy import build
    from mailbox_policies import changes, choices
    from mailserver.directory import principals

    wanted = _rule_named(rule)
    with cli.store() as store:
        own = store.db.read(lambda conn: _agency_id(conn, cli.settings.domain, agency))
        rules = build.agency_rules(cli.settings, store)
        start = store.db.read(lambda conn: rules.start(conn, own)).choice(wanted)
        versions = store.db.read(lambda conn: choices.history(conn, own, rule))
        actors = {one.actor_id for one in versions if one.actor_id is not None}
        people = store.db.read(lambda conn: principals.get_many(conn, actors))
    for one in reversed(changes.of_history(wanted, start, versions)):
        actor = people.get(one.version.actor_id or 0)
        who = actor.address if actor else t("quản trị máy chủ", "the machine's administrator")
        again = t("khôi phục bản", "restores")
        restored = "" if one.version.restores is None else f"  ({again} {one.version.restores})"
        click.echo(f"{one.version.version}  {one.version.at:%Y-%m-%d %H:%M}  {who}{restored}")
        if one.was is not one.now:
            click.echo(f"    mode: {one.was.value} → {one.now.value}")
        for change in one.fields:
            click.echo(f"    {change.field.name}: {change.before} → {change.after}")
    if not versions:
        say("Chưa ai đổi; quy tắc như quy chế của cơ quan.", "Nobody has changed it: as the regulation has it.")


def _rule_named(name: str) -> Rule[Any]:
    """Ends the command if there is no such rule."""
    from mailbox_policies.chain import RULES

    known = {one.name: one for one in RULES}
    if name not in known:
        names = ", ".join(known)
        refuse(f"Không có quy tắc {name}; có: {names}.", f"There is no rule {name}; there are: {names}.")
    return known[name]


def _typed(rule: Rule[Any], said: str) -> tuple[str, Any]:
    """NAME=VALUE as a setting's JSON; what is no such setting is left to `_changed` to refuse."""
    from mailbox_policies.fields import Kind

    name, _, text = said.partition("=")
    kind = next((field.kind for field in rule.fields if field.name == name), None)
    if kind in (Kind.NUMBER, Kind.OCTETS) and text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return name, int(text)
    if kind is Kind.FLAG and text in ("true", "false"):
        return name, text == "true"
    return name, text.split(",") if kind is Kind.LINES else text


def _changed(rule: Rule[Any], held: Any, values: dict[str, Any]) -> Any:
    from mailbox_policies.fields import SettingInvalid, changed

    try:
        return changed(held, rule.fields, values)
    except SettingInvalid as wrong:
        refuse(f"{wrong.field}: giá trị này không dùng được.", f"{wrong.field}: {wrong.why}.")


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
    from mailbox_policies.modes import Mode

    known = _rule_named(rule)
    wanted, domain = None if mode == "default" else Mode(mode), cli.settings.domain

    def work(tx: Tx) -> None:
        agency_id = _agency_id(tx.conn, domain, agency)
        held = choices.current(tx.conn, agency_id).get(rule)
        choices.set_tx(tx, agency_id, known, wanted, held.settings if held else {})

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
