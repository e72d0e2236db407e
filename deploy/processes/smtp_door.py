"""SMTP and LMTP servers from the settings."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from deploy import build
from deploy.agency_rules import AgencyRules
from deploy.config import Settings
from deploy.sockets import Bound, Door
from mailserver.accepting import Load
from mailserver.directory.login import Authenticator
from mailserver.directory.resolve import Resolver
from mailserver.smtp.server import SmtpServer
from mailserver.smtp.settings import Role, SmtpSettings
from mailserver.store.store import Store

ROLES = {
    Door.MX: Role.MX,
    Door.SUBMISSION: Role.SUBMISSION,
    Door.SUBMISSIONS: Role.SUBMISSIONS,
    Door.LMTP: Role.LMTP,
}


async def open_doors(
    settings: Settings,
    store: Store,
    rules: AgencyRules,
    authenticator: Authenticator,
    tls: ssl.SSLContext,
    bound: Sequence[Bound],
    load: Load | None = None,
) -> list[SmtpServer]:
    """One server for every role that has sockets; they accept connections on return."""
    door_settings = smtp_settings(settings, rules, tls)
    resolver, delivery = Resolver(store.db), build.delivery(settings, store, rules)
    judge = build.judge(settings)
    servers = []
    for door, role in ROLES.items():
        own = [one for one in bound if one.door is door]
        if not own:
            continue

        server = SmtpServer(
            role,
            resolver=resolver,
            delivery=delivery,
            settings=door_settings,
            sign_in=authenticator,
            judge=judge,
            load=load,
        )
        for one in own:
            await server.serve(one.socket)
        servers.append(server)
    return servers


def smtp_settings(settings: Settings, rules: AgencyRules, tls: ssl.SSLContext) -> SmtpSettings:
    return SmtpSettings(
        hostname=settings.host,
        spool_dir=build.spool_dir(settings),
        size_limit=rules.announced_size(),
        tls=tls,
        allow_plaintext=settings.auth.allow_plaintext or False,
        trusted_networks=build.trusted_networks(settings),
    )
