"""`vanthu mailbox`: rights on somebody's mailbox without sharing a password, and what holds in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import click

from deploy.cli.base import Cli, refuse, say
from deploy.lang import t

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_AMOUNT = re.compile(r"([0-9]{1,12})([KMG]?)", re.I)
PERSONAL, SHARED = SHARING = ("personal", "shared")
RIGHTS = ("read", "handle", "send_on_behalf", "post", "manage")


@click.group(help=t("Hộp thư và ủy quyền.", "Mailboxes and delegation."))
def mailbox() -> None: ...


@mailbox.command(
    help=t(
        "Cho GRANTEE quyền trên hộp thư của OWNER, hoặc thu hồi.",
        "Give GRANTEE rights on the mailbox of OWNER, or take them back.",
    )
)
@click.argument("owner")
@click.argument("grantee")
@click.option("--rights", default="read", show_default=True, help=", ".join(RIGHTS))
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help=t("Từ ngày.", "From this day."))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help=t("Đến hết ngày.", "To the end of this day."))
@click.option("--revoke", is_flag=True, help=t("Thu hồi mọi quyền đã cho.", "Take back all that was given."))
@click.pass_obj
def delegate(
    cli: Cli, owner: str, grantee: str, rights: str, since: datetime | None, until: datetime | None, revoke: bool
) -> None:
    from deploy import delegations

    wanted = frozenset(word.strip() for word in rights.split(",") if word.strip())
    if not wanted or wanted - set(RIGHTS):
        refuse(f"Quyền gồm: {', '.join(RIGHTS)}.", f"Rights are: {', '.join(RIGHTS)}.")
    if revoke:
        count = cli.write(lambda tx: delegations.revoke_tx(tx, owner, grantee))
        say(f"Đã thu hồi {count} ủy quyền.", f"Revoked {count} grants.")
        return
    starts = _start_of_day(since) if since else datetime.now(UTC)
    ends = _start_of_day(until) + timedelta(days=1) if until else None
    cli.write(lambda tx: delegations.grant_tx(tx, owner, grantee, wanted, starts, ends))
    say(f"{grantee} có quyền {rights} trên hộp thư {owner}.", f"{grantee} has {rights} on the mailbox {owner}.")


@mailbox.command(
    help=t(
        "Chọn dấu đã đọc, dấu cờ trong hộp thư ADDRESS là chung hay riêng từng người; không ghi gì thì xem.",
        "Choose whether flags in the mailbox ADDRESS are shared or each reader's own; without options, show.",
    )
)
@click.argument("address")
@click.option("--seen", type=click.Choice(SHARING), help=t("Dấu đã đọc.", "Read or unread."))
@click.option("--flagged", type=click.Choice(SHARING), help=t("Dấu cờ (sao).", "Flag (star)."))
@click.pass_obj
def flags(cli: Cli, address: str, seen: str | None, flagged: str | None) -> None:
    from deploy import mailboxes

    given = {"seen": seen, "flagged": flagged}
    wanted = {name: word == PERSONAL for name, word in given.items() if word is not None}
    held = cli.write(lambda tx: mailboxes.choose_flags_tx(tx, address, wanted))
    vi = ", ".join(f"{name} {'riêng từng người' if personal else 'chung'}" for name, personal in held.items())
    en = ", ".join(f"{name} {PERSONAL if personal else SHARED}" for name, personal in held.items())
    say(f"{address}: {vi}.", f"{address}: {en}.")


@mailbox.command(
    help=t(
        "Đặt dung lượng và số thư của hộp thư ADDRESS; không ghi gì thì xem. N: số, có thể kèm K, M, G (1024); none:"
        " không giới hạn; default: theo cơ quan. Với --members, ADDRESS là hộp thư cơ quan: mức chung cho mọi hộp thư.",
        "Limit what the mailbox ADDRESS may hold; without options, show. N: a number, with K, M or G (1024);"
        " none: no limit; default: as the agency has it. With --members ADDRESS is the agency's: for all mailboxes.",
    )
)
@click.argument("address")
@click.option("--storage", metavar="N", help=t("Dung lượng, theo byte.", "Octets."))
@click.option("--messages", metavar="N", help=t("Số thư.", "Number of messages."))
@click.option("--members", is_flag=True, help=t("Mức chung của cơ quan.", "For all mailboxes of the agency."))
@click.pass_obj
def quota(cli: Cli, address: str, storage: str | None, messages: str | None, members: bool) -> None:
    from deploy import mailboxes

    given = {"octets": storage, "messages": messages}
    wanted = {name: _limit(text) for name, text in given.items() if text is not None}
    limits = {f"members_{name}" if members else name: limit for name, limit in wanted.items()}
    found = cli.write(lambda tx: mailboxes.limit_tx(tx, address, limits))
    octets, count = (most or t("không giới hạn", "no limit") for most in found.limit)
    say(
        f"{address}: {found.used.octets} byte / {octets}; {found.used.messages} thư / {count}.",
        f"{address}: {found.used.octets} octets of {octets}; {found.used.messages} messages of {count}.",
    )


def _limit(text: str) -> int | None:
    """Octets or a count; 0: none. Ends the command for anything else."""
    words: dict[str, int | None] = {"none": 0, "default": None}
    if text.lower() in words:
        return words[text.lower()]
    found = _AMOUNT.fullmatch(text)
    if found is None or not int(found[1]):
        refuse(f"“{text}” không phải là số.", f"“{text}” is not an amount.")
    return int(found[1]) * _UNITS[found[2].upper()]


def _start_of_day(day: datetime) -> datetime:
    from mailserver.directory.records import OFFICE_ZONE

    return datetime.combine(day.date(), time.min, OFFICE_ZONE)
