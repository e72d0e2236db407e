"""How every asyncio child hears that it shall stop, or read its certificate again."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Callable

import structlog

from deploy import tls
from deploy.config import Settings

log = structlog.get_logger("vanthu.tls")


def on_signals(reload: Callable[[], None]) -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; SIGHUP calls `reload`. Call it on the running loop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    return stop


def reload_tls(context: ssl.SSLContext, settings: Settings) -> None:
    """Read the certificate again; a broken new one does not cost the old one."""
    try:
        tls.reload(context, settings)
    except (OSError, ssl.SSLError) as fault:
        log.error("the certificate was not read again", reason=str(fault))
