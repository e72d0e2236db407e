"""IMAP servers from the settings."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import replace

from deploy import build
from deploy.agency_rules import AgencyRules
from deploy.config import Settings
from deploy.sockets import Bound, Door
from mailserver.accepting import Load
from mailserver.directory.login import Authenticator
from mailserver.imap import auth
from mailserver.imap.server import ImapServer
from mailserver.imap.settings import ImapSettings
from mailserver.store.store import Store

IMAP_DOORS = (Door.IMAP, Door.IMAPS)


async def open_doors(
    settings: Settings,
    store: Store,
    rules: AgencyRules,
    authenticator: Authenticator,
    tls: ssl.SSLContext,
    bound: Sequence[Bound],
    load: Load | None = None,
) -> list[ImapServer]:
    """Servers for the IMAP sockets of this process; they accept connections on return.

    One for all of them, or two where some listeners take passwords without TLS and some do not.
    """
    servers = []
    for plaintext in (True, False):
        own = [one for one in bound if one.door in IMAP_DOORS and settings.plaintext_allowed(one.asked) is plaintext]
        if not own:
            continue
        limits = imap_settings(settings, rules, plaintext)
        server = ImapServer(
            store,
            auth.through(authenticator),
            limits,
            scram=auth.scram_through(authenticator),
            tls=tls,
            policy=build.policy(rules),
            load=load,
        )
        for one in own:
            await server.serve(one.socket, tls if one.door is Door.IMAPS else None)
        servers.append(server)
    return servers


def imap_settings(settings: Settings, rules: AgencyRules, plaintext: bool) -> ImapSettings:
    """The room's own limits, with what vanthu.toml says."""
    return replace(
        ImapSettings(),
        allow_plaintext=plaintext,
        trusted_networks=build.trusted_networks(settings),
        append_limit=append_limit(rules),
        spool_dir=build.spool_dir(settings),
    )


def append_limit(rules: AgencyRules) -> int:
    """Octets; without a limit of any agency's, the room's own guards the memory."""
    return rules.announced_size() or ImapSettings().append_limit
