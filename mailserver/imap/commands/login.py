"""STARTTLS, LOGIN and AUTHENTICATE (RFC 3501 §6.2, RFC 4616, RFC 4959)."""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field

from mailserver import tls
from mailserver.actor import Actor
from mailserver.imap.commands import capabilities
from mailserver.imap.commands.registry import NOT_AUTHENTICATED, command, no_arguments
from mailserver.imap.connection import LineTooLong
from mailserver.imap.errors import Face
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.responses import Reply, bad, no, ok
from mailserver.imap.services import SignedIn, SignInRefused
from mailserver.imap.session import Session

MAX_RESPONSE = 8 * 1024  # octets of one SASL response
NEEDS_TLS = Face(b"PRIVACYREQUIRED", "Hãy bật mã hoá TLS trước khi đăng nhập.", "Turn on TLS before signing in.")
TOO_MANY = Face(b"LIMIT", "Tài khoản này đang mở quá nhiều kết nối.", "Too many connections for this account.")
GARBLED = Face(b"AUTHENTICATIONFAILED", "Đăng nhập không thành công.", "Sign-in failed.")


@command("STARTTLS", states=NOT_AUTHENTICATED, parse=no_arguments)
async def starttls(session: Session, _arguments: None) -> Reply:
    """Begin TLS after the tagged OK, which the loop writes in the clear (RFC 3501 §6.2.1)."""
    if session.services.tls is None or session.connection.is_tls:
        return bad("TLS is not possible here")
    session.start_tls_after_reply = True
    return ok("Begin TLS negotiation now")


@dataclass(frozen=True, slots=True)
class LoginCommand:
    login: bytes
    password: bytes = field(repr=False)

    @classmethod
    def parse(cls, cursor: Cursor) -> LoginCommand:
        cursor.space()
        login = cursor.astring("a user name")
        cursor.space()
        password = cursor.astring("a password")
        cursor.end()
        return cls(login, password)


@command("LOGIN", states=NOT_AUTHENTICATED, parse=LoginCommand.parse)
async def login(session: Session, cmd: LoginCommand) -> Reply:
    """Sign in with a password (RFC 3501 §6.2.3)."""
    if not capabilities.plaintext_allowed(session):
        return no(NEEDS_TLS.text(session.locale), NEEDS_TLS.code)
    return await _sign_in(session, cmd.login, cmd.password)


@dataclass(frozen=True, slots=True)
class AuthenticateCommand:
    """initial: the client's first response, still in base64; None if it waits for a challenge."""

    mechanism: bytes
    initial: bytes | None = field(repr=False)

    @classmethod
    def parse(cls, cursor: Cursor) -> AuthenticateCommand:
        cursor.space()
        mechanism = cursor.word("a mechanism")
        initial = None
        if not cursor.at_end():
            cursor.space()
            initial = b"" if cursor.skip(b"=") and cursor.at_end() else cursor.base64()
        cursor.end()
        return cls(mechanism, initial)


@command("AUTHENTICATE", states=NOT_AUTHENTICATED, parse=AuthenticateCommand.parse)
async def authenticate(session: Session, cmd: AuthenticateCommand) -> Reply:
    """Sign in by SASL; nonsense costs its sender only (CVE-2025-59028)."""
    if not capabilities.plaintext_allowed(session):
        return no(NEEDS_TLS.text(session.locale), NEEDS_TLS.code)
    if cmd.mechanism not in capabilities.mechanisms(session):
        return no("Unknown authentication mechanism", b"CANNOT")
    try:
        if cmd.mechanism in (capabilities.SCRAM, capabilities.PLUS):
            return await _scram(session, cmd)
        exchange = _plain if cmd.mechanism == b"PLAIN" else _login
        name, password = await exchange(session, cmd.initial)
    except LineTooLong:
        return bad("The response is too long")
    except ParseError:
        raise
    except (binascii.Error, ValueError):
        return no(GARBLED.text(session.locale), GARBLED.code)
    return await _sign_in(session, name, password)


async def _plain(session: Session, initial: bytes | None) -> tuple[bytes, bytes]:
    """RFC 4616: authorisation identity, NUL, login, NUL, password. Another identity is refused."""
    message = _decode(initial) if initial is not None else await _ask(session, b"")
    identity, login, password = message.split(b"\0")
    if identity and identity != login:
        raise ValueError("acting as somebody else is not offered")
    return login, password


async def _login(session: Session, initial: bytes | None) -> tuple[bytes, bytes]:
    """The prompts are exactly these for some clients (mox #223)."""
    login = _decode(initial) if initial is not None else await _ask(session, b"Username:")
    return login, await _ask(session, b"Password:")


async def _scram(session: Session, cmd: AuthenticateCommand) -> Reply:
    """RFC 5802 §5, RFC 7677. The server's last word is a challenge, answered by an empty line."""
    services, connection = session.services, session.connection
    assert services.scram is not None
    await services.entrance.enter(session)
    exchange = services.scram(cmd.mechanism == capabilities.PLUS, tls.bindings(connection.transport), connection.peer)
    first = _decode(cmd.initial) if cmd.initial is not None else await _ask(session, b"")
    try:
        final = await _ask(session, await exchange.challenge(first))
        found, signature = await exchange.verify(final)
    except SignInRefused as refusal:
        return no(refusal.sentence, refusal.code)
    await _ask(session, signature)
    return _enter(session, found)


async def _ask(session: Session, challenge: bytes) -> bytes:
    """One challenge and its response. Raises ParseError when the client cancels with "*"."""
    session.say(b"+ %b\r\n" % binascii.b2a_base64(challenge, newline=False))
    await session.flush()
    response = await session.connection.line(MAX_RESPONSE, session.services.settings.login_timeout)
    if response.strip() == b"*":
        raise ParseError("Authentication cancelled")
    return _decode(response)


def _decode(response: bytes) -> bytes:
    """Strict base64; raises binascii.Error."""
    return binascii.a2b_base64(response.strip(), strict_mode=True)


async def _sign_in(session: Session, login: bytes, password: bytes) -> Reply:
    try:
        name, secret = login.decode("utf-8"), password.decode("utf-8")
        await session.services.entrance.enter(session)
        found = await session.services.authenticate(name, secret, session.connection.peer)
    except UnicodeDecodeError:
        return no(GARBLED.text(session.locale), GARBLED.code)
    except SignInRefused as refusal:
        return no(refusal.sentence, refusal.code)
    return _enter(session, found)


def _enter(session: Session, found: SignedIn) -> Reply:
    peer = session.connection.peer
    place = session.services.admission.sign_in(peer, found.principal_id)
    if place is None:
        return no(TOO_MANY.text(found.locale), TOO_MANY.code)
    session.hidden = found.hidden
    actor = Actor(found.principal_id, found.agency_id, "imap", peer, found.locale)
    session.sign_in(actor, found.stands, place)
    return ok("Signed in", capabilities.code(session))
