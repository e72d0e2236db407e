"""Signing in: LOGIN, AUTHENTICATE, STARTTLS."""

from __future__ import annotations

import asyncio
import base64
import datetime
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailserver.actor import SYSTEM
from mailserver.directory import credentials, masks, people, resets
from mailserver.directory.login import Authenticator
from mailserver.imap import auth
from mailserver.store.store import Store
from tests.mailserver.imap.conftest import PASSWORD, Door, Office, OpenDoor
from tests.support.dialogue import Client
from tests.support.second import switch_on_second

LONG = "mật khẩu dài của An 2024"


@pytest.fixture(scope="session")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for the server and for a client that trusts it."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    _write_certificate(path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


def _write_certificate(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(pem))


def plain(login: str, password: str, identity: str = "") -> bytes:
    return base64.b64encode(f"{identity}\0{login}\0{password}".encode())


async def test_the_greeting_tells_the_capabilities(door: Door) -> None:
    client = await door.client(None)
    assert client.greeting.startswith(b"* OK [CAPABILITY IMAP4rev1 ")
    assert b"AUTH=PLAIN" in client.greeting
    assert b"CONDSTORE" not in client.greeting
    assert b"CONDSTORE" in (await client.ok(f'LOGIN an "{PASSWORD}"'))[-1]


async def test_a_wrong_password_and_an_unknown_user_sound_the_same(door: Door) -> None:
    client = await door.client(None)
    wrong, unknown = await client.command("LOGIN an x"), await client.command("LOGIN nobody x")
    assert wrong == unknown
    assert wrong[-1].startswith(b"NO [AUTHENTICATIONFAILED] ")


@pytest.mark.parametrize(
    "command", [b"AUTHENTICATE PLAIN " + plain("an", PASSWORD), b"authenticate plain " + plain("an", PASSWORD, "an")]
)
async def test_plain_with_an_initial_response(door: Door, command: bytes) -> None:
    await (await door.client(None)).ok(command)


async def test_plain_after_a_challenge(door: Door) -> None:
    client = await door.client(None)
    await client.send(b"a AUTHENTICATE PLAIN\r\n")
    assert await client.line() == b"+ "
    await client.send(plain("an", PASSWORD) + b"\r\n")
    assert (await client.line()).startswith(b"a OK [CAPABILITY")


async def test_login_prompts_as_clients_expect(door: Door) -> None:
    """mox #223, stalwart #400: exactly these words."""
    client = await door.client(None)
    await client.send(b"a AUTHENTICATE LOGIN\r\n")
    assert base64.b64decode((await client.line())[2:]) == b"Username:"
    await client.send(base64.b64encode(b"an") + b"\r\n")
    assert base64.b64decode((await client.line())[2:]) == b"Password:"
    await client.send(base64.b64encode(PASSWORD.encode()) + b"\r\n")
    assert (await client.line()).startswith(b"a OK")


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (b"*", b"BAD"),
        (b"!!!", b"NO [AUTHENTICATIONFAILED]"),
        (b"YQ", b"NO [AUTHENTICATIONFAILED]"),
        (base64.b64encode(b"no zeroes"), b"NO [AUTHENTICATIONFAILED]"),
        (plain("an", PASSWORD, "binh"), b"NO [AUTHENTICATIONFAILED]"),
        (base64.b64encode(b"\0\xff\0\xff"), b"NO [AUTHENTICATIONFAILED]"),
        (b"A" * 20_000, b"BAD"),
    ],
)
async def test_a_broken_response_ends_the_exchange_only(door: Door, response: bytes, answer: bytes) -> None:
    """CVE-2025-59028: bad base64 must cost nobody but its sender."""
    client = await door.client(None)
    await client.send(b"a AUTHENTICATE PLAIN\r\n")
    await client.line()
    await client.send(response + b"\r\n")
    assert (await client.line()).startswith(b"a " + answer)
    await client.ok(f'LOGIN an "{PASSWORD}"')


