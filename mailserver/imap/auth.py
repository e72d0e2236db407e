"""Signing in through the directory, as IMAP says it."""

from __future__ import annotations

from functools import partial

from mailserver.directory.errors import AccountLocked, LoginRefused, MustChangePassword, Throttled
from mailserver.directory.login import Authenticator
from mailserver.imap.services import Authenticate, SignedIn, SignInRefused

DOOR = "imap"
# ALERT is shown to the user whatever the client (RFC 3501 §7.1).
_CODES: dict[type[LoginRefused], bytes] = {
    MustChangePassword: b"ALERT",
    AccountLocked: b"CONTACTADMIN",
    Throttled: b"UNAVAILABLE",
}


def through(authenticator: Authenticator) -> Authenticate:
    """The directory's answers in the words of RFC 5530 §3: whoever is refused is told why in both
    languages, but never which half of the login was wrong."""

    async def authenticate(login: str, password: str, remote: str) -> SignedIn:
        try:
            found = await authenticator.averify(login, password, DOOR, remote)
        except LoginRefused as refused:
            code = _CODES.get(type(refused), b"AUTHENTICATIONFAILED")
            raise SignInRefused(refused.sentence.both, code) from refused
        who = found.principal
        return SignedIn(who.id, who.agency_id, who.locale, partial(authenticator.astands, found))

    return authenticate
