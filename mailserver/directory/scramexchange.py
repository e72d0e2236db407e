"""One SCRAM exchange as a door conducts it: two messages of the client, two answers (RFC 5802 §5)."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from mailserver.directory import scram
from mailserver.directory.authenticated import Authenticated
from mailserver.directory.errors import ChannelNotBound
from mailserver.directory.scram import Final, First, Verifier

NONCE_OCTETS = 18
# Data of this connection's TLS channel by the type's name (RFC 5056); empty: the door does not
# announce the -PLUS mechanism on this connection.
Bindings = Mapping[str, bytes]


@dataclass(slots=True)
class _Begun:
    """What the second message is judged by. name: as `Verifiers` know the login."""

    first: First
    name: str
    salt: bytes
    iterations: int
    nonce: bytes
    challenge: bytes


class Verifiers(Protocol):
    """Who keeps what proofs are judged by: `mailserver.directory.login.Authenticator`."""

    async def ascram_parameters(self, login: str, remote: str) -> tuple[str, bytes, int]: ...

    async def ascram_verify(
        self, name: str, proves: Callable[[Verifier], bool], door: str, remote: str
    ) -> tuple[Authenticated, Verifier]: ...


class ScramExchange:
    """Call `challenge` with the client's first message, then `verify` with its final one."""

    def __init__(
        self,
        verifiers: Verifiers,
        *,
        plus: bool,
        bindings: Bindings,
        door: str,
        remote: str,
        nonce: bytes | None = None,
    ) -> None:
        """plus: the client chose the mechanism that binds to the channel. nonce: for tests."""
        self._verifiers = verifiers
        self._plus = plus
        self._bindings = bindings
        self._door = door
        self._remote = remote
        self._nonce = nonce or b64encode(secrets.token_bytes(NONCE_OCTETS))
        self._begun: _Begun | None = None

    async def challenge(self, message: bytes) -> bytes:
        """The server-first-message.

        It looks the same for a name that nobody has. Raises scram.Malformed, ChannelNotBound, Throttled.
        """
        first = First.parse(message)
        self._require_binding(first)
        name, salt, iterations = await self._verifiers.ascram_parameters(first.name, self._remote)
        nonce = first.nonce + self._nonce
        challenge = scram.server_first(nonce, salt, iterations)
        self._begun = _Begun(first, name, salt, iterations, nonce, challenge)
        return challenge

    async def verify(self, message: bytes) -> tuple[Authenticated, bytes]:
        """Who has signed in, and the server-final-message, by which the client knows the server.

        Raises scram.Malformed, ChannelNotBound, and as `Authenticator.averify`.
        """
        begun, self._begun = self._begun, None  # one proof for one challenge
        if begun is None:
            raise scram.Malformed("no challenge")
        final = Final.parse(message)
        if not hmac.compare_digest(final.nonce, begun.nonce):
            raise scram.Malformed("nonce")
        data = self._bindings.get(begun.first.binding, b"")
        if not hmac.compare_digest(final.bound, begun.first.header + data):
            raise ChannelNotBound
        proved = scram.auth_message(begun.first, begun.challenge, final)
        found, verifier = await self._verifiers.ascram_verify(
            begun.name,
            lambda one: one.fits(begun.salt, begun.iterations) and one.proves(proved, final.proof),
            self._door,
            self._remote,
        )
        return found, b"v=" + b64encode(verifier.signature(proved))

    def _require_binding(self, first: First) -> None:
        """The flag must suit the mechanism and what was announced (RFC 5802 §6).

        "y" where we do announce -PLUS means that somebody in between took it out of the announcement.
        """
        if self._plus is not (first.flag == "p"):
            raise scram.Malformed("gs2-cbind-flag")
        if first.flag == "y" and self._bindings:
            raise ChannelNotBound
        if first.flag == "p" and first.binding not in self._bindings:
            raise ChannelNotBound
