"""The web door as one ASGI application: push and long answers on the loop, pages in a bounded pool of threads."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask

from webmail.app import create_app
from webmail.push import Push, Receive, Scope, Send
from webmail.services import WebServices
from webmail.settings import WebSettings
from webmail.streams import Streams, handed, handing

EVENTS = "/events"


class Web:
    """What uvicorn runs. Its lifespan starts and stops the event feed on uvicorn's loop."""

    def __init__(self, flask_app: Flask, services: WebServices) -> None:
        settings: WebSettings = flask_app.extensions["vanthu.settings"]
        self._push = Push(services, settings)
        self._streams = Streams()
        self._pages = WSGIMiddleware(handing(flask_app.wsgi_app), workers=settings.workers)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await (self._push if scope["path"] == EVENTS else self._page)(scope, receive, send)
        else:
            # A WebSocket is refused before it is accepted.
            await send({"type": "websocket.close", "code": 1000})

    async def end_streams(self) -> None:
        """End the open streams and open no more: uvicorn's own shutdown waits for its connections."""
        self._push.drain()

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page, and what it has left to be sent once its thread is free again."""

        async def head_of_stream(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" or handed(scope) is None:
                await send(message)

        await self._pages(scope, receive, head_of_stream)  # type: ignore[arg-type]
        stream = handed(scope)
        if stream is not None:
            await self._streams(stream, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._push.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._push.stop()
                self._streams.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def create_asgi(flask_app: Flask, services: WebServices) -> Web:
    """The application for `uvicorn.Config(app=…, lifespan="on")`; `services` are those of flask_app."""
    return Web(flask_app, services)


def build(services: WebServices, settings: WebSettings) -> Web:
    """Both in one call."""
    return create_asgi(create_app(services, settings), services)
