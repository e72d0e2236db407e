"""AUTHENTICATE SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 7677, RFC 5802, RFC 4959)."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import credentials, people
from mailserver.directory.login import Authenticator
from mailserver.imap import auth
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import Door, Office, OpenDoor
from tests.mailserver.imap.test_login import contexts as contexts
from tests.support.dialogue import Client
from tests.support.scram import ScramClient

AN, PASSWORD = "an@sxd.gov.vn", "mật khẩu dài của An 2024"
Contexts = tuple[ssl.SSLContext, ssl.SSLContext]
OpenReal = Callable[..., Awaitable[Door]]


@pytest.fixture
async def open_real(open_door: OpenDoor, store: Store, office: Office) -> AsyncIterator[OpenReal]:
    """Doors that ask the directory, where `an` has a password."""
    await asyncio.to_thread(store.db.write, lambda tx: credentials.set_password_tx(tx, office.an, PASSWORD), SYSTEM)
    authenticator = Authenticator(store.db)

    async def start(**options: object) -> Door:
        return await open_door(
            authenticate=auth.through(authenticator), scram=auth.scram_through(authenticator), **options
        )

    yield start
    await asyncio.to_thread(authenticator.close)


async def sign_in(client: Client, user: ScramClient, mechanism: str = "SCRAM-SHA-256", *, at_once: bool = True) -> str:
    """The tagged answer of an exchange; the client checks the server's proof on the way."""
    if at_once:  # SASL-IR
        await client.send(f"a AUTHENTICATE {mechanism} ".encode() + b64encode(user.first()) + b"\r\n")
    else:
        await client.send(f"a AUTHENTICATE {mechanism}\r\n".encode())
        assert await client.line() == b"+ "
        await client.send(b64encode(user.first()) + b"\r\n")
    if not (line := await client.line()).startswith(b"+ "):
        return line[2:].decode()
    await client.send(b64encode(user.final(b64decode(line[2:]))) + b"\r\n")
    if not (line := await client.line()).startswith(b"+ "):
        return line[2:].decode()
    assert user.knows(b64decode(line[2:]))
    await client.send(b"\r\n")
    return (await client.line())[2:].decode()


@pytest.mark.parametrize("at_once", [True, False])
async def test_it_signs_in(open_real: OpenReal, at_once: bool) -> None:
    client = await (await open_real()).client(None)
    assert b"AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN" in client.greeting
    answer = await sign_in(client, ScramClient(AN, PASSWORD), at_once=at_once)
    assert answer.startswith("OK [CAPABILITY ")
    await client.ok("SELECT INBOX")


async def test_refusals_are_those_of_the_other_mechanisms(open_real: OpenReal, store: Store, office: Office) -> None:
    client = await (await open_real()).client(None)
    wrong = await sign_in(client, ScramClient(AN, "wrong"))
    unknown = await sign_in(client, ScramClient("nobody@sxd.gov.vn", "wrong"))
    assert wrong == unknown
    assert wrong.startswith("NO [AUTHENTICATIONFAILED] Tài khoản hoặc mật khẩu không đúng.")
    await asyncio.to_thread(store.db.write, lambda tx: people.lock_person_tx(tx, office.an), SYSTEM)
    assert (await sign_in(client, ScramClient(AN, PASSWORD))).startswith("NO [CONTACTADMIN] ")


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (b"*", b"BAD"),
        (b"???", b"NO [AUTHENTICATIONFAILED]"),
        (b"", b"NO [AUTHENTICATIONFAILED]"),
        (b64encode(b"n,a=binh,n=an,r=x"), b"NO [AUTHENTICATIONFAILED]"),
        (b"A" * 20_000, b"BAD"),
    ],
)
async def test_nonsense_ends_the_exchange_only(open_real: OpenReal, response: bytes, answer: bytes) -> None:
    client = await (await open_real()).client(None)
    await client.send(b"a AUTHENTICATE SCRAM-SHA-256\r\n")
    await client.line()
    await client.send(response + b"\r\n")
    assert (await client.line()).startswith(b"a " + answer)
    assert (await sign_in(client, ScramClient(AN, PASSWORD))).startswith("OK")


async def test_it_can_be_bound_to_the_channel_of_tls_1_2(open_real: OpenReal, contexts: Contexts) -> None:
    door = await open_real(tls=contexts[0], allow_plaintext=False)
    older = ssl.create_default_context()
    older.check_hostname, older.verify_mode = False, ssl.CERT_NONE
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    client = await door.client(None)
    assert b"SCRAM" not in client.greeting
    assert (await sign_in(client, ScramClient(AN, PASSWORD))).startswith("NO [PRIVACYREQUIRED]")
    await client.ok("STARTTLS")
    await client.writer.start_tls(older, server_hostname="127.0.0.1")
    assert b" AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN" in (await client.ok("CAPABILITY"))[0]
    data = client.writer.get_extra_info("ssl_object").get_channel_binding("tls-unique")
    user = ScramClient(AN, PASSWORD, header="p=tls-unique,,", data=data)
    stranger = ScramClient(AN, PASSWORD, header="p=tls-unique,,", data=b"x" * len(data))
    assert (await sign_in(client, stranger, "SCRAM-SHA-256-PLUS")).startswith("NO [AUTHENTICATIONFAILED] Chương trình")
    assert (await sign_in(client, user, "SCRAM-SHA-256-PLUS")).startswith("OK")


async def test_the_rest_is_offered_where_scram_is_not(door: Door) -> None:
    client = await door.client(None)
    assert b"SCRAM" not in client.greeting
    assert (await client.command("AUTHENTICATE SCRAM-SHA-256"))[-1].startswith(b"NO [CANNOT]")
    assert (await client.command("AUTHENTICATE CRAM-MD5"))[-1].startswith(b"NO [CANNOT]")
