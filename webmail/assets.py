"""Addresses of static files that change when the file does, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, url_for

STATIC = Path(__file__).parent / "static"
STYLESHEETS = (
    "css/fonts.css",
    "vendor/bootstrap/bootstrap.min.css",
    "css/tokens.css",
    "css/base.css",
    "css/controls.css",
    "css/layout.css",
    "css/components.css",
    "css/gate.css",
    "css/mail.css",
    "css/documents.css",
    "css/clients.css",
    "css/queue.css",
    "css/staff.css",
    "css/teams.css",
    "css/cleanup.css",
)
SCRIPTS = (
    "vendor/htmx/htmx.min.js",
    "js/comfort.js",
    "js/push.js",
    "js/passkeys.js",
    "js/mail.js",
    "js/documents.js",
    "js/teams.js",
    "js/sentfiles.js",
)


@lru_cache(maxsize=256)
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    return url_for("static", filename=name, v=_version(name))


def init(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, stylesheets=STYLESHEETS, scripts=SCRIPTS)
