"""The client side of the collector against real servers, and against ones that misbehave."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.tls import make_self_signed
from mailserver.collector import accounts, wire
from mailserver.collector import remote as remotes
from mailserver.collector.errors import Failed
from mailserver.collector.hurdles import MOST, Hurdles
from mailserver.collector.records import Remote, Security, Trouble
from mailserver.collector.remote import connected
from tests.mailserver.collector.conftest import World, letter
from tests.mailserver.imap.conftest import PASSWORD, Door, OpenDoor
from tests.support.listening import listening

Answers = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for this machine, with its key beside it."""
    folder = tmp_path_factory.mktemp("tls")
    make_self_signed("mail.sxd.test", "sxd.test", folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem"


@pytest.fixture
def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


@pytest.fixture
def fingerprint(certificate: Path) -> bytes:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))).digest()


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience of a moment, for servers that fall silent; a good answer may take longer on a busy machine."""
    monkeypatch.setattr(remotes, "ANSWER_S", 0.2)
    monkeypatch.setattr(remotes, "GOODBYE_S", 0.2)


def at(port: int, security: Security = Security.NONE, fingerprint: bytes | None = None) -> Remote:
    return Remote("127.0.0.1", port, security, "an", fingerprint)


async def failure(remote: Remote, password: str = PASSWORD, folder: str = "INBOX") -> Failed:
    """How a visit that looks for mail and reads one message fails."""
    with pytest.raises(Failed) as caught:
        async with connected(remote, password) as session:
            await session.select(folder)
            await session.uids_from(1, None)
            await session.sizes([1])
            await session.octets(1, 100)
    return caught.value


async def test_nobody_listens() -> None:
    listener = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    assert (await failure(at(port))).trouble is Trouble.UNREACHABLE


async def test_a_name_that_does_not_exist() -> None:
    assert (await failure(Remote("no-such-host.invalid", 143, Security.NONE, "an"))).trouble is Trouble.UNREACHABLE


async def test_a_wrong_password_is_told_in_the_remotes_words(world: World) -> None:
    failed = await failure(at(world.door.port), "sai")
    assert failed.trouble is Trouble.LOGIN and "mật khẩu không đúng" in failed.detail


async def test_a_password_with_quotes_and_backslashes_arrives(world: World, open_door: OpenDoor) -> None:
    awkward = 'a"b\\c {5} *'
    heard: list[tuple[str, str]] = []

    async def authenticate(login: str, password: str, _remote: str) -> object:
        heard.append((login, password))
        raise RuntimeError

    door = await open_door(authenticate=authenticate)
    await failure(Remote("127.0.0.1", door.port, Security.NONE, "an b"), awkward)
    assert heard == [("an b", awkward)]
    assert (await failure(at(world.door.port), "a\r\nb")).trouble is Trouble.LOGIN


async def test_no_such_folder(world: World) -> None:
    failed = await failure(at(world.door.port), folder="Không có")
    assert failed.trouble is Trouble.FOLDER and failed.detail.startswith("Không có:")


async def test_no_password_where_the_server_wants_none(open_door: OpenDoor, server_side: ssl.SSLContext) -> None:
    door = await open_door(allow_plaintext=False, tls=server_side)
    failed = await failure(at(door.port))
    assert (failed.trouble, failed.detail) == (Trouble.LOGIN, "LOGINDISABLED")


@asynccontextmanager
async def tls_door(door: Door, server_side: ssl.SSLContext) -> AsyncIterator[int]:
    """A port with TLS from the first octet in front of a door."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near, far = await asyncio.open_connection("127.0.0.1", door.port)
        wires = [asyncio.ensure_future(pump(reader, far)), asyncio.ensure_future(pump(near, writer))]
        try:
            await asyncio.wait(wires, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in wires:
                one.cancel()
            far.transport.abort()

    async with listening(serve, server_side) as port:
        yield port


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def test_tls_from_the_first_octet(world: World, server_side: ssl.SSLContext, fingerprint: bytes) -> None:
    world.elsewhere(letter(1))
    async with tls_door(world.door, server_side) as port:
        untrusted = await failure(at(port, Security.TLS))
        assert untrusted.trouble is Trouble.CERTIFICATE and "self" in untrusted.detail
        other = await failure(at(port, Security.TLS, bytes(32)))
        assert other.trouble is Trouble.CERTIFICATE and other.detail == fingerprint.hex(":")
        async with connected(at(port, Security.TLS, fingerprint), PASSWORD) as session:
            assert (await session.select("INBOX")).messages == 1
            assert await session.octets(1, len(letter(1))) == letter(1)


async def test_starttls(world: World, open_door: OpenDoor, server_side: ssl.SSLContext, fingerprint: bytes) -> None:
    door = await open_door(allow_plaintext=False, tls=server_side)
    assert (await failure(at(door.port, Security.STARTTLS))).trouble is Trouble.CERTIFICATE
    assert (await failure(at(door.port, Security.STARTTLS, bytes(32)))).trouble is Trouble.CERTIFICATE
    async with connected(at(door.port, Security.STARTTLS, fingerprint), PASSWORD) as session:
        assert session.can_idle and (await session.select("INBOX")).messages == 0
        await session.goodbye()
    assert (await failure(at(world.door.port, Security.STARTTLS))).trouble is Trouble.CERTIFICATE  # it has none


async def test_what_is_slipped_in_behind_the_answer_to_starttls_is_never_heard(
    server_side: ssl.SSLContext, fingerprint: bytes
) -> None:
    """CVE-2021-33515 and its kin: capabilities and answers of whoever sits between count for nothing."""
    good = {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS UIDPLUS",
        b"SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok",
    }
    slipped = b"* CAPABILITY IMAP4rev1 LOGINDISABLED IDLE\r\n* 9 EXISTS\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.rstrip().partition(b" ")
            if command == b"STARTTLS":
                writer.write(tag + b" OK go\r\n" + slipped)
                await writer.drain()
                await writer.start_tls(server_side)
            else:
                writer.write(good.get(command.split()[0], b"* OK") + b"\r\n" + tag + b" OK done\r\n")

    async with (
        listening(serve) as port,
        connected(at(port, Security.STARTTLS, fingerprint), PASSWORD) as session,
    ):
        assert not session.can_idle
        assert (await session.select("INBOX")).messages == 3


class Impostor:
    """A server that says what a test tells it to; tagged answers get their tag by `%t`."""

    def __init__(self, greeting: bytes, answers: Answers) -> None:
        self.greeting, self.answers = greeting, answers
        self.heard: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.greeting)
        while line := await reader.readline():
            self.heard.append(line)
            tag, _, rest = line.rstrip().partition(b" ")
            answer = self.answers(rest)
            if answer == b"HANG UP":
                return
            writer.write(answer.replace(b"%t", tag))


