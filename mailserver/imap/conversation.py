"""The loop: read a command, run it, tell what is new, answer; and the ways a connection ends."""

from __future__ import annotations

import re
import ssl

import structlog

from mailserver.imap import responses
from mailserver.imap.commands import COMMANDS, append, capabilities, notify
from mailserver.imap.commands.registry import Command
from mailserver.imap.connection import Interrupted, PeerGone
from mailserver.imap.errors import reply_to
from mailserver.imap.frames import Frame, ReadLimits, read_frame
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, Status
from mailserver.imap.session import Session, State
from mailserver.imap.settings import KIB
from mailserver.store.errors import StoreError

_log = structlog.get_logger()

_TAG = re.compile(rb"[!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]{1,200}(?= |$)")
# A browser made to post to this port (cross-protocol attack) must not get a command through.
_HTTP = re.compile(rb"(GET|POST|PUT|HEAD|OPTIONS|DELETE|CONNECT|PATCH|TRACE) \S+ HTTP/|Host:", re.I)
BEFORE_LOGIN = 8 * KIB  # octets of a line, of a literal, and of all literals of a command together
LINE = 64 * KIB
NAMING = 400 * KIB  # of a command that names messages
LITERAL = 64 * KIB  # of a literal that is no message
LITERALS = 512 * KIB
COMMANDS_BEFORE_LOGIN = 100
RIGHTS_FOR = 30  # seconds that rights on somebody else's folder are believed; a grant may just run out


class Conversation:
    """Runs a session from greeting to end. Also the gate for the literals of its commands."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.bad_commands = 0
        self.early_commands = 0

    async def run(self) -> None:
        """Returns when the connection is done; never raises for what a peer can do."""
        session = self.session
        settings = session.services.settings
        timer = session.services.clock.call_later(settings.login_timeout, self._login_overdue)
        try:
            session.say(b"* OK [%b] Vanthu IMAP ready\r\n" % capabilities.code(session))
            await session.flush()
            while session.state is not State.LOGOUT:
                await self._one()
        except Interrupted as why:
            session.say(responses.bye(why.reason, why.code))
        except TimeoutError:
            session.say(responses.bye("Closing an idle connection"))
        except PeerGone:
            _log.debug("imap_peer_gone", peer=session.connection.peer)
        finally:
            timer.cancel()
            session.flush_soon()
            session.release()
            session.connection.close()

    def _login_overdue(self) -> None:
        if self.session.state is State.NOT_AUTHENTICATED:
            self.session.connection.interrupt("Not signed in after a long time")

    async def _one(self) -> None:
        session = self.session
        await self._tell_meanwhile()
        frame = await read_frame(session.connection, self, self._limits())
        try:
            if frame.data:  # iOS sends an empty line before a command (stalwart #1201)
                await self._answer(frame)
        finally:
            frame.close()

    async def _tell_meanwhile(self) -> None:
        """Until the next command comes in, tell what NOTIFY has asked for as it happens (RFC 5465 §3.1)."""
        session, connection = self.session, self.session.connection
        while session.watch is not None and not connection.buffered():
            try:
                await notify.tell(session)
            except StoreError as error:  # what was noted is lost, so the client has to look for itself
                _log.warning("imap_notify_failed", error=repr(error))
                session.watch.overflowed = True
            await session.flush()
            # A command may have come in while news was read; nobody is woken by what is there already.
            if session.watch is not None and not session.has_news and not connection.buffered():
                await connection.wait(session.services.settings.idle_timeout)

    async def _answer(self, frame: Frame) -> None:
        session = self.session
        self._refuse_http(frame.data)
        match = _TAG.match(frame.data)
        tag = session.tag = match.group() if match else b"*"
        session.services.entrance.begin(session)
        reply, entry = await self._execute(frame, len(tag) if match else -1)
        session.tell(expunges=entry is None or entry.expunges)
        session.tell_modseq()
        await notify.tell_arrived(session)
        session.say(reply.line(tag))
        session.services.entrance.end(session)
        await session.flush()
        if session.start_tls_after_reply:
            session.start_tls_after_reply = False
            await self._start_tls()
        self._count(reply)

    async def _execute(self, frame: Frame, tag_end: int) -> tuple[Reply, Command | None]:
        session = self.session
        entry: Command | None = None
        try:
            cursor = Cursor(frame.data, frame.literals, session.enabled.utf8)
            entry = self._find(cursor, tag_end)
            if frame.refusal is not None:
                return frame.refusal, entry
            arguments = entry.parse(cursor)
            await session.check_rights(RIGHTS_FOR)
            return await entry.handle(session, arguments), entry
        except (Interrupted, PeerGone, TimeoutError):
            raise
        except Exception as error:
            try_create = entry is not None and entry.try_create
            return frame.refusal or reply_to(error, session.locale, try_create), entry

    def _find(self, cursor: Cursor, tag_end: int) -> Command:
        """The command named after the tag. Raises ParseError."""
        if tag_end < 0:
            raise ParseError("Invalid tag")
        cursor.at = tag_end
        cursor.space()
        name = cursor.word("a command")
        if name == b"UID":
            cursor.space()
            name = b"UID " + cursor.word("a command")
        entry = COMMANDS.get(name)
        if entry is None:
            raise ParseError("Unknown command")
        if self.session.state not in entry.states:
            raise ParseError(f"Command is not possible while {self.session.state.value}")
        return entry

    def _limits(self) -> ReadLimits:
        settings = self.session.services.settings
        early = self.session.state is State.NOT_AUTHENTICATED
        line, naming = (BEFORE_LOGIN, BEFORE_LOGIN) if early else (LINE, NAMING)
        return ReadLimits(line, naming, settings.idle_timeout, settings.literal_timeout, settings.spool_dir)

    def admit(self, frame: Frame, size: int) -> Reply | None:
        """See `frames.LiteralGate`."""
        if self.session.state is State.NOT_AUTHENTICATED:
            return None if frame.held + size <= BEFORE_LOGIN else responses.bad("Literal is too large", b"TOOBIG")
        if append.arguments_at(frame.data):
            return append.admit(self.session, frame, size)
        if size <= LITERAL and frame.held + size <= LITERALS:
            return None
        return responses.bad("Literal is too large", b"TOOBIG")

    def not_kept(self, error: StoreError) -> Reply:
        """See `frames.LiteralGate`."""
        return reply_to(error, self.session.locale)

    def _refuse_http(self, data: bytes) -> None:
        if self.session.state is State.NOT_AUTHENTICATED and _HTTP.match(data):
            raise Interrupted("This is not a web server")

    async def _start_tls(self) -> None:
        context = self.session.services.tls
        assert context is not None
        try:
            await self.session.connection.start_tls(context)
        except (OSError, ssl.SSLError) as error:
            raise PeerGone from error

    def _count(self, reply: Reply) -> None:
        """End a connection that sends nonsense, or does not get round to signing in."""
        self.bad_commands = self.bad_commands + 1 if reply.status is Status.BAD else 0
        if self.bad_commands >= self.session.services.settings.bad_commands:
            raise Interrupted("Too many invalid commands")
        if self.session.state is State.NOT_AUTHENTICATED:
            self.early_commands += 1
            if self.early_commands >= COMMANDS_BEFORE_LOGIN:
                raise Interrupted("Too many commands before signing in")
