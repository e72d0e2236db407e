"""A mailbox elsewhere, over IMAP: what the collector asks of it, and what can go wrong, in its own words.

Nothing here trusts the remote: answers are bounded in octets and time, its words are cut and cleaned.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from aioimaplib import aioimaplib

from mailserver.collector.errors import Failed
from mailserver.collector.records import Remote, Security, Trouble
from mailserver.collector.wire import SMALL, Client
from mailserver.imap import mutf7

T = TypeVar("T")
# Seconds for an answer that is no message.
ANSWER_S = 60.0
# A message may come this slowly, in octets a second.
SLOWEST = 4096
# Envelope of a FETCH answer around the message, octets.
AROUND = 65_536
GOODBYE_S = 3.0
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.I)
_EXISTS = re.compile(rb"\b(\d{1,10}) EXISTS", re.I)
_UID = re.compile(rb"\bUID (\d+)", re.I)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.I)
_EMPTY = re.compile(rb'\bBODY\[\] ""', re.I)


@dataclass(frozen=True, slots=True)
class Opened:
    """A selected folder. messages: how many are in it."""

    uidvalidity: int
    messages: int


class Connection:
    """A signed-in session. Every method raises Failed; the connection is then of no further use."""

    def __init__(self, client: Client, peer: str) -> None:
        self._client = client
        self.peer = peer

    @property
    def can_idle(self) -> bool:
        return bool(self._client.has_capability("IDLE"))

    @property
    def can_expunge(self) -> bool:
        """Whether single messages can be expunged (RFC 4315 §2.1)."""
        return bool(self._client.has_capability("UIDPLUS"))

    async def select(self, name: str) -> Opened:
        """Open a folder; name: Unicode."""
        answer = await _run(self._client, self._client.protocol.select(_quoted(mutf7.encode(name).decode("ascii"))))
        if answer.result != "OK":
            raise Failed(Trouble.FOLDER, f"{name}: {_words(answer)}")
        lines = b"\n".join(bytes(line) for line in answer.lines)
        validity, messages = _VALIDITY.search(lines), _EXISTS.search(lines)
        if validity is None or messages is None:
            # Without UIDVALIDITY nobody knows which messages are new (RFC 3501 §2.3.1.1).
            raise Failed(Trouble.PROTOCOL, f"{name}: no UIDVALIDITY")
        return Opened(int(validity[1]), int(messages[1]))

    async def uids_from(self, first: int, since: date | None) -> list[int]:
        """Uids from `first` on, ascending; since: only what arrived there on that day or later."""
        condition = [f"UID {first}:*"]
        if since is not None:
            condition.append(f"SINCE {since.day}-{MONTHS[since.month - 1]}-{since.year}")
        self._client.protocol.news.clear()
        answer = await _run(self._client, self._client.protocol.search(*condition, charset=None, by_uid=True))
        _require(answer)
        numbers = {int(word) for line in answer.lines[:-1] for word in bytes(line).split() if word.isdigit()}
        # "7:*" names the last message even where that is number 3.
        return sorted(number for number in numbers if number >= first)

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """RFC822.SIZE of those of the messages that are still there."""
        fetched = self._client.protocol.fetch(_set(uids), "(UID RFC822.SIZE)", by_uid=True, timeout=ANSWER_S)
        answer = await _run(self._client, fetched)
        _require(answer)
        found = ((_UID.search(line), _SIZE.search(line)) for line in map(bytes, answer.lines[:-1]))
        return {int(uid[1]): int(size[1]) for uid, size in found if uid and size and int(uid[1]) in uids}

    async def octets(self, uid: int, size: int) -> bytes | None:
        """A message as it lies there, unmarked; None if it is gone. size: as `sizes` told."""
        fetched = self._client.protocol.fetch(str(uid), "(UID BODY.PEEK[])", by_uid=True, timeout=ANSWER_S)
        patience = ANSWER_S + size / SLOWEST
        answer = await _run(self._client, fetched, octets=size + size // 8 + AROUND, seconds=patience)
        _require(answer)
        literals = [bytes(part) for part in answer.lines if isinstance(part, bytearray)]
        around = b" ".join(part for part in answer.lines[:-1] if isinstance(part, bytes))
        told = {int(number) for number in _UID.findall(around)}
        if not literals and uid not in told:
            return None
        if not literals and _EMPTY.search(around):  # no line end, so it need not be a literal (RFC 9051 §4.3)
            return b""
        if len(literals) != 1 or uid not in told:
            raise Failed(Trouble.PROTOCOL, f"FETCH {uid}: {len(literals)}")
        return literals[0]

    async def flag(self, uids: Sequence[int], flag: str) -> None:
        """Add a flag to messages; those that are gone are passed over."""
        change = (_set(uids), "+FLAGS.SILENT", f"({flag})")
        answer = await _run(self._client, self._client.protocol.store(*change, by_uid=True))
        if answer.result != "OK":
            raise Failed(Trouble.FOLDER, _words(answer))

    async def expunge(self, uids: Sequence[int]) -> None:
        """Remove messages that are flagged as deleted, and no others; does nothing without UIDPLUS."""
        if self.can_expunge:
            _require(await _run(self._client, self._client.protocol.expunge(_set(uids), by_uid=True)))

    async def news(self, seconds: float) -> None:
        """Wait with IDLE (RFC 2177) until mail comes into the open folder, at most so long."""
        protocol = self._client.protocol
        if protocol.news.is_set():  # told while we were busy
            return
        idling = await _run(self._client, self._client.idle_start(seconds + ANSWER_S))
        told = asyncio.ensure_future(protocol.news.wait())
        try:
            waiting: set[asyncio.Future[Any]] = {told, protocol.lost}
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        if not protocol.lost.done():
            self._client.idle_done()
        _require(await _run(self._client, idling))

    async def goodbye(self) -> None:
        """Sign out; whether that works does not matter any more."""
        try:
            await _run(self._client, self._client.protocol.logout(), seconds=GOODBYE_S)
        except Failed:
            return


@asynccontextmanager
async def connected(remote: Remote, password: str) -> AsyncIterator[Connection]:
    """Connect and sign in; the connection is dropped at the end. Raises Failed."""
    secure = remote.security is Security.TLS
    context = _context(remote) if remote.security is not Security.NONE else None
    client = Client(remote.host, remote.port, timeout=ANSWER_S, ssl_context=context if secure else None)
    try:
        await _run(client, client.wait_hello_from_server())
        if client.get_state() != aioimaplib.NONAUTH:
            raise Failed(Trouble.PROTOCOL, "PREAUTH")
        if context is not None and not secure:
            await _start_tls(client, context, remote.host)
        if context is not None:
            _check_fingerprint(client, remote)
        await _sign_in(client, remote.login, password)
        peer = client.protocol.transport.get_extra_info("peername")
        yield Connection(client, str(peer[0]) if peer else "")
    finally:
        await client.close_now()


def _context(remote: Remote) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if remote.fingerprint is not None:
        # The one certificate that is meant; `_check_fingerprint` looks before the password is sent.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _start_tls(client: Client, context: ssl.SSLContext, host: str) -> None:
    """RFC 3501 §6.2.1. What was said before does not count any more (CVE-2021-33515 and its kin)."""
    protocol = client.protocol
    command = aioimaplib.Command("STARTTLS", protocol.new_tag(), loop=asyncio.get_running_loop())
    answer = await _run(client, protocol.execute(command))
    if answer.result != "OK":
        raise Failed(Trouble.CERTIFICATE, _words(answer))
    upgrade = asyncio.get_running_loop().start_tls(protocol.transport, protocol, context, server_hostname=host)
    protocol.transport = await _run(client, upgrade, shaking_hands=True)
    protocol.incomplete_line, protocol.current_command, protocol.capabilities = b"", None, set()
    await _run(client, protocol.capability())


def _check_fingerprint(client: Client, remote: Remote) -> None:
    if remote.fingerprint is None:
        return
    secured = client.protocol.transport.get_extra_info("ssl_object")
    found = hashlib.sha256(secured.getpeercert(binary_form=True) or b"").digest()
    if found != remote.fingerprint:
        raise Failed(Trouble.CERTIFICATE, found.hex(":"))


async def _sign_in(client: Client, login: str, password: str) -> None:
    protocol = client.protocol
    if "LOGINDISABLED" in protocol.capabilities:
        raise Failed(Trouble.LOGIN, "LOGINDISABLED")
    try:
        answer = await _run(client, protocol.login(_quoted(login), password))
    except ValueError:  # a control character in name or password
        raise Failed(Trouble.LOGIN) from None
    if answer.result != "OK":
        raise Failed(Trouble.LOGIN, _words(answer))
    # What a server offers often changes with the sign-in (RFC 3501 §6.2.3).
    await _run(client, protocol.capability())


async def _run(
    client: Client,
    work: Coroutine[Any, Any, T] | asyncio.Future[T],
    *,
    octets: int | None = None,
    seconds: float | None = None,
    shaking_hands: bool = False,
) -> T:
    """Do one thing, bounded in octets and time; a lost connection ends it at once. Raises Failed.

    octets: of the answer, SMALL if None. seconds: ANSWER_S if None. shaking_hands: a TLS handshake that
    fails loses the connection first and says why a moment later.
    """
    protocol, patience = client.protocol, ANSWER_S if seconds is None else seconds
    protocol.allow(SMALL if octets is None else octets)
    task = asyncio.ensure_future(work)
    try:
        waiting: set[asyncio.Future[Any]] = {task, protocol.lost}
        await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if shaking_hands and not task.done():
            await asyncio.wait({task}, timeout=GOODBYE_S)
        if task.done():
            return task.result()
        raise Failed(Trouble.UNREACHABLE, "connection lost" if protocol.lost.done() else f"silent for {patience:.0f} s")
    except ssl.SSLError as fault:
        raise Failed(Trouble.CERTIFICATE, str(getattr(fault, "verify_message", "") or fault.reason or fault)) from fault
    except TimeoutError as fault:
        raise Failed(Trouble.UNREACHABLE, "no answer") from fault
    except OSError as fault:
        raise Failed(Trouble.UNREACHABLE, fault.strerror or str(fault)) from fault
    except aioimaplib.CommandTimeout as fault:
        raise Failed(Trouble.UNREACHABLE, "no answer") from fault
    except aioimaplib.AioImapException as fault:
        raise Failed(Trouble.PROTOCOL, str(fault)) from fault
    finally:
        if not task.done():
            client.give_up(task)


def _require(answer: Any) -> None:
    if answer.result != "OK":
        raise Failed(Trouble.PROTOCOL, _words(answer))


def _words(answer: Any) -> str:
    """The remote's own words, the last line of its answer."""
    return bytes(answer.lines[-1]).decode("utf-8", "replace") if answer.lines else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _set(uids: Sequence[int]) -> str:
    """An IMAP sequence set, with ranges."""
    parts: list[str] = []
    ordered = sorted(set(uids))
    start = previous = ordered[0]
    for uid in [*ordered[1:], -1]:
        if uid == previous + 1:
            previous = uid
            continue
        parts.append(str(start) if start == previous else f"{start}:{previous}")
        start = previous = uid
    return ",".join(parts)
