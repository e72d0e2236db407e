"""One mail transaction with a remote server (RFC 5321 §3.3), a reply for every recipient."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException

from mailserver.delivery.envelope import to_xtext
from mailserver.outbound.connecting import Patience
from mailserver.outbound.destinations import destination_of
from mailserver.outbound.jobs import Addressee, Job, written
from mailserver.outbound.octets import Outgoing
from mailserver.outbound.outcomes import End, Outcome, Stage, of_reply, ours

# By recipient_id; who is missing has had no answer.
Outcomes = dict[int, Outcome]


@dataclass(frozen=True, slots=True)
class Remote:
    """What the other side announced. size: the most octets it takes, 0 for any."""

    name: str
    eight_bit: bool
    utf8: bool
    dsn: bool
    announces_size: bool
    size: int

    @classmethod
    def of(cls, client: SMTP, name: str) -> Remote:
        known = client.esmtp_extensions
        size = known.get("size", "").strip()
        return cls(
            name,
            eight_bit="8bitmime" in known,
            utf8="smtputf8" in known,
            dsn="dsn" in known,
            announces_size="size" in known,
            size=int(size) if size.isascii() and size.isdigit() else 0,
        )


class Stale(Exception):
    """A server that has taken letters by this connection takes no more by it; it may by a new one."""


async def converse(
    client: SMTP, name: str, job: Job, letter: Outgoing, patience: Patience, *, again: bool = False
) -> Outcomes:
    """Send the message to all recipients of a job. Never raises for what the remote does, but Stale.

    name: of the host, for reports. again: the connection has carried a letter before; if it was closed since, or the
    server has had enough of it (421, RFC 5321 §3.8), nothing is known about this letter, and Stale is raised.
    """
    remote = Remote.of(client, name)
    needs_utf8 = not _ascii_locals([job.sender, *(one.address for one in job.addressees)])
    if letter.has_8bit and not remote.eight_bit:  # RFC 6152 §3: convert, or give back what cannot be converted
        letter = await asyncio.to_thread(letter.in_seven_bits)
    obstacle = _obstacle(remote, letter, needs_utf8)
    if obstacle is not None:
        return dict.fromkeys(job.ids, obstacle)
    outcomes: Outcomes = {}
    utf8 = needs_utf8 or (letter.utf8_header and remote.utf8)
    try:
        said = await _mail(client, _mail_arguments(remote, job, letter, utf8), again)
        if said.code != 250:
            return dict.fromkeys(job.ids, of_reply(Stage.MAIL, _not_2xx(said.code), said.message, name))
        await _transact(client, remote, job, letter, patience, outcomes)
    except SMTPResponseException as nonsense:  # a reply that is none
        lost = of_reply(Stage.HELLO, nonsense.code, nonsense.message, name)
    except (SMTPException, OSError) as fault:
        lost = ours(End.AGAIN, "4.4.2", f"the connection to {name} was lost: {fault}", name)
    else:
        return outcomes
    return {one: outcomes.get(one, lost) for one in job.ids}


def _obstacle(remote: Remote, letter: Outgoing, needs_utf8: bool) -> Outcome | None:
    """What cannot be sent to this server at all."""
    if remote.size and len(letter.octets) > remote.size:
        words = f"{remote.name} takes no message larger than {remote.size} octets; this one has {len(letter.octets)}"
        return ours(End.FAILED, "5.3.4", words, remote.name)
    if letter.has_8bit and not remote.eight_bit:
        return ours(End.FAILED, "5.6.3", f"{remote.name} takes only 7-bit messages (no 8BITMIME)", remote.name)
    if needs_utf8 and not remote.utf8:
        return ours(End.FAILED, "5.6.7", f"{remote.name} takes only ASCII addresses (no SMTPUTF8)", remote.name)
    return None


async def _mail(client: SMTP, arguments: list[bytes], again: bool) -> SMTPResponse:
    """The reply to MAIL. Raises what the connection raises, Stale."""
    try:
        said = await client.execute_command(b"MAIL", *arguments)
    except (SMTPException, OSError) as fault:
        if again:
            raise Stale from fault
        raise
    if again and 400 <= said.code < 500:
        raise Stale
    return said


async def _transact(
    client: SMTP, remote: Remote, job: Job, letter: Outgoing, patience: Patience, outcomes: Outcomes
) -> None:
    """What follows MAIL. Fills `outcomes` as answers come; raises what the connection raises."""
    taken: list[Addressee] = []
    for addressee in job.addressees:
        said = await client.execute_command(b"RCPT", *_rcpt_arguments(remote, addressee))
        if said.code in (250, 251):
            taken.append(addressee)
        else:
            outcomes[addressee.recipient_id] = of_reply(
                Stage.RCPT, _not_2xx(said.code), said.message, remote.name, taken_before=bool(taken)
            )
    if not taken:
        return
    allowed = patience.data + len(letter.octets) / patience.slowest
    try:
        said = await client.data(letter.octets, timeout=allowed)
    except SMTPResponseException as refused:
        outcome = of_reply(Stage.DATA, _not_2xx(refused.code), refused.message, remote.name)
    else:
        outcome = of_reply(Stage.DATA, said.code, said.message, remote.name)
        if not remote.dsn:
            outcome = replace(outcome, relayed=True)
    outcomes.update(dict.fromkeys((one.recipient_id for one in taken), outcome))


def _not_2xx(code: int) -> int:
    """A reply that is neither the one that was due nor a refusal counts as a refusal for now."""
    return code if 400 <= code < 600 else 451


def _mail_arguments(remote: Remote, job: Job, letter: Outgoing, utf8: bool) -> list[bytes]:
    arguments = [b"FROM:<" + _wire(job.sender) + b">"]
    if remote.announces_size:
        arguments.append(b"SIZE=%d" % len(letter.octets))
    if letter.has_8bit and remote.eight_bit:
        arguments.append(b"BODY=8BITMIME")
    if utf8:
        arguments.append(b"SMTPUTF8")
    if remote.dsn:
        arguments += [b"RET=" + job.ret.encode()] if job.ret else []
        arguments += [b"ENVID=" + to_xtext(job.envid).encode()] if job.envid else []
    return arguments


def _rcpt_arguments(remote: Remote, addressee: Addressee) -> list[bytes]:
    arguments = [b"TO:<" + _wire(addressee.address) + b">"]
    if remote.dsn:
        notify, orcpt = written(addressee.wish.notify), addressee.wish.orcpt
        arguments += [b"NOTIFY=" + notify.encode()] if notify else []
        arguments += [b"ORCPT=" + _orcpt(orcpt)] if orcpt.isascii() and orcpt else []
    return arguments


def _orcpt(text: str) -> bytes:
    kind, _, address = text.partition(";")
    return f"{kind};{to_xtext(address)}".encode()


def _wire(address: str) -> bytes:
    """local@domain with the domain as A-label, so that only the local part can need SMTPUTF8."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain if domain.isascii() else destination_of(address)}".encode()


def _ascii_locals(addresses: Iterable[str]) -> bool:
    return all(address.rpartition("@")[0].isascii() for address in addresses)
