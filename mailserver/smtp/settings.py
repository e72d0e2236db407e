"""What an SMTP door is and what it allows. Every limit with its unit and its reason."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from enum import Enum, unique
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path


@unique
class Role(Enum):
    """Who talks to this door, and how."""

    MX = "mx"  # strangers and neighbours, RFC 5321
    SUBMISSION = "submission"  # our people, STARTTLS, RFC 6409
    SUBMISSIONS = "submissions"  # our people, TLS from the first octet, RFC 8314 §3.3
    LMTP = "lmtp"  # another mail server in front of us, RFC 2033

    @property
    def is_submission(self) -> bool:
        return self in (Role.SUBMISSION, Role.SUBMISSIONS)


@dataclass(frozen=True)
class SmtpSettings:
    """Settings of one door.

    hostname: our name in greetings and trace fields.
    spool_dir: a folder that exists, on the disk of the data, for messages above 512 KiB.
    size_limit: octets on the wire that EHLO announces and at which reading stops storing; 0: none.
    tls: None turns STARTTLS off; SUBMISSIONS needs it.
    allow_plaintext: AUTH without TLS also from other than loopback addresses.
    trusted_networks: their sessions are not counted: an office behind one address.
    """

    hostname: str
    spool_dir: Path
    size_limit: int = 14_431_232
    tls: ssl.SSLContext | None = None
    allow_plaintext: bool = False
    trusted_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    # Seconds without an octet from the client; RFC 5321 §4.5.3.2 asks for 5 minutes.
    idle_timeout: float = 300.0
    # Octets a second that DATA must bring over its whole time, or 1,000 slow clients hold 1,000
    # connections for ever. As Postfix's smtpd_min_data_rate.
    min_data_rate: int = 500
    # RFC 5321 §4.5.3.1.8 asks for at least 100.
    max_recipients: int = 1000
    # Of one address (IPv6: one /64), not counting trusted networks.
    max_sessions_per_address: int = 50
    # Of one address in a minute, not counting trusted networks: connections, and messages begun.
    max_connections_a_minute: int = 300
    max_messages_a_minute: int = 500
    # Messages from strangers for one mailbox in ten minutes; a flood is put off and tried again (4xx).
    max_mail_of_a_mailbox: int = 600
    # Reports for one sender whose mail went on from here, in ten minutes: no more comes back than went.
    max_returns_of_a_sender: int = 60
    # Of the whole process: descriptors must be left for the store.
    max_sessions: int = 2000
    # From here on every further error costs the client `error_delay` seconds …
    soft_errors: int = 10
    error_delay: float = 1.0
    # … and here the connection ends with 421.
    hard_errors: int = 20
    # NOOP, RSET, VRFY and the like without a message in between; more of them are errors.
    max_junk_commands: int = 100
    # Refused passwords in one session.
    max_auth_failures: int = 5

    @cached_property
    def _networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(network, strict=False) for network in self.trusted_networks)

    def trusts(self, address: str) -> bool:
        """Whether a peer is in a trusted network. A peer that is no IP address is a local socket."""
        peer = _parse_address(address)
        return peer is None or any(peer in network for network in self._networks)

    def may_send_passwords_plain(self, address: str) -> bool:
        """Whether AUTH is offered without TLS (RFC 8314 §3): from this machine, or if so configured."""
        peer = _parse_address(address)
        return self.allow_plaintext or peer is None or peer.is_loopback


def session_key(address: str) -> str:
    """What sessions are counted by: the IPv4 address, or the /64 of an IPv6 one."""
    peer = _parse_address(address)
    if isinstance(peer, IPv6Address):
        return str(IPv6Network((int(peer) >> 64 << 64, 64)))
    return address


def _parse_address(address: str) -> IPv4Address | IPv6Address | None:
    try:
        peer = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return peer.ipv4_mapped or peer if isinstance(peer, IPv6Address) else peer
