"""For machines: is this process able to serve, and what has it done."""

from __future__ import annotations

import contextlib
import time
from ipaddress import ip_address, ip_network

from flask import Blueprint, Flask, Response, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text

from mailserver.outbound import listing
from webmail.public import public
from webmail.services import services, settings

bp = Blueprint("health", __name__)

REQUESTS = Counter("vanthu_web_requests_total", "Answers of the web door", ["method", "status"])
SECONDS = Histogram("vanthu_web_request_seconds", "Time to an answer of the web door", ["method"])
QUEUE = Gauge("vanthu_outbound_recipients", "Recipients outside who wait or are held", ["state"])

SCANNER = Gauge("vanthu_scanner_up", "1: ClamAV or rspamd answers; 0: it does not", ["name"])
ROOM = Gauge("vanthu_store_room_bytes", "Left for new mail on the fullest disk, above the reserve; negative: refused")


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """200 if the database answers, else 503; says no more to strangers than that new mail finds no room."""
    store = services().store
    try:
        store.db.read(lambda conn: conn.execute(text("SELECT 1")).scalar())
    except Exception:
        return jsonify(status="unavailable"), 503
    return jsonify(status="ok") if store.room.has(1) else jsonify(status="ok", storage="full")


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus text; 404 for callers outside `WebSettings.metrics_networks`."""
    if not _may_read_metrics(request.remote_addr or ""):
        abort(404)
    for state, count in services().store.db.read(listing.depth).items():
        QUEUE.labels(state.value).set(count)
    for scanner in services().delivery.scanners.health():
        SCANNER.labels(scanner.name).set(0 if scanner.fault else 1)
    with contextlib.suppress(OSError):
        ROOM.set(services().store.room.left())
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(remote: str) -> bool:
    try:
        address = ip_address(remote)
    except ValueError:
        return False
    return any(address in ip_network(network) for network in settings().metrics_networks)


def _begin() -> None:
    g.began = time.monotonic()


def _count(response: Response) -> Response:
    REQUESTS.labels(request.method, str(response.status_code)).inc()
    SECONDS.labels(request.method).observe(time.monotonic() - g.get("began", time.monotonic()))
    return response


def init(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_count)
