"""A web process: the webmail under uvicorn, on sockets that the supervisor bound.

Listeners with and without TLS are served by processes of their own: cookies are named and protected
differently, so that each is a different application.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence

import uvicorn
import uvloop

from deploy import build, client_doors, clock, install, stores, tls
from deploy.children import Plan
from deploy.config import Settings
from deploy.processes.patience import PatientHttp
from deploy.processes.stopping import on_signals, reload_tls
from deploy.sockets import Bound, Door
from mailserver.directory.verified import Verified
from mailserver.vault import Vault
from webmail import asgi
from webmail.services import WebServices
from webmail.settings import WebSettings

# Requests under way at SIGTERM; shorter than the supervisor's patience.
DRAIN_S = 8


def plans(settings: Settings, bound: Sequence[Bound], verified: Verified) -> list[Plan]:
    """The web processes; none where no web listener is open. verified: their common memory of passwords."""
    made = []
    for secure in (True, False):
        own = [one for one in bound if one.door is Door.WEB and settings.web_uses_tls(one.asked) is secure]
        name = "web tls" if secure else "web"
        made += [
            _plan(f"{name} {number}", settings, own, bound, verified)
            for number in range(1, settings.processes.web + 1)
            if own
        ]
    return made


def _plan(name: str, settings: Settings, own: Sequence[Bound], bound: Sequence[Bound], verified: Verified) -> Plan:
    return Plan(name, lambda ready: uvloop.run(_serve(settings, own, bound, verified, ready)))


async def _serve(
    settings: Settings,
    own: Sequence[Bound],
    bound: Sequence[Bound],
    verified: Verified,
    ready: Callable[[], None],
) -> None:
    context = tls.context(settings)
    stop = on_signals(lambda: reload_tls(context, settings))
    store = stores.open_store(settings)
    rules = build.agency_rules(settings, store)
    rules.follow(store.feed)
    services = WebServices(
        store,
        build.authenticator(settings, store, verified),
        build.delivery(settings, store, rules),
        clock.now,
        lambda agency_id: rules.message_size(agency_id).limit,
        lambda profile: client_doors.sign_profile(settings, profile),
        build.consents(settings, store),
        rules.start,
        build.upload_policy(rules),
        Vault(install.accounts_key(settings)),
        build.sent_files(settings, store, rules),
        build.undo_seconds,
    )
    secure = settings.web_uses_tls(own[0].asked)
    web = asgi.build(services, web_settings(settings, bound, secure))

    def serving_now() -> None:
        rules.look_again()  # what changed before the feed was running
        ready()

    server = _Server(_config(settings, web, context if secure else None), serving_now)
    serving = asyncio.create_task(server.serve([one.socket for one in own]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await web.end_streams()
    server.should_exit = True
    await serving
    services.auth.close()
    store.close()


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, the process has them; says when it serves."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(settings: Settings, web: asgi.Web, context: ssl.SSLContext | None) -> uvicorn.Config:
    behind_proxy = bool(settings.web.public_url)
    return uvicorn.Config(
        web,
        http=PatientHttp,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips=list(build.trusted_networks(settings)),
        backlog=1024,
        timeout_graceful_shutdown=DRAIN_S,
        ssl_context_factory=None if context is None else lambda _config, _default: context,
    )


def web_settings(settings: Settings, bound: Sequence[Bound], secure: bool) -> WebSettings:
    """What the pages need to know. secure: browsers reach these listeners by https."""
    policy = client_doors.transport_policy(settings)
    return WebSettings(
        secret_key=install.web_secret(settings),
        cache_dir=settings.cache_dir,
        secure_cookies=secure or settings.web.public_url.startswith("https://"),
        timezone=settings.timezone,
        address=client_doors.web_address(settings, bound),
        other_addresses=settings.web.other_urls,
        mail_doors=client_doors.mail_doors(settings, bound),
        lan_doors=client_doors.lan_doors(settings, bound),
        lan_networks=tuple(map(str, settings.clients.lan_networks)),
        transport_policy=policy.text if policy is not None else b"",
    )
