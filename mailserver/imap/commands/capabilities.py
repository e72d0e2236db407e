"""CAPABILITY, NOOP, LOGOUT (RFC 3501 §6.1), ID (RFC 2971), ENABLE (RFC 5161)."""

from __future__ import annotations

from dataclasses import dataclass

from mailserver import tls
from mailserver.imap import responses
from mailserver.imap.commands.registry import ANY, AUTHENTICATED, command, no_arguments
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, ok
from mailserver.imap.rights import NEW
from mailserver.imap.session import Extension, Session, State

BEFORE = (b"IMAP4rev1", b"IMAP4rev2", b"LITERAL+", b"SASL-IR", b"ID", b"ENABLE", b"IDLE")
AFTER = (
    *BEFORE, b"NAMESPACE", b"UIDPLUS", b"MOVE", b"UNSELECT", b"CHILDREN", b"SPECIAL-USE",
    b"ACL", b"RIGHTS=" + NEW.encode(), b"LIST-MYRIGHTS",
    b"QUOTA", b"QUOTASET", b"QUOTA=RES-STORAGE", b"QUOTA=RES-MESSAGE", b"METADATA",
    b"LIST-EXTENDED", b"LIST-STATUS", b"CONDSTORE", b"QRESYNC", b"ESEARCH", b"STATUS=SIZE", b"MULTIAPPEND",
    b"SORT", b"SORT=DISPLAY", b"ESORT", b"THREAD=ORDEREDSUBJECT", b"THREAD=REFERENCES",
    b"UTF8=ACCEPT", b"REPLACE", b"NOTIFY",
    b"SEARCHRES", b"WITHIN", b"SAVEDATE", b"PREVIEW", b"OBJECTID", b"BINARY", b"PARTIAL",
)  # fmt: skip
MAX_ID_FIELDS = 30  # RFC 2971 §3.3
SCRAM, PLUS = b"SCRAM-SHA-256", b"SCRAM-SHA-256-PLUS"


def plaintext_allowed(session: Session) -> bool:
    """Whether a password may come over this connection."""
    return session.connection.is_tls or session.services.settings.allow_plaintext


def mechanisms(session: Session) -> list[bytes]:
    """Ways of AUTHENTICATE here, the best first; none where a password may not come.

    SCRAM neither: an exchange that is overheard can be tried against a word list (RFC 5802 §9), so it
    is no way to do without TLS (RFC 8314 §3).
    """
    if not plaintext_allowed(session):
        return []
    if session.services.scram is None:
        return [b"PLAIN", b"LOGIN"]
    bound = [PLUS] if tls.bindings(session.connection.transport) else []
    return [*bound, SCRAM, b"PLAIN", b"LOGIN"]


def names(session: Session) -> list[bytes]:
    """What is announced now: it differs by state, TLS and settings."""
    services = session.services
    if session.state is not State.NOT_AUTHENTICATED:
        found = [*AFTER, b"APPENDLIMIT=%d" % services.settings.append_limit]
    else:
        found = [*BEFORE]
        if services.tls is not None and not session.connection.is_tls:
            found.append(b"STARTTLS")
        found += [b"AUTH=" + name for name in mechanisms(session)] or [b"LOGINDISABLED"]
    hidden = services.settings.hidden | session.hidden
    return [name for name in found if not hidden.intersection(_spellings(name))] if hidden else found


def _spellings(name: bytes) -> set[str]:
    """What a capability is called where it is hidden: in full, or without its parameter."""
    return {name.decode().upper(), name.decode().partition("=")[0].upper()}


def code(session: Session) -> bytes:
    """The CAPABILITY response code, so that clients need not ask."""
    return b"CAPABILITY " + b" ".join(names(session))


@command("CAPABILITY", states=ANY, parse=no_arguments)
async def capability(session: Session, _arguments: None) -> Reply:
    """List what the server can do (RFC 3501 §6.1.1)."""
    session.say(b"* %b\r\n" % code(session))
    return ok("Capabilities listed")


@command("NOOP", states=ANY, parse=no_arguments)
async def noop(session: Session, _arguments: None) -> Reply:
    """Tell what is new (RFC 3501 §6.1.2)."""
    if session.state is State.SELECTED:
        await session.refresh()
    return ok("Nothing done")


@command("LOGOUT", states=ANY, parse=no_arguments)
async def logout(session: Session, _arguments: None) -> Reply:
    """End the session (RFC 3501 §6.1.3)."""
    session.say(responses.bye("Goodbye"))
    session.unselect()
    session.state = State.LOGOUT
    return ok("Signed out")


def parse_id(cursor: Cursor) -> dict[bytes, bytes | None]:
    """NIL or a list of pairs; `ID ()` occurs too (modern-email/defects README)."""
    cursor.space()
    given: dict[bytes, bytes | None] = {}
    if cursor.peek() == b"(":
        values = cursor.items(lambda inner: inner.nstring())
        if len(values) % 2 or len(values) > 2 * MAX_ID_FIELDS:
            raise ParseError("Expected up to 30 pairs of field and value")
        given = {(field or b"").lower(): value for field, value in zip(values[::2], values[1::2], strict=True)}
    elif cursor.nstring() is not None:
        raise ParseError("Expected a list or NIL")
    cursor.end()
    return given


@command("ID", states=ANY, parse=parse_id)
async def identify(session: Session, _given: dict[bytes, bytes | None]) -> Reply:
    """Say who we are; nothing depends on what the client says (RFC 2971 §1)."""
    session.say(b'* ID ("name" "Vanthu")\r\n')
    return ok("Pleased to meet you")


@dataclass(frozen=True, slots=True)
class EnableCommand:
    names: tuple[bytes, ...]

    @classmethod
    def parse(cls, cursor: Cursor) -> EnableCommand:
        wanted: list[bytes] = []
        while not cursor.at_end():
            cursor.space()
            wanted.append(cursor.word("an extension"))
        if not wanted:
            raise ParseError("Expected an extension")
        return cls(tuple(wanted))


@command("ENABLE", states=AUTHENTICATED, parse=EnableCommand.parse)
async def enable(session: Session, cmd: EnableCommand) -> Reply:
    """Switch extensions on; those not announced are ignored (RFC 5161 §3.1).

    Answers with all of them that are now on, also those that were before: an answer without any says that none
    could be (RFC 5161 §3.2, RFC 9051 §7.2.1), and clients that miss what they asked for lose mail
    (Mailspring-Sync PR 91, MailKit #1871).
    """
    announced = names(session)
    known = {extension.value.upper(): extension for extension in Extension if extension.value in announced}
    wanted = [known[name] for name in dict.fromkeys(cmd.names) if name in known]
    for extension in wanted:
        if extension not in session.enabled:
            session.enable(extension)
    session.say(b" ".join([b"* ENABLED", *(extension.value for extension in wanted)]) + b"\r\n")
    return ok("Enabled")