async def test_no_password_without_tls_unless_allowed(
    open_door: OpenDoor, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    door = await open_door(allow_plaintext=False, tls=contexts[0])
    client = await door.client(None)
    assert b"LOGINDISABLED" in client.greeting
    assert b"STARTTLS" in client.greeting
    assert b"AUTH=" not in client.greeting
    assert (await client.command(f'LOGIN an "{PASSWORD}"'))[-1].startswith(b"NO [PRIVACYREQUIRED]")
    refused = await client.command(b"AUTHENTICATE PLAIN " + plain("an", PASSWORD))
    assert refused[-1].startswith(b"NO [PRIVACYREQUIRED]")


async def test_starttls_forgets_what_came_in_the_clear(
    open_door: OpenDoor, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    """CVE-2011-0411, CVE-2021-33515: commands put behind STARTTLS by somebody in between are dropped."""
    door = await open_door(allow_plaintext=False, tls=contexts[0])
    client = await door.client(None)
    await client.send(b"a STARTTLS\r\nevil LOGOUT\r\n")
    assert (await client.line()).startswith(b"a OK")
    await client.writer.start_tls(contexts[1], server_hostname="127.0.0.1")
    lines = await client.ok("CAPABILITY")
    assert len(lines) == 2
    assert b"STARTTLS" not in lines[0]
    assert b"AUTH=PLAIN" in lines[0]
    await client.ok(f'LOGIN an "{PASSWORD}"')
    await client.ok("SELECT INBOX")


async def test_a_handshake_that_fails_harms_nobody(
    open_door: OpenDoor, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    door = await open_door(tls=contexts[0])
    client, other = await door.client(None), await door.client()
    await client.send(b"a STARTTLS\r\n")
    await client.line()
    await client.send(b"this is no handshake\r\n" * 10)
    assert await client.ended()
    await other.ok("NOOP")


async def test_tls_from_the_first_octet(open_door: OpenDoor, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    import socket

    door = await open_door(allow_plaintext=False, tls=contexts[0])
    sock = socket.create_server(("127.0.0.1", 0))
    await door.server.serve(sock, contexts[0])
    client = await Client.connect(sock.getsockname()[1], contexts[1])
    door.clients.append(client)
    assert b"STARTTLS" not in client.greeting
    await client.ok(f'LOGIN an "{PASSWORD}"')


@pytest.fixture
async def real(open_door: OpenDoor, store: Store, office: Office) -> AsyncIterator[Door]:
    """A door that asks the directory."""
    authenticator = Authenticator(store.db)
    yield await open_door(authenticate=auth.through(authenticator))
    await asyncio.to_thread(authenticator.close)


def set_password(store: Store, person: int, must_change: bool = False) -> None:
    store.db.write(lambda tx: credentials.set_password_tx(tx, person, LONG, must_change), SYSTEM)


async def test_the_directory_knows_the_password(real: Door, store: Store, office: Office) -> None:
    await asyncio.to_thread(set_password, store, office.an)
    client = await real.client(None)
    assert (await client.command('LOGIN an@sxd.gov.vn "wrong"'))[-1].startswith(b"NO [AUTHENTICATIONFAILED]")
    await client.send(b"x LOGIN an@sxd.gov.vn {%d+}\r\n%b\r\n" % (len(LONG.encode()), LONG.encode()))
    assert (await client.line()).startswith(b"x OK")


@pytest.mark.requirement("R-043")
async def test_a_first_password_is_refused_with_a_sentence_in_vietnamese(
    real: Door, store: Store, office: Office
) -> None:
    await asyncio.to_thread(set_password, store, office.an, True)
    client = await real.client(None)
    answer = (await client.command(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", LONG)))[-1].decode()
    assert answer.startswith("NO [ALERT] Hãy đăng nhập trang web và đổi mật khẩu")


async def test_with_a_second_factor_the_main_password_is_put_out_and_refused_with_a_sentence(
    real: Door, store: Store, office: Office
) -> None:
    await asyncio.to_thread(set_password, store, office.an)
    app = await store.db.awrite(lambda tx: credentials.create_app_password_tx(tx, office.an, "Thunderbird"), SYSTEM)
    by_app, by_password = await real.client(None), await real.client(None)
    await by_app.ok(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", app))
    await by_password.ok(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", LONG))
    await asyncio.to_thread(switch_on_second, store.db, office.an)
    assert (await by_password.line()).startswith(b"* BYE [EXPIRED]")
    await by_app.ok("NOOP")
    later = await real.client(None)
    answer = (await later.command(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", LONG)))[-1].decode()
    assert answer.startswith("NO [ALERT] Tài khoản này dùng xác thực hai bước: hãy tạo mật khẩu ứng dụng")
    await later.ok(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", app))


@pytest.mark.requirement("R-032")
async def test_locking_an_account_ends_its_sessions_at_once(real: Door, store: Store, office: Office) -> None:
    """ASVS 7.4.2, IDLE included."""
    await asyncio.to_thread(set_password, store, office.an)
    client = await real.client(None)
    await client.ok(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", LONG))
    await client.ok("SELECT INBOX")
    await client.send(b"i IDLE\r\n")
    await client.line()
    await asyncio.to_thread(store.db.write, lambda tx: people.lock_person_tx(tx, office.an), SYSTEM)
    assert (await client.line()).startswith(b"* BYE [EXPIRED]")
    assert await client.ended()


async def test_a_revoked_password_ends_its_own_sessions_and_late_news_of_a_change_no_newer_one(
    real: Door, store: Store, office: Office
) -> None:
    """Whoever signs in with a new password may be quicker than the news that it is new."""
    await asyncio.to_thread(set_password, store, office.an)
    app = await asyncio.to_thread(
        store.db.write, lambda tx: credentials.create_app_password_tx(tx, office.an, "Thunderbird"), SYSTEM
    )
    by_app, by_password = await real.client(None), await real.client(None)
    await by_app.ok(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", app))
    await by_password.ok(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", LONG))
    (made,) = await store.db.aread(lambda conn: credentials.app_passwords(conn, office.an))
    await asyncio.to_thread(store.db.write, lambda tx: credentials.revoke_tx(tx, office.an, made.id), SYSTEM)
    assert (await by_app.line()).startswith(b"* BYE [EXPIRED]")
    await by_password.ok("NOOP")
    await asyncio.to_thread(set_password, store, office.an)
    assert (await by_password.line()).startswith(b"* BYE [EXPIRED]")


@pytest.mark.requirement("R-046")
async def test_an_emergency_lock_ends_open_mail_clients_and_no_secret_opens_the_door_again(
    real: Door, store: Store, office: Office
) -> None:
    await asyncio.to_thread(set_password, store, office.an)
    app = await store.db.awrite(lambda tx: credentials.create_app_password_tx(tx, office.an, "Thunderbird"), SYSTEM)
    secrets = (app, LONG)
    clients = [await real.client(None) for _ in secrets]
    for client, secret in zip(clients, secrets, strict=True):
        await client.ok(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", secret))
    await store.db.awrite(lambda tx: resets.lock_down_tx(tx, office.an, "127.0.0.1"), SYSTEM)
    for client in clients:
        assert (await client.line()).startswith(b"* BYE [EXPIRED]")
    later = await real.client(None)
    for secret in secrets:
        refused = await later.command(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", secret))
        assert refused[-1].startswith(b"NO [AUTHENTICATIONFAILED]")


async def test_an_app_password_opens_only_the_door_it_was_made_for(real: Door, store: Store, office: Office) -> None:
    sending, reading = [
        await store.db.awrite(
            lambda tx, door=door: credentials.create_app_password_tx(tx, office.an, door, [door]), SYSTEM
        )
        for door in ("smtp", "imap")
    ]
    client = await real.client(None)
    refused = (await client.command(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", sending)))[-1].decode()
    assert "Mật khẩu ứng dụng này không dùng được cho giao thức này." in refused
    await client.ok(b"AUTHENTICATE PLAIN " + plain("an@sxd.gov.vn", reading))


async def test_a_hidden_capability_is_neither_announced_nor_enabled(real: Door, store: Store, office: Office) -> None:
    """Of one account only, from its next sign-in on (mox #388)."""
    for person in (office.an, office.binh):
        await asyncio.to_thread(set_password, store, person)

    async def sign_in(login: str) -> tuple[Client, bytes]:
        client = await real.client(None)
        answer = (await client.ok(b"AUTHENTICATE PLAIN " + plain(f"{login}@sxd.gov.vn", LONG)))[-1]
        assert (await client.ok("CAPABILITY"))[0].removeprefix(b"* ") in answer
        return client, answer

    before, announced = await sign_in("an")
    assert b" QRESYNC " in announced
    await store.db.awrite(lambda tx: masks.hide_tx(tx, office.an, ["QRESYNC", "APPENDLIMIT", "utf8=accept"]), SYSTEM)
    assert (await before.ok("ENABLE QRESYNC"))[0] == b"* ENABLED QRESYNC"
    after, announced = await sign_in("an")
    assert not re.search(rb" (QRESYNC|UTF8=ACCEPT|APPENDLIMIT=\d+)[ \]]", announced)
    assert (await after.ok("ENABLE QRESYNC UTF8=ACCEPT CONDSTORE"))[0] == b"* ENABLED CONDSTORE"
    other, announced = await sign_in("binh")
    assert b" QRESYNC " in announced
    assert (await other.ok("ENABLE QRESYNC"))[0] == b"* ENABLED QRESYNC"
