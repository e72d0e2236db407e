"""One pass over one folder of a remote: what is new there is delivered here, each message once."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from mailserver.actor import Actor
from mailserver.collector import accounts, memory
from mailserver.collector.errors import Failed, NoSuchAccount, TargetUnknown
from mailserver.collector.hurdles import Hurdles
from mailserver.collector.memory import AlreadyCollected, Met, Where
from mailserver.collector.records import Account, After, Outcome, Security, Trouble
from mailserver.collector.remote import Connection
from mailserver.delivery import heading, marks
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.errors import DeliveryError, MailLoop, PolicyRefused, SeveralAuthors
from mailserver.delivery.incoming import Incoming
from mailserver.delivery.mailboxes import Inbox
from mailserver.delivery.trace import Received
from mailserver.directory.resolve import Mailbox
from mailserver.mime.scan import scan
from mailserver.policy import Action, Case, Stage
from mailserver.senderauth.header import without_forged
from mailserver.store import quota
from mailserver.store.database import Tx
from mailserver.store.errors import FolderMissing, MessageTooLarge, MoveRefused, StoreError

T = TypeVar("T")
# Messages asked about at once; the IMAP library reads answers recursively, line by line.
BATCH = 100
# Refusals that will not change by themselves, and the word that is kept for each.
REASONS: tuple[tuple[type[Exception], str], ...] = (
    (PolicyRefused, "policy"),
    (MoveRefused, "mailbox"),
    (MessageTooLarge, "too-large"),
    (MailLoop, "loop"),
    (SeveralAuthors, "several-authors"),
    (DeliveryError, "delivery"),
)
# Our own fault with one message must not hold up all that come after it.
INTERNAL = "internal"
# The remote fails to give it, see `hurdles`.
UNREADABLE = "unreadable"

_RETURN_PATH = re.compile(rb"^Return-Path:[ \t]*<([^<>\r\n]{0,320})>", re.I | re.M)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Errand:
    """What a pass needs to know: the account, and the mailbox here that gets its mail."""

    account: Account
    box: Mailbox
    inbox: Inbox

    @property
    def actor(self) -> Actor:
        return Actor(None, None, "collector", self.account.wish.remote.host)


async def errand(delivery: Delivery, account: Account) -> Errand:
    """Raises Failed (TARGET): the mailbox does not take mail any more."""
    try:
        box = await delivery.store.db.aread(lambda conn: accounts.target(conn, account.wish.target))
        (inbox,) = await delivery.inboxes([box])
    except (TargetUnknown, FolderMissing) as fault:
        raise Failed(Trouble.TARGET, account.wish.target) from fault
    return Errand(account, box, inbox)


class Pass:
    """Over one folder."""

    def __init__(
        self, delivery: Delivery, remote: Connection, errand: Errand, name: str, hurdles: Hurdles | None = None
    ) -> None:
        """hurdles: of the account, from one visit to the next."""
        self._delivery, self._db = delivery, delivery.store.db
        self._remote, self._errand, self._name = remote, errand, name
        self._hurdles = hurdles or Hurdles()
        self._uidvalidity = 0

    async def run(self) -> None:
        """Deliver what is new, and do on the remote what was delivered for.

        Raises Failed, StoreError, NoSuchAccount (removed meanwhile); all that was delivered by then is
        remembered, and the next pass goes on behind it.
        """
        account_id, since = self._errand.account.id, self._errand.account.wish.since
        self._uidvalidity = (await self._remote.select(self._name)).uidvalidity
        await self._act()
        while True:
            last = await self._db.aread(lambda c: memory.last_uid(c, account_id, self._name, self._uidvalidity))
            uids = await self._remote.uids_from(last + 1, since)
            if not uids:
                return
            await self._take(uids[:BATCH])
            await self._act()

    async def _take(self, uids: list[int]) -> None:
        sizes = await self._remote.sizes(uids)
        for uid in uids:
            where = Where(self._errand.account.id, self._name, self._uidvalidity, uid)
            if uid in sizes:
                await self._message(where, sizes[uid])
            else:  # gone since the search
                await self._note(lambda tx, where=where: memory.move_on_tx(tx, where))

    async def _message(self, where: Where, size: int) -> None:
        if (refusal := self._too_large(size)) is not None:
            await self._refuse(Met(where, _unread(where), "", size), refusal)
            return
        await self._require_room(size)
        async with self._delivery.room_for(size):
            octets = await self._octets(where, size)
            if octets is None:
                await self._note(lambda tx: memory.move_on_tx(tx, where))
                return
            met = await asyncio.to_thread(_met, where, octets)
            known = await self._db.aread(lambda conn: memory.outcome_of(conn, where.account_id, met.digest))
            if known is not None:
                await self._note(
                    lambda tx: memory.seen_again_tx(tx, met, act=self._acts and known is Outcome.DELIVERED)
                )
                return
            await _to_its_end(asyncio.to_thread(self._deliver, met, octets))

    async def _octets(self, where: Where, size: int) -> bytes | None:
        """As of `Connection.octets`; the visit that fails here too often is the last one to try."""
        try:
            return await self._remote.octets(where.uid, size)
        except Failed as failed:
            if self._hurdles.too_high(where, failed):
                log.warning("account %d: %s uid %d is passed over", where.account_id, self._name, where.uid)
                met = Met(where, _unread(where), "", size)
                await self._note(lambda tx: memory.refused_tx(tx, met, UNREADABLE))
            raise

    async def _require_room(self, size: int) -> None:
        """Mail for a full mailbox waits on the remote, as at the SMTP door it waits with its sender."""
        owner = self._errand.box.principal_id
        if self._errand.box.limited and await self._db.aread(lambda c: bool(quota.full_among(c, {owner}, size))):
            raise Failed(Trouble.FULL, self._errand.account.wish.target)

    def _too_large(self, size: int) -> Exception | None:
        """Ask the policy before anything is read, as the SMTP door does with a client's figure."""
        case = Case(
            stage=Stage.MAIL, actor=self._errand.actor, recipients=(self._errand.account.wish.target,), size=size
        )
        judged, verdict = self._delivery.judge(case, [self._errand.inbox.agency_id])
        return PolicyRefused(verdict, judged) if verdict.stops else None

    def _deliver(self, met: Met, octets: bytes) -> None:
        """In a thread: deliver and remember in one transaction, or remember that it was refused."""
        incoming = Incoming(
            # As at the MX: what claims to be a finding of this server's own is forged.
            data=marks.without_forged(without_forged(octets, self._delivery.hostname)),
            sender=_sender(octets),
            addresses=(self._errand.account.wish.target,),
            mailboxes=[self._errand.box],
            actor=self._errand.actor,
            trace=self._trace(met.where),
            collected=True,
        )
        try:
            self._delivery.deliver_sync(incoming, also=lambda tx: memory.delivered_tx(tx, met, act=self._acts))
        except AlreadyCollected:
            self._write(lambda tx: memory.seen_again_tx(tx, met, act=self._acts))
        except (NoSuchAccount, FolderMissing):
            raise
        except Exception as fault:
            if isinstance(fault, PolicyRefused) and fault.verdict.action is Action.DEFER:
                raise Failed(Trouble.PUT_OFF, fault.verdict.rule) from fault  # the remote keeps it until then
            if (reason := _reason(fault)) is None and isinstance(fault, StoreError):
                raise
            if reason is None:
                log.exception(
                    "account %d: %s uid %d was not delivered", met.where.account_id, self._name, met.where.uid
                )
            self._write(lambda tx: memory.refused_tx(tx, met, reason or INTERNAL))

    @property
    def _acts(self) -> bool:
        return self._errand.account.wish.after is not After.LEAVE

    def _trace(self, where: Where) -> Received:
        remote = self._errand.account.wish.remote
        protocol = "IMAP" if remote.security is Security.NONE else "IMAPS"
        number = f"{where.account_id}.{where.uidvalidity}.{where.uid}"
        return Received(helo=remote.host, peer=self._remote.peer, protocol=protocol, id=number)

    async def _refuse(self, met: Met, fault: Exception) -> None:
        def work(tx: Tx) -> None:
            memory.refused_tx(tx, met, _reason(fault) or INTERNAL)
            if isinstance(fault, PolicyRefused):
                fault.record_tx(tx)

        await self._note(work)

    async def _act(self) -> None:
        """Flag or delete what was delivered, also what an earlier visit did not get to."""
        account_id, after = self._errand.account.id, self._errand.account.wish.after
        uids = await self._db.aread(lambda c: memory.pending(c, account_id, self._name, self._uidvalidity))
        for start in range(0, len(uids), BATCH):
            some = uids[start : start + BATCH]
            if after is After.FLAG:
                await self._remote.flag(some, "\\Seen")
            elif after is After.DELETE:
                await self._remote.flag(some, "\\Deleted")
                await self._remote.expunge(some)
            await self._note(lambda tx, some=some: memory.done_tx(tx, account_id, self._name, self._uidvalidity, some))

    async def _note(self, work: Any) -> None:
        await self._db.awrite(work, self._errand.actor)

    def _write(self, work: Any) -> None:
        self._db.write(work, self._errand.actor)


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Wait for a thread even if this task is told to stop: what it has begun it will finish."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _met(where: Where, octets: bytes) -> Met:
    found = heading.glance(octets)
    return Met(where, hashlib.sha256(octets).digest(), scan(octets[: found.size]).message_id or "", len(octets))


def _unread(where: Where) -> bytes:
    """What stands for the digest of a message that was never read: where it lies."""
    return hashlib.sha256(f"unread {where.folder} {where.uidvalidity} {where.uid}".encode()).digest()


def _sender(octets: bytes) -> str:
    """The envelope's sender as the last server noted it; "" if it did not."""
    found = _RETURN_PATH.search(octets, 0, heading.glance(octets).size)
    return found[1].decode("utf-8", "replace") if found else ""


def _reason(fault: Exception) -> str | None:
    """The word for a refusal that stands; None for a fault that may pass."""
    return next((word for kind, word in REASONS if isinstance(fault, kind)), None)
