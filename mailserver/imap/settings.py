"""What an installation may set about IMAP, and the limits it works under."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class ImapSettings:
    """Times in seconds, sizes in octets.

    allow_plaintext: take passwords without TLS.
    trusted_networks: their connections are not counted (an office behind one NAT address).
    hidden: capabilities not to announce, in capitals. utc_offset_minutes: the zone that INTERNALDATE is written in
    and that SEARCH BEFORE/ON/SINCE count days in. spool_dir: a folder on the disk of the data, for messages above
    256 KiB while they come in; None for the system's own.
    """

    allow_plaintext: bool = False
    trusted_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    connections_per_address: int = 200
    connections_per_user: int = 40
    append_limit: int = 50 * MIB
    login_timeout: float = 180
    idle_timeout: float = 30 * 60
    literal_timeout: float = 300
    write_timeout: float = 600
    idle_notify: float = 120
    bad_commands: int = 20
    hidden: frozenset[str] = frozenset()
    utc_offset_minutes: int = 7 * 60
    cache_octets: int = 64 * MIB
    spool_dir: Path | None = None

    @cached_property
    def _networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        return tuple(ipaddress.ip_network(network, strict=False) for network in self.trusted_networks)

    def trusts(self, address: str) -> bool:
        """Whether an address is in a trusted network; IPv4 mapped into IPv6 counts as IPv4."""
        try:
            peer = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return address == ""  # a Unix socket has no address
        mapped = getattr(peer, "ipv4_mapped", None)
        return any((mapped or peer) in network for network in self._networks)
