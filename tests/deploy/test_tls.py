"""The context of all doors."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from deploy import tls
from deploy.config import load


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("tickets", [True, False])
def test_sessions_may_be_resumed_unless_that_is_switched_off(
    tmp_path: Path, version: ssl.TLSVersion, tickets: bool
) -> None:
    """mox #237, maddy #730, chasquid #64: senders of Microsoft's broke off where tickets were offered."""
    config = tmp_path / "vanthu.toml"
    config.write_text(f'data_dir = "data"\ndomain = "a.test"\n[tls]\nsession_tickets = {str(tickets).lower()}\n')
    settings = load(config)
    tls.ensure(settings)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = version
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(back, there)
    far = tls.context(settings).wrap_bio(there, back, server_side=True)
    for end in (near, far, near, far):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    far.write(b"hello")
    assert near.read() == b"hello"
    assert near.session is not None
    assert near.session.has_ticket is tickets
