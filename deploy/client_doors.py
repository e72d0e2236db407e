"""What mail programs and other mail servers are told about this server: names, ports, a signed profile, a policy.

The set-up page, the files that programs fetch and the DNS records all come from here, so that they agree.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import structlog

from deploy import tls
from deploy.config import Settings
from deploy.config_values import Address, ascii_host
from deploy.sockets import Bound, Door
from mailserver.outbound.mtasts import Mode, Policy
from webmail.settings import MailDoor

HTTPS = 443
# Seconds that others keep our MTA-STS policy: some weeks resist an attacker, and a mistake can be waited out.
POLICY_AGE_S = 14 * 86_400
# TLS from the first octet first (RFC 8314 §3.3).
OFFERED = (
    ("IMAP", Door.IMAPS, "TLS"),
    ("IMAP", Door.IMAP, "STARTTLS"),
    ("SMTP", Door.SUBMISSIONS, "TLS"),
    ("SMTP", Door.SUBMISSION, "STARTTLS"),
)

log = structlog.get_logger("vanthu.clients")


def internet_host(settings: Settings) -> str:
    """The name that works everywhere, as A-labels: Thunderbird knows no others (mox http/autoconf.go)."""
    return settings.clients.internet_host or ascii_host(settings.host)


def internet_port(settings: Settings, door: Door) -> int:
    """The port of a door as the Internet sees it where the settings say so; 0: as it listens."""
    clients = settings.clients
    return {
        Door.IMAPS: clients.imaps_port,
        Door.IMAP: clients.imap_port,
        Door.SUBMISSIONS: clients.submissions_port,
        Door.SUBMISSION: clients.submission_port,
    }[door]


def mail_doors(settings: Settings, bound: Sequence[Bound]) -> tuple[MailDoor, ...]:
    """The doors under the names and ports that work everywhere."""
    named = bool(settings.clients.internet_host)
    return tuple(
        MailDoor(
            protocol,
            one.at.host if one.asked.is_loopback and not named else internet_host(settings),
            internet_port(settings, one.door) or one.at.port,
            security,
        )
        for protocol, security, one in _open(bound)
    )


def lan_doors(settings: Settings, bound: Sequence[Bound]) -> tuple[MailDoor, ...]:
    """The doors under the office's own name; () where it has none of its own."""
    host = settings.clients.lan_host
    if not host or host == internet_host(settings):
        return ()
    return tuple(MailDoor(protocol, host, one.at.port, security) for protocol, security, one in _open(bound))


def _open(bound: Sequence[Bound]) -> Iterator[tuple[str, str, Bound]]:
    """Each door once: "*" listens on IPv4 and on IPv6 under one name and port."""
    for protocol, door, security in OFFERED:
        seen: set[Address] = set()
        for one in bound:
            if one.door is door and one.asked not in seen:
                seen.add(one.asked)
                yield protocol, security, one


def web_address(settings: Settings, bound: Sequence[Bound] = ()) -> str:
    """How browsers reach the webmail, "https://mail.sxd.example", without a slash at the end.

    bound: knows the port where the settings ask for any free one.
    """
    if settings.web.public_url:
        return settings.web.public_url.rstrip("/")
    ports = {one.asked: one.at for one in bound if one.door is Door.WEB}
    # A listener with TLS is reached from outside; one on loopback by this machine alone.
    for asked in sorted(settings.web.listen, key=lambda one: not settings.web_uses_tls(one)):
        secure = settings.web_uses_tls(asked)
        at = ports.get(asked, asked)
        host = str(Address(asked.host, 0)).removesuffix(":0") if asked.is_loopback else internet_host(settings)
        return f"{'https' if secure else 'http'}://{host}{'' if secure and at.port == HTTPS else f':{at.port}'}"
    return f"https://{internet_host(settings)}"


def web_service(settings: Settings) -> tuple[str, int] | None:
    """Host and port of the webmail over TLS, as DNS tells Outlook of it; None: not reachable so."""
    if not settings.web.listen:
        return None
    parts = urlsplit(web_address(settings))
    if parts.scheme != "https" or parts.hostname is None:
        return None
    return ascii_host(parts.hostname), parts.port or HTTPS


def transport_policy(settings: Settings) -> Policy | None:
    """The MTA-STS policy of all our domains: the MX that `vanthu domain dns` names; None: there is none."""
    if settings.smtp.mta_sts == "off":
        return None
    return Policy(Mode(settings.smtp.mta_sts), (ascii_host(settings.host),), POLICY_AGE_S)


def sign_profile(settings: Settings, profile: bytes) -> bytes:
    """The profile signed with the office's certificate (CMS, DER), or as it is.

    A self-signed certificate proves nothing to a phone: the profile then stays readable. A key that
    cannot sign so costs the signature, not the profile.
    """
    if settings.tls.cert is None:
        return profile
    try:
        return tls.sign(settings, profile)
    except (OSError, ValueError, TypeError, ssl.SSLError) as fault:
        log.warning("profile not signed", reason=str(fault))
        return profile
