"""Which addresses a name of somebody else may lead to: those of the Internet, never into our own network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# RFC 6052 §2.1: IPv4 behind a translator; the last 32 bits are the address that is reached.
NAT64 = IPv6Network("64:ff9b::/96")


def is_global(address: str) -> bool:
    """Whether a server of the Internet may have this address. Text that is no IP address is none.

    IPv4 hidden in IPv6 counts as what it stands for.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    inner = _inner(found) if isinstance(found, IPv6Address) else None
    if inner is not None:
        found = inner
    return found.is_global and not found.is_multicast and not found.is_reserved


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
