"""The web door as one ASGI application: push natively, everything else through a bounded thread pool."""

from __future__ import annotations

from a2wsgi import WSGIMiddleware
from flask import Flask

from webmail.app import create_app
from webmail.push import Push, Receive, Scope, Send
from webmail.services import WebServices
from webmail.settings import WebSettings

EVENTS = "/events"


class Web:
    """What uvicorn runs. Its lifespan starts and stops the event feed on uvicorn's loop."""

    def __init__(self, flask_app: Flask, services: WebServices) -> None:
        settings: WebSettings = flask_app.extensions["vanthu.settings"]
        self._push = Push(services, settings)
        self._pages = WSGIMiddleware(flask_app.wsgi_app, workers=settings.workers)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            target = self._push if scope["path"] == EVENTS else self._pages
            await target(scope, receive, send)  # type: ignore[arg-type]
        else:
            # A WebSocket is refused before it is accepted.
            await send({"type": "websocket.close", "code": 1000})

    async def end_streams(self) -> None:
        """End the open streams and open no more: uvicorn's own shutdown waits for its connections."""
        self._push.drain()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._push.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._push.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


def create_asgi(flask_app: Flask, services: WebServices) -> Web:
    """The application for `uvicorn.Config(app=…, lifespan="on")`; `services` are those of flask_app."""
    return Web(flask_app, services)


def build(services: WebServices, settings: WebSettings) -> Web:
    """Both in one call."""
    return create_asgi(create_app(services, settings), services)
