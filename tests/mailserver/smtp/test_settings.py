"""Who is trusted, and by what sessions are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailserver.smtp.settings import SmtpSettings, session_key

SETTINGS = SmtpSettings("mail.test", Path("/"), trusted_networks=("10.1.0.0/16", "2001:db8::/32"))


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::7", "2001:db8::7%eth0", ""])
def test_peers_in_trusted_networks_and_local_sockets_are_trusted(peer: str) -> None:
    assert SETTINGS.trusts(peer)


@pytest.mark.parametrize("peer", ["10.2.0.1", "::ffff:10.2.0.1", "127.0.0.1", "2001:db9::1"])
def test_everybody_else_is_not(peer: str) -> None:
    assert not SETTINGS.trusts(peer)


def test_passwords_go_plain_only_from_this_machine_unless_allowed() -> None:
    assert SETTINGS.may_send_passwords_plain("127.0.0.1")
    assert SETTINGS.may_send_passwords_plain("::1")
    assert not SETTINGS.may_send_passwords_plain("10.1.2.3")
    assert SmtpSettings("m", Path("/"), allow_plaintext=True).may_send_passwords_plain("10.1.2.3")


def test_an_ipv6_network_counts_as_one_peer() -> None:
    assert session_key("2001:db8:1:2:3::4") == session_key("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert session_key("192.0.2.1") != session_key("192.0.2.2")
