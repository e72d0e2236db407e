"""A ceiling on what one person may ask for in a minute, so that a runaway tab slows nobody else.

Failed sign-ins are the directory's to slow down, over all doors alike (`directory.throttle`).
"""

from __future__ import annotations

from flask import Flask, g, request
from flask_limiter import Limiter

from webmail.settings import WebSettings


def _whose() -> str:
    """The signed-in person; strangers by address."""
    user = g.get("user")
    return f"person {user.principal_id}" if user is not None else f"address {request.remote_addr}"


def init(app: Flask) -> None:
    """Counts in memory, each process for itself; static files and health checks are free."""
    settings: WebSettings = app.extensions["vanthu.settings"]
    limiter = Limiter(
        _whose,
        storage_uri="memory://",
        default_limits=[f"{settings.requests_per_minute} per minute"],
        headers_enabled=False,
    )
    limiter.request_filter(lambda: request.endpoint in ("static", "health.healthz", "health.metrics"))
    limiter.init_app(app)
