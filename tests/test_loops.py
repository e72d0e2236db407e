"""The event loop of tests leaves no socket behind."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path
from typing import Any

from deploy.tls import make_self_signed
from tests.support.loops import EndingLoop


def test_what_waits_for_its_peers_goodbye_is_cut_when_the_loop_ends(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make_self_signed("mail.sct.test", "sct.test", cert, key)
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(cert, key)
    here = ssl.create_default_context(cafile=str(cert))
    with socket.create_server(("127.0.0.1", 0)) as server, contextlib.ExitStack() as stack:

        def take() -> None:
            """Shake hands, and never say anything again."""
            stack.enter_context(there.wrap_socket(server.accept()[0], server_side=True))

        async def come_and_go() -> Any:
            taking = asyncio.create_task(asyncio.to_thread(take))
            _, writer = await asyncio.open_connection(*server.getsockname(), ssl=here, server_hostname="mail.sct.test")
            await taking
            writer.close()
            return writer.get_extra_info("socket")

        with asyncio.Runner(loop_factory=EndingLoop) as runner:
            mine = runner.run(come_and_go())
            assert mine.fileno() >= 0
        assert mine.fileno() == -1
