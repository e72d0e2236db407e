"""A connection to one address of a remote server: greeting, EHLO, TLS, sign-in."""

from __future__ import annotations

import contextlib
import logging
import ssl
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import Any

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException, SMTPTimeoutError

from mailserver.dns.answers import Tlsa
from mailserver.outbound import dane
from mailserver.outbound.names import covers
from mailserver.outbound.outcomes import one_line

log = logging.getLogger(__name__)


@unique
class Tls(Enum):
    """How a connection is protected.

    OPPORTUNISTIC: if it is offered and works, any certificate (RFC 7435). REQUIRED: by STARTTLS, the
    certificate verified for the host's name. IMPLICIT: as REQUIRED, from the first octet (RFC 8314 §3.3).
    TRIED: as REQUIRED if that works; if not, the log says so and it is OPPORTUNISTIC.
    ENCRYPTED: by STARTTLS, any certificate. DANE: by STARTTLS, with a certificate that the DNS names (RFC 7672).
    """

    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    IMPLICIT = "implicit"
    TRIED = "tried"
    ENCRYPTED = "encrypted"
    DANE = "dane"


UNVERIFIED = frozenset({Tls.OPPORTUNISTIC, Tls.ENCRYPTED, Tls.DANE})


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. RFC 5321 §4.5.3.2 gives a reply five minutes, the one to the final dot ten.

    connect: to a TCP connection and its greeting. slowest: octets a second that a message may take.
    """

    connect: float = 30.0
    reply: float = 300.0
    data: float = 600.0
    slowest: float = 2000.0


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """For a smarthost. No repr: it would show the password."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How this server speaks to others. own_name: for EHLO. verifying: a TLS context that checks.

    tlsa: for DANE. also: a domain whose certificate will do as well, where DANE names an authority.
    """

    own_name: str
    port: int = 25
    tls: Tls = Tls.OPPORTUNISTIC
    login: Login | None = None
    patience: Patience = Patience()
    verifying: ssl.SSLContext | None = None
    tlsa: tuple[Tlsa, ...] = ()
    also: str = ""


class NotReached(Exception):
    """No conversation with this address; another may do.

    code: of the reply, 0 without one; then status (RFC 3463) says what it was about.
    """

    def __init__(self, words: str, code: int = 0, status: str = "4.4.1") -> None:
        super().__init__(words)
        self.code = code
        self.status = status
        self.words = one_line(words)


async def connect(name: str, address: str, terms: Terms) -> SMTP:
    """A client that has said EHLO, under TLS and signed in as far as `terms` ask. Raises NotReached."""
    try:
        client = await _connect(name, address, terms, plain=False)
        return await _named(client, name, address, terms) if terms.tls is Tls.DANE else client
    except _TlsBroken as broken:
        if terms.tls is Tls.TRIED:
            log.warning("an MTA-STS policy, in testing, would not let mail go to %s: %s", name, broken)
            return await connect(name, address, replace(terms, tls=Tls.OPPORTUNISTIC))
        if terms.tls is not Tls.OPPORTUNISTIC:
            raise NotReached(f"TLS with {name}: {broken}", status="4.7.5") from broken
    # A server whose TLS is broken takes mail without: better than none (RFC 7435 §3).
    return await _connect(name, address, terms, plain=True)


class _TlsBroken(Exception):
    """TLS does not work as it should."""


async def _connect(name: str, address: str, terms: Terms, *, plain: bool) -> SMTP:
    client = SMTP(
        hostname=address,
        port=terms.port,
        local_hostname=terms.own_name,
        timeout=terms.patience.connect,
        use_tls=terms.tls is Tls.IMPLICIT,
        start_tls=False,
        tls_context=_context(terms),
    )
    try:
        await client.connect()
        client.timeout = terms.patience.reply
        await _hello(client)
        if terms.tls is not Tls.IMPLICIT and not plain:
            await _protect(client, name, terms)
        if terms.login is not None:
            await client.login(terms.login.user, terms.login.password)
    except _TlsBroken:
        client.close()
        raise
    except SMTPResponseException as refused:
        client.close()
        raise NotReached(refused.message, refused.code) from refused
    except (SMTPException, OSError) as fault:
        client.close()
        raise NotReached(f"{name} [{address}]: {fault}") from fault
    except BaseException:
        client.close()
        raise
    return client


async def _hello(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError as refused:
        if not client.is_connected or refused.code < 500:
            raise
        await client.helo()  # RFC 5321 §3.2: a server that knows no EHLO


async def _protect(client: SMTP, name: str, terms: Terms) -> None:
    if not client.supports_extension("starttls"):
        if terms.tls is Tls.TRIED:
            raise _TlsBroken("STARTTLS is not offered")
        if terms.tls is not Tls.OPPORTUNISTIC:
            raise NotReached(f"{name} does not offer STARTTLS", status="4.7.4")
        return
    try:
        await client.starttls(server_hostname=name)
        await _hello(client)
    except SMTPTimeoutError:
        raise
    except (SMTPException, OSError, ssl.SSLError) as fault:
        raise _TlsBroken(one_line(str(fault))) from fault


def _context(terms: Terms) -> ssl.SSLContext:
    if terms.tls in UNVERIFIED:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    return terms.verifying or ssl.create_default_context()


async def _named(client: SMTP, name: str, address: str, terms: Terms) -> SMTP:
    """A client whose server the DNS names: this one, or another that knows an authority. Raises as `_connect`.

    OpenSSL looks at a chain during the handshake, and which authority counts is known only after it: therefore
    the second connection, for records that name authorities and not certificates.
    """
    chain = _chain(_tls_of(client))
    if chain and dane.names_leaf(terms.tlsa, chain[0]):
        return client
    client.close()
    authorities = dane.anchors(terms.tlsa, chain)
    if not authorities:
        raise _TlsBroken("no TLSA record names its certificate")
    verifying = dane.trusting(authorities)
    client = await _connect(name, address, replace(terms, tls=Tls.REQUIRED, verifying=verifying), plain=False)
    shown: Any = _tls_of(client).getpeercert()
    names = [value for kind, value in shown.get("subjectAltName", ()) if kind == "DNS"]
    if not covers(names, name) and not covers(names, terms.also):  # RFC 7672 §3.2.2
        client.close()
        raise _TlsBroken("its certificate has another name")
    return client


def _tls_of(client: SMTP) -> ssl.SSLObject:
    if client.transport is None:
        raise NotReached("the connection was lost")
    found: ssl.SSLObject = client.transport.get_extra_info("ssl_object")
    return found


def _chain(tls: ssl.SSLObject) -> list[bytes]:
    """What the server has shown, its own certificate first, DER."""
    inner: Any = tls._sslobj  # type: ignore[attr-defined]  # public from Python 3.13 on
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_unverified_chain() or ()]


async def part(client: SMTP, patience: float = 5.0) -> None:
    """Say goodbye if the remote is still there; the message's fate is known already."""
    with contextlib.suppress(SMTPException, OSError):
        await client.quit(timeout=patience)
    client.close()
