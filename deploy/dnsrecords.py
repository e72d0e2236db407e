"""The DNS records that a mail domain needs, and whether they are there."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from deploy import client_doors
from deploy.config import Settings
from deploy.sockets import Door
from mailserver.dns.answers import Answer
from mailserver.dns.resolver import Dns
from mailserver.senderauth.keys import Key

_ALONE = ("v=spf1", "v=DMARC1", "v=STSv1", "v=TLSRPTv1")


@dataclass(frozen=True, slots=True)
class Record:
    """name: absolute, without the last dot."""

    name: str
    type: str
    value: str

    @property
    def line(self) -> str:
        """As it stands in a zone file; a long text in strings of at most 255 octets (RFC 1035 §3.3)."""
        value = self.value
        if self.type == "TXT":
            value = " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))
        return f"{self.name}. IN {self.type} {value}"


@unique
class Finding(Enum):
    """What DNS said about a record."""

    PRESENT = "present"
    DIFFERENT = "different"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def records(settings: Settings, domain: str = "", keys: Sequence[Key] = ()) -> list[Record]:
    """What to publish for a domain (RFC 7208, RFC 6376, RFC 7489, RFC 6186, RFC 8314 §5.1, RFC 8461).

    domain: the installation's main one if none is given. keys: those that sign its mail, or will.
    """
    domain = domain or settings.domain
    found = [
        Record(domain, "MX", f"10 {settings.host}."),
        Record(domain, "TXT", _senders(settings)),
        *(Record(key.record_name, "TXT", key.record) for key in keys),
        Record(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"),
    ]
    return [*found, *_transport(settings, domain), *_mail_services(settings, domain), *_set_up(settings, domain)]


def _senders(settings: Settings) -> str:
    """Who sends mail of ours (RFC 7208): this server, and who takes it from here. From which addresses that one sends
    is for its operator to say, so that with it nothing is denied to others."""
    smarthost = settings.outbound.smarthost_at
    if smarthost is None:
        return "v=spf1 mx -all"
    try:
        address = ipaddress.ip_address(smarthost.host)
    except ValueError:
        return f"v=spf1 mx a:{smarthost.host} ~all"
    return f"v=spf1 mx ip{address.version}:{address} ~all" if address.is_global else "v=spf1 mx ~all"


def _transport(settings: Settings, domain: str) -> Iterator[Record]:
    """That mail for us needs TLS (RFC 8461 §3.1), and who is told when it fails (RFC 8460 §3)."""
    policy, web = client_doors.transport_policy(settings), client_doors.web_service(settings)
    if policy is not None and web is not None and web[1] == client_doors.HTTPS:  # others ask at no other port
        yield Record(f"_mta-sts.{domain}", "TXT", policy.record)
        yield Record(f"mta-sts.{domain}", "CNAME", f"{web[0]}.")
        yield Record(f"_smtp._tls.{domain}", "TXT", f"v=TLSRPTv1; rua=mailto:postmaster@{domain}")


def _mail_services(settings: Settings, domain: str) -> Iterator[Record]:
    """Where mail programs connect; TLS from the first octet is preferred (RFC 8314 §5.1)."""
    target = client_doors.internet_host(settings)
    services = (
        ("_submission._tcp", Door.SUBMISSION, settings.smtp.submission, 10),
        ("_submissions._tcp", Door.SUBMISSIONS, settings.smtp.submissions, 0),
        ("_imap._tcp", Door.IMAP, settings.imap.plain, 10),
        ("_imaps._tcp", Door.IMAPS, settings.imap.tls, 0),
    )
    for service, door, listeners, priority in services:
        port = (client_doors.internet_port(settings, door) or listeners[0].port) if listeners else 0
        # A port of 0 and the target "." say: not offered here (RFC 6186 §3.4).
        value = f"{priority} 1 {port} {target}." if port else "0 0 0 ."
        yield Record(f"{service}.{domain}", "SRV", value)


def _set_up(settings: Settings, domain: str) -> Iterator[Record]:
    """Where Thunderbird and Outlook look for the settings themselves."""
    if (web := client_doors.web_service(settings)) is not None:
        host, port = web
        yield Record(f"autoconfig.{domain}", "CNAME", f"{host}.")
        yield Record(f"_autodiscover._tcp.{domain}", "SRV", f"0 1 {port} {host}.")


async def check(wanted: Sequence[Record], dns: Dns) -> list[Finding]:
    """Compare with DNS, all at once; in bounded time, whatever the name servers do."""
    answers = await asyncio.gather(*(_ask(dns, record) for record in wanted))
    return [compare(record, answer) for record, answer in zip(wanted, answers, strict=True)]


async def _ask(dns: Dns, record: Record) -> Sequence[str] | None:
    """The records there are, as text; None where DNS cannot tell."""
    if record.type == "MX":
        hosts = await dns.mx(record.name)
        return _told(hosts, [f"{one.preference} {one.host}." for one in hosts.records])
    if record.type == "SRV":
        services = await dns.srv(record.name)
        return _told(services, services.records)
    if record.type == "CNAME":
        aliases = await dns.cname(record.name)
        return _told(aliases, [f"{one}." for one in aliases.records])
    texts = await dns.txt(record.name)
    return _told(texts, [text.decode("utf-8", "replace") for text in texts.records])


def _told(answer: Answer[Any], values: Sequence[str]) -> Sequence[str] | None:
    return None if answer.failed else values


def compare(record: Record, answer: Sequence[str] | None) -> Finding:
    """Other MX records, texts of another purpose and white space make no difference; a second record of the same
    purpose does where nobody believes either then (RFC 7208 §4.5, RFC 7489 §6.6.3, RFC 8461 §3.1)."""
    if answer is None:
        return Finding.UNKNOWN
    if record.type == "TXT":
        tag = record.value.split(";", 1)[0].split(" ", 1)[0].lower()
        answer = [one for one in answer if one.lower().startswith(tag)]
    if not answer:
        return Finding.ABSENT
    if len(answer) > 1 and record.value.startswith(_ALONE):
        return Finding.DIFFERENT
    wanted = _normal(record, record.value)
    return Finding.PRESENT if any(_normal(record, one) == wanted for one in answer) else Finding.DIFFERENT


def _normal(record: Record, value: str) -> str:
    """A spelling in which equal values are equal. Keys are in base64, where case matters."""
    if record.type != "TXT":
        return value.lower()
    if "; " not in record.value:
        return " ".join(value.lower().split())
    return re.sub(r"\s+", "", value).rstrip(";")