async def with_impostor(
    answers: Answers, use: Callable[[int], Awaitable[object]], greeting: bytes = b"* OK ready\r\n"
) -> Impostor:
    impostor = Impostor(greeting, answers)
    async with listening(impostor.serve) as port:
        await use(port)
    return impostor


GOOD = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS\r\n%t OK\r\n",
    b"LOGIN": b"%t OK in\r\n",
    b"SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n%t OK [READ-WRITE] open\r\n",
    b"UID SEARCH": b"* SEARCH 1\r\n%t OK\r\n",
    b"UID FETCH": b"* 1 FETCH (UID 1 RFC822.SIZE 100)\r\n%t OK\r\n",
}


def but(command: bytes, answer: bytes) -> Answers:
    """A server that answers well, but for one command."""
    table = GOOD | {command: answer}

    def answers(line: bytes) -> bytes:
        return next((table[one] for one in sorted(table, key=len, reverse=True) if line.startswith(one)), b"%t BAD\r\n")

    return answers


@pytest.mark.parametrize(
    ("command", "answer", "trouble"),
    [
        (b"CAPABILITY", b"%t NO\r\n", Trouble.UNREACHABLE),
        (b"LOGIN", b"%t NO [AUTHENTICATIONFAILED]\r\n", Trouble.LOGIN),
        (b"LOGIN", b"HANG UP", Trouble.UNREACHABLE),
        (b"SELECT", b"%t NO no\r\n", Trouble.FOLDER),
        (b"SELECT", b"* 1 EXISTS\r\n%t OK\r\n", Trouble.PROTOCOL),
        (b"UID SEARCH", b"%t BAD what\r\n", Trouble.PROTOCOL),
        (b"UID SEARCH", b"HANG UP", Trouble.UNREACHABLE),
        (b"UID FETCH 1 (UID RFC822.SIZE)", b"%t NO\r\n", Trouble.PROTOCOL),
        (b"UID FETCH 1 (UID BODY.PEEK[])", b"* 1 FETCH (UID 1 BODY[] {100}\r\nabc", Trouble.UNREACHABLE),
        (
            b"UID FETCH 1 (UID BODY.PEEK[])",
            b"* 1 FETCH (UID 1 BODY[] {9999999}\r\n" + b"x" * 500_000,
            Trouble.UNREACHABLE,
        ),
        (b"UID FETCH 1 (UID BODY.PEEK[])", b"* 1 FETCH (UID 2 BODY[] {3}\r\nabc)\r\n%t OK\r\n", Trouble.PROTOCOL),
        (b"UID FETCH 1 (UID BODY.PEEK[])", b"* 1 FETCH (UID 1 BODY[] NIL)\r\n%t OK\r\n", Trouble.PROTOCOL),
    ],
)
async def test_a_server_that_misbehaves_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, command: bytes, answer: bytes, trouble: Trouble
) -> None:
    if trouble is Trouble.UNREACHABLE:
        hurry(monkeypatch)

    async def use(port: int) -> None:
        assert (await failure(at(port))).trouble is trouble

    await with_impostor(but(command, answer), use)


