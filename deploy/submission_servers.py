"""The way of mail under an address elsewhere: the submission server of the collected mailbox."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from mailserver.collector import sending
from mailserver.collector.errors import Failed
from mailserver.collector.records import Security, Sending
from mailserver.collector.vault import PasswordVault
from mailserver.outbound.connecting import Login, Terms, Tls
from mailserver.outbound.destinations import identity_in
from mailserver.outbound.routes import Host, NoRoute, NoRouteNow, Way
from mailserver.outbound.transmission import Route
from mailserver.store.database import Database

# A password goes out only under TLS with a certificate that holds, or to this machine (`sending.choose_tx`).
_TLS = {Security.TLS: Tls.IMPLICIT, Security.STARTTLS: Tls.REQUIRED, Security.NONE: Tls.OPPORTUNISTIC}


def terms_of(chosen: Sending, vault: PasswordVault, own_name: str, verifying: ssl.SSLContext | None = None) -> Terms:
    """How a server is spoken to. verifying: as in `Terms`. Raises Failed: the password cannot be decrypted."""
    server = chosen.server
    login = Login(server.login, vault.open(chosen.secret))
    return Terms(own_name, server.port, _TLS[server.security], login, verifying=verifying)


def routed(
    route: Route,
    db: Database,
    vault: Callable[[], PasswordVault],
    own_name: str,
    verifying: ssl.SSLContext | None = None,
) -> Route:
    """Mail of identities elsewhere by their own servers, all other by `route`.

    The server is looked up for each attempt, so that a change holds for mail that waits. vault: opened when needed.
    """

    async def to(destination: str) -> Way:
        identity_id = identity_in(destination)
        if identity_id is None:
            return await route(destination)
        chosen = await db.aread(lambda conn: sending.of_identity(conn, identity_id))
        if chosen is None:
            raise NoRoute("5.7.1", "this server does not send for the address of the sender any more")
        try:
            terms = terms_of(chosen, vault(), own_name, verifying)
        except Failed:
            words = f"the password for {chosen.server.host} cannot be decrypted; an administrator has to set it again"
            raise NoRouteNow(words, "4.7.8") from None
        return Way([Host(chosen.server.host, (chosen.server.host,))], terms)

    return to
