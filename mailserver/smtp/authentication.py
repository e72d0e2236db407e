"""AUTH (RFC 4954): PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256 with and without -PLUS (RFC 7677).

Who may try how often is the directory's to say.
"""

from __future__ import annotations

import asyncio
import binascii
import logging
from base64 import b64decode, b64encode

from mailserver import tls
from mailserver.actor import Actor
from mailserver.directory import scram
from mailserver.directory.authenticated import Authenticated
from mailserver.directory.errors import BadCredentials, LoginRefused, Throttled
from mailserver.smtp import replies
from mailserver.smtp.replies import Told
from mailserver.smtp.starttls import StartTls
from mailserver.smtp.stream import Hangup

log = logging.getLogger(__name__)

# Exactly these: some clients look at the words (mox #223, OpenSMTPD #422).
USERNAME, PASSWORD = b"Username:", b"Password:"
MAX_CREDENTIAL = 1024  # octets of a login name or password
DOOR = "smtp"


class _Aborted(Exception):
    """The exchange is over; `reply` says why."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class Authentication(StartTls):
    """Signing in. `actor` is the person, None before."""

    actor: Actor | None = None
    _known: Authenticated | None = None
    _refused = 0

    def _adopt(self, transport: asyncio.Transport) -> None:
        super()._adopt(transport)
        self.actor = self._known = None

    async def _require_standing(self) -> None:
        """Raises Hangup, the client told, if the sign-in of this session would not do any more.

        Asked for each message: whoever has somebody's password must not go on sending over an open
        connection after it was changed, the app password revoked or the account locked (ASVS 7.4.2).
        """
        assert self.door.sign_in is not None
        if self._known is not None and not await self.door.sign_in.astands(self._known):
            self._replies.append(replies.SIGNED_OUT.encode() + b"\r\n")
            raise Hangup

    async def smtp_AUTH(self, argument: str) -> None:
        """RFC 4954 §4."""
        mechanism, _, initial = argument.partition(" ")
        if obstacle := self._auth_obstacle(mechanism):
            await self.push(obstacle)
            return
        exchange = self._by_scram if mechanism.upper() in (scram.NAME, scram.NAME_PLUS) else self._by_password
        try:
            known = await exchange(mechanism.upper(), initial.strip())
        except _Aborted as aborted:
            await self.push(aborted.reply)
        except LoginRefused as refused:
            await self._refuse(refused)
        else:
            self.actor, self._known = known.actor(DOOR, self.peer), known
            self.session.authenticated = True
            await self.push(replies.AUTH_OK)

    def _auth_obstacle(self, mechanism: str) -> str | None:
        if not self.door.role.is_submission:
            return replies.AUTH_OFF
        if not self.session.host_name or not self.session.extended_smtp:
            return replies.HELLO_FIRST
        if not self.may_authenticate:
            return replies.AUTH_NEEDS_TLS
        if self.actor is not None:
            return replies.AUTH_DONE
        if self.envelope.mail_from is not None:
            return replies.AUTH_IN_MAIL
        if mechanism.upper() not in (*self.mechanisms, *self.untold_mechanisms):
            return replies.AUTH_MECHANISM
        return None

    async def _by_password(self, mechanism: str, initial: str) -> Authenticated:
        """Raises _Aborted, LoginRefused."""
        assert self.door.sign_in is not None  # Door.__init__ sees to it
        read = self._read_plain if mechanism == "PLAIN" else self._read_login
        login, password = await read(initial)
        return await self.door.sign_in.averify(login, password, DOOR, self.peer)

    async def _by_scram(self, mechanism: str, initial: str) -> Authenticated:
        """RFC 5802 §5. The server's last word is a challenge, since 235 has no room for it (RFC 4954 §4).

        Raises _Aborted, LoginRefused.
        """
        assert self.door.sign_in is not None
        plus = mechanism == scram.NAME_PLUS
        # Who does not bind was not told that it could: its "y" is the truth.
        bindings = tls.bindings(self.transport) if plus else {}
        exchange = self.door.sign_in.scram(plus=plus, bindings=bindings, door=DOOR, remote=self.peer)
        try:
            first = self._decoded(initial.encode()) if initial else await self._challenge(b"")
            final = await self._challenge(await exchange.challenge(first))
            known, signature = await exchange.verify(final)
        except scram.Malformed:
            raise _Aborted(replies.AUTH_SYNTAX) from None
        await self._challenge(signature)
        return known

    async def _read_plain(self, initial: str) -> tuple[str, str]:
        raw = self._decoded(initial.encode()) if initial else await self._challenge(b"")
        try:
            authorise_as, login, password = raw.split(b"\x00")
        except ValueError:
            raise _Aborted(replies.AUTH_SYNTAX) from None
        if authorise_as not in (b"", login):  # nobody acts as somebody else by way of a password
            raise _Aborted(Told("535 5.7.8", *_sentence(BadCredentials())).line(utf8=True))
        return self._text(login), self._text(password)

    async def _read_login(self, initial: str) -> tuple[str, str]:
        login = self._decoded(initial.encode()) if initial else await self._challenge(USERNAME)
        return self._text(login), self._text(await self._challenge(PASSWORD))

    async def _challenge(self, prompt: bytes) -> bytes:
        await self.push(b"334 " + b64encode(prompt))
        line = await self._read_line()
        if line is None:
            raise Hangup
        if line == b"*":
            raise _Aborted(replies.AUTH_ABORTED)
        return self._decoded(line)

    @staticmethod
    def _decoded(line: bytes) -> bytes:
        """ "=" stands for an empty initial response (RFC 4954 §4)."""
        try:
            return b"" if line == b"=" else b64decode(line, validate=True)
        except binascii.Error:
            raise _Aborted(replies.AUTH_SYNTAX) from None

    @staticmethod
    def _text(raw: bytes) -> str:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise _Aborted(replies.AUTH_SYNTAX) from None
        if not text or len(raw) > MAX_CREDENTIAL or "\x00" in text:
            raise _Aborted(replies.AUTH_SYNTAX)
        return text

    async def _refuse(self, refused: LoginRefused) -> None:
        self._refused += 1
        code = "454 4.7.0" if isinstance(refused, Throttled) else "535 5.7.8"
        log.info("%s: sign-in refused: %s", self.peer, type(refused).__name__)
        await self.push(Told(code, *_sentence(refused)).line(utf8=True))
        if self._refused >= self.door.settings.max_auth_failures:
            await self.push(replies.TOO_MANY_GUESSES)
            raise Hangup


def _sentence(refused: LoginRefused) -> tuple[str, str]:
    return refused.sentence.vi, refused.sentence.en
