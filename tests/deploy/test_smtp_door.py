"""What the product's own mail doors are made of."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from deploy import build
from deploy.config import load
from deploy.config_values import Address
from deploy.processes.smtp_door import open_doors
from deploy.sockets import Bound, Door
from mailserver.directory.verified import Verified
from mailserver.smtp.settings import Role
from mailserver.store.store import Store


async def test_only_the_mx_judges_senders(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "vanthu.toml"
    path.write_text('data_dir = "data"\ndomain = "sxd.test"\n[dns]\nservers = ["127.0.0.1:9"]\n', encoding="utf-8")
    settings = load(path)
    bound = [
        Bound(door, Address("127.0.0.1", 0), socket.create_server(("127.0.0.1", 0)))
        for door in (Door.MX, Door.SUBMISSION, Door.LMTP)
    ]
    authenticator = build.authenticator(settings, store, Verified())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    servers = await open_doors(settings, store, build.agency_rules(settings, store), authenticator, tls, bound)
    judging = {server.door.role for server in servers if server.door.judge is not None}
    for server in servers:
        await server.drain(1.0)
    authenticator.close()
    assert len(servers) == len(bound)
    assert judging == {Role.MX}
