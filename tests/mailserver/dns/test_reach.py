"""Local addresses in all their spellings lead nowhere (RELIABILITY §2.3, server-side requests)."""

from __future__ import annotations

import pytest

from mailserver.dns.reach import is_global

LOCAL = """
127.0.0.1 127.255.255.254 127.1.2.3 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255
192.168.0.1 192.168.255.255 169.254.169.254 169.254.0.1 100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1
198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 240.0.0.1 255.255.255.255 224.0.0.1 239.255.255.255 :: ::1
::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:7f00:1 0:0:0:0:0:ffff:c0a8:1 fe80::1
fe80::1%eth0 febf::1 fc00::1 fd00::1 fdff::1 ff02::1 ff0e::1 2001:db8::1 100::1 64:ff9b::7f00:1
64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1:: 2002:c0a8:101::1
2001:0:4136:e378:8000:63bf:80ff:fffe 2001::1 2001:10::1
"""
# What a browser might take for an address, and DNS never gives.
NONSENSE = ["", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.nip.io", "[::1]", "１２７.0.0.1"]


@pytest.mark.parametrize("address", [*LOCAL.split(), *NONSENSE])
def test_what_is_not_of_the_internet(address: str) -> None:
    assert not is_global(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "203.162.0.1", "2400:cb00::1", "64:ff9b::101:101", "2002:101:101::1"])
def test_what_is(address: str) -> None:
    assert is_global(address)
