"""Hello and the commands that need no mail: EHLO, HELO, LHLO, NOOP, RSET, VRFY, HELP, QUIT."""

from __future__ import annotations

from mailserver import tls
from mailserver.directory import scram
from mailserver.smtp import replies
from mailserver.smtp.connection import Connection
from mailserver.smtp.settings import Role
from mailserver.smtp.stream import Hangup

# What every door announces. SIZE, STARTTLS and AUTH depend on door and session.
EXTENSIONS = ("8BITMIME", "SMTPUTF8", "PIPELINING", "CHUNKING", "ENHANCEDSTATUSCODES", "DSN")
MAX_NAME = 255  # octets of a domain, RFC 5321 §4.5.3.1.2


class Greeting(Connection):
    """The commands around transactions."""

    async def smtp_EHLO(self, name: str) -> None:
        """RFC 5321 §4.1.1.1."""
        await self._hello(name, extended=True)

    async def smtp_HELO(self, name: str) -> None:
        """RFC 5321 §4.1.1.1."""
        await self._hello(name, extended=False)

    async def smtp_LHLO(self, name: str) -> None:
        """EHLO of LMTP, which has no other hello (RFC 2033 §4.1)."""
        await self._hello(name, extended=True, lmtp=True)

    async def _hello(self, name: str, *, extended: bool, lmtp: bool = False) -> None:
        if lmtp is not (self.door.role is Role.LMTP):
            await self.push(replies.UNKNOWN_COMMAND)
            return
        if not name or len(name.encode()) > MAX_NAME:
            await self.push(replies.NEED_NAME)
            return
        if await self._is_junk():
            return
        self._forget_transaction()
        self.session.host_name = name
        self.session.extended_smtp = extended
        if not extended:
            await self.push(f"250 {self.hostname}")
            return
        lines = [self.hostname, *self._extensions()]
        for line in lines[:-1]:
            await self.push(f"250-{line}")
        await self.push(f"250 {lines[-1]}")

    def _extensions(self) -> list[str]:
        limit = self.door.settings.size_limit
        offered = [f"SIZE {limit}" if limit else "SIZE", *EXTENSIONS]
        # The only limit of RFC 9422 that there is: no number of messages or domains is too high.
        offered.append(f"LIMITS RCPTMAX={self.door.settings.max_recipients}")
        if self.may_start_tls:
            offered.append("STARTTLS")
        if self.may_authenticate:
            offered.append(" ".join(("AUTH", *self.mechanisms)))
        return offered

    @property
    def secured(self) -> bool:
        """Whether the connection is under TLS, from the start or since STARTTLS."""
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    @property
    def may_start_tls(self) -> bool:
        return self.door.settings.tls is not None and not self.secured

    @property
    def may_authenticate(self) -> bool:
        """Whether AUTH is offered: on submission doors, under TLS or where plain text is allowed."""
        return self.door.role.is_submission and (self.secured or self.door.settings.may_send_passwords_plain(self.peer))

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """Ways to sign in here that EHLO tells of, the best first: clients that go by the order take that one.

        All of them where AUTH is offered at all: an exchange of SCRAM that is overheard can be tried
        against a word list (RFC 5802 §9), so it is no way to do without TLS (RFC 8314 §3).
        SCRAM-SHA-256-PLUS is not told: mutt and neomutt over GNU SASL (Debian 12, Ubuntu 24.04) choose it, have
        nothing to bind to, and try no other (mox #374, #51).
        """
        return (scram.NAME, "PLAIN", "LOGIN")

    @property
    def untold_mechanisms(self) -> tuple[str, ...]:
        """Ways for a client that was set up to use them."""
        return (scram.NAME_PLUS,) if tls.bindings(self.transport) else ()

    async def smtp_NOOP(self, argument: str) -> None:
        """RFC 5321 §4.1.1.9."""
        if not await self._is_junk():
            await self.push(replies.OK)

    async def smtp_RSET(self, argument: str) -> None:
        """RFC 5321 §4.1.1.5."""
        if argument:
            await self.push(replies.NO_ARGUMENT)
        elif not await self._is_junk():
            self._forget_transaction()
            await self.push(replies.OK)

    async def smtp_VRFY(self, argument: str) -> None:
        """Says nothing about who exists (RFC 5321 §7.3)."""
        if not argument:
            await self.push(replies.NEED_NAME)
        elif not await self._is_junk():
            await self.push(replies.CANNOT_VERIFY)

    async def smtp_EXPN(self, argument: str) -> None:
        """Members of groups are nobody's business (RFC 5321 §7.3)."""
        await self.push(replies.NOT_IMPLEMENTED)

    async def smtp_HELP(self, argument: str) -> None:
        """RFC 5321 §4.1.1.8."""
        if not await self._is_junk():
            await self.push(replies.HELP)

    async def smtp_QUIT(self, argument: str) -> None:
        """RFC 5321 §4.1.1.10."""
        await self.push(replies.BYE)
        raise Hangup

    async def _is_junk(self) -> bool:
        """Count a command that moves no mail; True if it was one too many and has been refused."""
        self._junk += 1
        if self._junk <= self.door.settings.max_junk_commands:
            return False
        await self.push(replies.TOO_MUCH_TALK)
        return True

    async def _hello_missing(self) -> bool:
        """True, and answered, if the client has not said hello."""
        if self.session.host_name:
            return False
        await self.push(replies.HELLO_FIRST)
        return True
