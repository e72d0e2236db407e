"""Finding out about one message, beside its transfer and in bounded time.

    at the first recipient   spf = judge.spf(peer, mail_from, helo)     a task, DNS while DATA comes
    at the end of DATA       await judge.results(data, authors, spf)    keys and records, all at once

Whatever DNS does, `results` comes back within `patience` seconds and never raises: what could not be
found out is a temporary error, and mail is neither refused nor kept waiting for it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from mailserver.dns.resolver import Dns
from mailserver.mime.header import header_end
from mailserver.mime.limits import MAX_HEADER_OCTETS
from mailserver.mime.scan import scan
from mailserver.senderauth import dmarc, spf
from mailserver.senderauth.dkim import Message
from mailserver.senderauth.dkim_signature import Signature
from mailserver.senderauth.domains import as_ascii
from mailserver.senderauth.results import Disposition, Dkim, Dmarc, Outcome, Results, Spf

log = logging.getLogger(__name__)

# Seconds for all of DNS after the message is in. Ten lookups of SPF run beside the transfer.
PATIENCE = 6.0
# Smaller messages are hashed in less time than handing them to a thread takes.
INLINE = 32 * 1024

T = TypeVar("T")


def _dice() -> int:
    return random.randrange(100)


class Judge:
    """One for a process. clock: aware UTC. roll: 0 to 99, for pct= of DMARC."""

    def __init__(
        self,
        dns: Dns,
        clock: Callable[[], datetime],
        *,
        patience: float = PATIENCE,
        roll: dmarc.Roll = _dice,
    ) -> None:
        self._dns = dns
        self._clock = clock
        self._patience = patience
        self._roll = roll

    def spf(self, peer: str, mail_from: str, helo: str) -> asyncio.Task[Spf]:
        """Begin with SPF: of MAIL FROM, of the hello for the null path (RFC 7208 §2.4)."""
        return asyncio.get_running_loop().create_task(self._spf(peer, mail_from, helo))

    async def _spf(self, peer: str, mail_from: str, helo: str) -> Spf:
        sender = spf.sender_of(peer, mail_from, helo)
        domain, from_helo = as_ascii(sender.domain), "@" not in mail_from
        if domain is None:
            return Spf(Outcome.NONE, sender.domain, from_helo)
        outcome = await self._within(spf.check(self._dns, sender), Outcome.TEMPERROR)
        return Spf(outcome, domain, from_helo)

    async def results(self, data: bytes, begun: asyncio.Task[Spf]) -> Results:
        """What is known about the sender of a message. Never raises.

        data: as it came, CRLF line ends. begun: as from `spf`.
        """
        try:
            return await self._results(data, begun)
        except Exception:
            # A fault of ours, for which the same mail must not be put off for ever, nor be believed.
            log.exception("the sender of a message could not be judged")
            return Results(Spf(Outcome.TEMPERROR), (), Dmarc(Outcome.TEMPERROR))

    async def _results(self, data: bytes, begun: asyncio.Task[Spf]) -> Results:
        message = await _in_thread(len(data), lambda: Message.read(data, self._clock()))
        authors = dmarc.authors_of(_from(data))
        found_spf, keys, records = await asyncio.gather(
            self._within(asyncio.shield(begun), Spf(Outcome.TEMPERROR)),
            asyncio.gather(*(self._key(one) for one in message.found)),
            asyncio.gather(*(self._published(one) for one in authors[: dmarc.MAX_AUTHORS])),
        )
        dkim = await _in_thread(len(data), lambda: _verified(message, keys))
        return self._composed(authors, records, found_spf, dkim)

    def _composed(
        self, authors: Sequence[str | None], records: Sequence[dmarc.Published | Dmarc], spf: Spf, dkim: Sequence[Dkim]
    ) -> Results:
        judged = [one if isinstance(one, Dmarc) else dmarc.judge(one, spf, dkim, self._roll) for one in records]
        if len(authors) > dmarc.MAX_AUTHORS:  # more than anybody could vouch for
            judged.append(Dmarc(Outcome.FAIL, judged[0].domain, Disposition.REJECT))
        aligned = bool(authors) and len(authors) <= dmarc.MAX_AUTHORS
        aligned = aligned and all(one is not None and dmarc.proved(one, spf, dkim) for one in authors)
        return Results(spf, tuple(dkim), dmarc.worst(judged or [Dmarc(Outcome.PERMERROR)]), aligned)

    async def _key(self, one: Signature | Dkim) -> Sequence[bytes] | None:
        """The TXT records that may hold the key; None if DNS cannot tell."""
        if isinstance(one, Dkim):
            return ()
        answer = await self._within(self._dns.txt(one.key_name), None)
        return None if answer is None or answer.failed else answer.records

    async def _published(self, domain: str | None) -> dmarc.Published | Dmarc:
        if domain is None:
            return Dmarc(Outcome.PERMERROR)
        try:
            found = await self._within(dmarc.published(self._dns, domain), None)
        except dmarc.NoAnswer:
            found = None
        return found or Dmarc(Outcome.TEMPERROR, domain)

    async def _within(self, work: Awaitable[T], otherwise: T) -> T:
        try:
            async with asyncio.timeout(self._patience):
                return await work
        except TimeoutError:
            return otherwise


def _from(data: bytes) -> list[str]:
    """The addresses of From, as everything else in this server reads them."""
    end = min(header_end(data, 0, len(data)), MAX_HEADER_OCTETS)
    return [author.addr for author in scan(data[:end]).from_]


def _verified(message: Message, keys: Sequence[Sequence[bytes] | None]) -> list[Dkim]:
    return [
        one
        if isinstance(one, Dkim)
        else one.result(Outcome.TEMPERROR, "no answer from DNS")
        if texts is None
        else message.verify(one, texts)
        for one, texts in zip(message.found, keys, strict=True)
    ]


async def _in_thread(size: int, work: Callable[[], T]) -> T:
    return work() if size < INLINE else await asyncio.to_thread(work)