@pytest.mark.parametrize(
    ("greeting", "trouble"),
    [
        (b"* PREAUTH welcome\r\n", Trouble.PROTOCOL),
        (b"* BYE full\r\n", Trouble.UNREACHABLE),
        (b"", Trouble.UNREACHABLE),
        (b"220 smtp.example ESMTP\r\n", Trouble.UNREACHABLE),
    ],
)
async def test_greetings_that_are_none(monkeypatch: pytest.MonkeyPatch, greeting: bytes, trouble: Trouble) -> None:
    if trouble is Trouble.UNREACHABLE:
        hurry(monkeypatch)

    async def use(port: int) -> None:
        assert (await failure(at(port))).trouble is trouble

    impostor = await with_impostor(but(b"", b""), use, greeting)
    assert not any(b"LOGIN" in line for line in impostor.heard)


async def test_a_flood_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SMALL", 10_000)
    monkeypatch.setattr(remotes, "SMALL", 10_000)

    async def use(port: int) -> None:
        assert (await failure(at(port))).trouble is Trouble.UNREACHABLE

    await with_impostor(but(b"UID SEARCH", b"* SEARCH" + b" 1" * 50_000 + b"\r\n%t OK\r\n"), use)


async def test_a_message_that_is_gone_is_none() -> None:
    async def use(port: int) -> None:
        async with connected(at(port), PASSWORD) as session:
            await session.select("INBOX")
            assert await session.octets(1, 100) is None

    await with_impostor(but(b"UID FETCH", b"* 1 FETCH (FLAGS (\\Seen))\r\n%t OK\r\n"), use)


async def test_news_wake_a_watcher_and_silence_ends_with_the_time(world: World) -> None:
    async with connected(at(world.door.port), PASSWORD) as session:
        await session.select("INBOX")
        assert await session.uids_from(1, None) == []
        await session.news(0.05)
        watching = asyncio.ensure_future(session.news(30.0))
        await asyncio.sleep(0)
        uid = world.elsewhere(letter(1))
        await asyncio.wait_for(watching, 25)
        assert await session.uids_from(1, None) == [uid]


async def test_news_told_while_busy_are_not_missed(world: World) -> None:
    async with connected(at(world.door.port), PASSWORD) as session:
        await session.select("INBOX")
        await session.uids_from(1, None)
        world.elsewhere(letter(1))
        await world.store.feed._tell()
        await session.sizes([1])
        await asyncio.wait_for(session.news(30.0), 25)


@pytest.mark.parametrize(
    ("uids", "text"), [([5], "5"), ([1, 2, 3], "1:3"), ([9, 1, 3, 4], "1,3:4,9"), ([2, 2, 3], "2:3")]
)
def test_sets_are_written_with_ranges(uids: list[int], text: str) -> None:
    assert remotes._set(uids) == text


async def test_an_empty_message_may_be_no_literal() -> None:
    async def use(port: int) -> None:
        async with connected(at(port), PASSWORD) as session:
            await session.select("INBOX")
            assert await session.octets(1, 0) == b""

    await with_impostor(but(b"UID FETCH", b'* 1 FETCH (UID 1 BODY[] "")\r\n%t OK\r\n'), use)


@pytest.mark.parametrize("answer", [b"%t NO cannot read it\r\n", b"HANG UP"])
async def test_a_message_that_the_server_never_gives_holds_up_no_other(world: World, answer: bytes) -> None:
    """As servers have them whose own copy is broken. It stays there, and the administrator is told."""
    second, size = letter(2), b"(UID %d RFC822.SIZE 9)"
    sizes = [b"* %d FETCH %b\r\n" % (uid, size % uid) for uid in (1, 2)]
    table = {
        b"UID SEARCH UID 1:*": b"* SEARCH 1 2\r\n%t OK\r\n",
        b"UID SEARCH": b"* SEARCH 2\r\n%t OK\r\n",
        b"UID FETCH 1:2": b"".join(sizes) + b"%t OK\r\n",
        b"UID FETCH 2 (UID RFC822.SIZE)": sizes[1] + b"%t OK\r\n",
        b"UID FETCH 1": answer,
        b"UID FETCH 2": b"* 2 FETCH (UID 2 BODY[] {%d}\r\n%b)\r\n%%t OK\r\n" % (len(second), second),
    }
    ordered = sorted(GOOD | table, key=len, reverse=True)

    def answers(line: bytes) -> bytes:
        return next(((GOOD | table)[one] for one in ordered if line.startswith(one)), b"%t BAD\r\n")

    async def use(port: int) -> None:
        account, known = world.account(port=port), Hurdles()
        for _ in range(MOST):
            assert world.here() == []
            with pytest.raises(Failed):
                await world.visit(account, known)
        await world.visit(account, known)
        assert world.here() == [second]
        (left,) = world.store.db.read(lambda conn: accounts.refusals(conn, account.id))
        assert (left.uid, left.reason) == (1, "unreadable")

    await with_impostor(answers, use)
