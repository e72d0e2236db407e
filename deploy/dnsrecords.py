"""The DNS records that a mail domain needs, and whether they are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, unique

from deploy import client_doors
from deploy.config import Settings
from deploy.sockets import Door

# All look-ups together end within this, also where no name server answers.
TIMEOUT_S = 3.0
DKIM_SELECTOR = "vanthu"


@dataclass(frozen=True, slots=True)
class Record:
    """name: absolute, without the last dot. fixed: False where the value is for the office to make."""

    name: str
    type: str
    value: str
    fixed: bool = True


@unique
class Finding(Enum):
    """What DNS said about a record."""

    PRESENT = "present"
    DIFFERENT = "different"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def records(settings: Settings) -> list[Record]:
    """What to publish for the domain (RFC 7208, RFC 6376, RFC 7489, RFC 6186, RFC 8314 §5.1)."""
    domain, host = settings.domain, settings.host
    found = [
        Record(domain, "MX", f"10 {host}."),
        Record(domain, "TXT", "v=spf1 mx -all"),
        Record(f"{DKIM_SELECTOR}._domainkey.{domain}", "TXT", "v=DKIM1; k=rsa; p=…", fixed=False),
        Record(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"),
    ]
    return [*found, *_mail_services(settings), *_set_up(settings)]


def _mail_services(settings: Settings) -> Iterator[Record]:
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
        yield Record(f"{service}.{settings.domain}", "SRV", value)


def _set_up(settings: Settings) -> Iterator[Record]:
    """Where Thunderbird and Outlook look for the settings themselves."""
    if (web := client_doors.web_service(settings)) is not None:
        host, port = web
        yield Record(f"autoconfig.{settings.domain}", "CNAME", f"{host}.")
        yield Record(f"_autodiscover._tcp.{settings.domain}", "SRV", f"0 1 {port} {host}.")


Lookup = Callable[[str, str], Sequence[str] | None]


def check(wanted: Sequence[Record], lookup: Lookup) -> list[Finding]:
    """Compare with DNS, all at once. `lookup`: values as text, () for none, None for no answer."""
    with ThreadPoolExecutor(len(wanted)) as pool:
        answers = pool.map(lambda one: lookup(one.name, one.type), wanted)
        return [_compare(record, answer) for record, answer in zip(wanted, answers, strict=True)]


def _compare(record: Record, answer: Sequence[str] | None) -> Finding:
    if answer is None:
        return Finding.UNKNOWN
    tag = record.value.split(";", 1)[0].split(" ", 1)[0].lower()
    same_kind = [one for one in answer if record.type != "TXT" or one.lower().startswith(tag)]
    if not same_kind:
        return Finding.ABSENT
    wanted = record.value.lower()
    if any(one.lower() == wanted for one in same_kind) or not record.fixed:
        return Finding.PRESENT
    return Finding.DIFFERENT


def ask_dns(name: str, kind: str) -> Sequence[str] | None:
    """The records of this machine's resolver; None where it cannot tell in time."""
    import dns.exception
    import dns.resolver

    try:
        resolver = dns.resolver.Resolver()
        answer = resolver.resolve(name, kind, lifetime=TIMEOUT_S)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError):
        return None
    return [
        "".join(part.decode(errors="replace") for part in one.strings) if kind == "TXT" else str(one) for one in answer
    ]
