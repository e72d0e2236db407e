"""The web door on a real port of 127.0.0.1, over a world made for the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from webmail.asgi import Web, build
from webmail.services import WebServices
from webmail.settings import WebSettings

READY_S = 60.0


class _Server(uvicorn.Server):
    """Tells when it answers; ends the streams before it waits for its connections."""

    def __init__(self, web: Web) -> None:
        super().__init__(uvicorn.Config(web, lifespan="on", log_config=None, timeout_graceful_shutdown=5))
        self.web = web
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.web.end_streams()
        await super().shutdown(sockets)


@contextmanager
def running(services: WebServices, settings: WebSettings, port: int = 0) -> Iterator[str]:
    """The address of a server that runs until the block ends; port 0 takes any free one."""
    listener = socket.create_server(("127.0.0.1", port))
    server = _Server(build(services, settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web")
    thread.start()
    try:
        if not server.ready.wait(READY_S):
            raise TimeoutError("the web server did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(READY_S)
        listener.close()
