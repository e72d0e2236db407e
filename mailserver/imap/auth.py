"""Signing in through the directory, as IMAP says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from mailserver.directory.authenticated import Authenticated
from mailserver.directory.errors import AccountLocked, LoginRefused, MustChangePassword, NeedsAppPassword, Throttled
from mailserver.directory.login import Authenticator
from mailserver.directory.scramexchange import ScramExchange
from mailserver.imap.services import Authenticate, Scram, SignedIn, SignInRefused

DOOR = "imap"
# ALERT is shown to the user whatever the client (RFC 3501 §7.1).
_CODES: dict[type[LoginRefused], bytes] = {
    MustChangePassword: b"ALERT",
    NeedsAppPassword: b"ALERT",
    AccountLocked: b"CONTACTADMIN",
    Throttled: b"UNAVAILABLE",
}


def through(authenticator: Authenticator) -> Authenticate:
    """The directory's answers in the words of RFC 5530 §3: whoever is refused is told why in both
    languages, but never which half of the login was wrong."""

    async def authenticate(login: str, password: str, remote: str) -> SignedIn:
        with _in_words():
            return _signed_in(authenticator, await authenticator.averify(login, password, DOOR, remote))

    return authenticate


def scram_through(authenticator: Authenticator) -> Scram:
    """As `through`, without a password on the wire."""

    def begin(plus: bool, bindings: Mapping[str, bytes], remote: str) -> _Exchange:
        exchange = authenticator.scram(plus=plus, bindings=bindings, door=DOOR, remote=remote)
        return _Exchange(authenticator, exchange)

    return begin


class _Exchange:
    """A `services.ScramSignIn`."""

    def __init__(self, authenticator: Authenticator, exchange: ScramExchange) -> None:
        self._authenticator = authenticator
        self._exchange = exchange

    async def challenge(self, message: bytes) -> bytes:
        with _in_words():
            return await self._exchange.challenge(message)

    async def verify(self, message: bytes) -> tuple[SignedIn, bytes]:
        with _in_words():
            found, signature = await self._exchange.verify(message)
        return _signed_in(self._authenticator, found), signature


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except LoginRefused as refused:
        code = _CODES.get(type(refused), b"AUTHENTICATIONFAILED")
        raise SignInRefused(refused.sentence.both, code) from refused


def _signed_in(authenticator: Authenticator, found: Authenticated) -> SignedIn:
    who = found.principal
    return SignedIn(who.id, who.agency_id, who.locale, partial(authenticator.astands, found), found.hidden)
