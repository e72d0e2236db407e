"""DATA (RFC 5321 §4.1.1.4): take the message in, deliver it, answer when it is on the disk."""

from __future__ import annotations

import asyncio
import errno
import logging
import sys
from contextlib import AsyncExitStack

from mailserver.delivery import heading
from mailserver.delivery.trace import Received
from mailserver.smtp import acceptance, replies
from mailserver.smtp.data import Body, DataDecoder, normalise
from mailserver.smtp.envelopes import Envelopes
from mailserver.smtp.replies import Answer
from mailserver.smtp.settings import Role
from mailserver.smtp.spool import Spool
from mailserver.smtp.unacknowledged import Answers, Fingerprint, fingerprint

log = logging.getLogger(__name__)


class Receiving(Envelopes):
    """The end of a transaction."""

    async def smtp_DATA(self, argument: str) -> None:
        """Read a message and deliver it; one answer, from LMTP one for each recipient."""
        if obstacle := self._data_obstacle(argument):
            await self.push(obstacle)
            return
        await self.push(replies.GO_AHEAD)
        spool = Spool(self.door.settings.spool_dir)
        decoder = DataDecoder(spool.write, self.door.settings.size_limit or sys.maxsize)
        try:
            if not await self._read_data(decoder, spool):
                return
            answers = await self._finish(decoder, spool)
        finally:
            spool.close()
        await self._conclude(answers)

    async def _conclude(self, answers: Answers) -> None:
        """Answer a whole message; the next one begins anew."""
        self._forget_transaction()
        self._junk = 0
        if answers[0].startswith("2"):
            self._errors = 0
        for answer in answers:
            await self.push(answer)

    def _data_obstacle(self, argument: str) -> str | None:
        if argument:
            return replies.NO_ARGUMENT
        if self.envelope.mail_from is None:
            return replies.MAIL_FIRST
        if self.envelope.chunked is not None:
            return replies.BDAT_BEGUN
        if not self.envelope.rcpt_tos:
            return replies.NO_VALID_RECIPIENTS if self.envelope.resolved else replies.RCPT_FIRST
        return None

    async def _read_data(self, decoder: DataDecoder, spool: Spool) -> bool:
        """Read to the end of data; False if the client broke off: nothing is kept then."""
        chunk, self._input, self._at = self._input[self._at :], b"", 0
        self._data_begins(decoder)
        try:
            while not chunk or (rest := decoder.feed(chunk)) is None:
                await spool.settle()
                chunk = await self._next_chunk()
                if not chunk:
                    return False
        finally:
            self._data_ended()
        self._input = rest
        return True

    async def _finish(self, body: Body, spool: Spool) -> Answers:
        """What the client is told; one line, from LMTP one for each recipient."""
        if refusal := self._refusal(body, spool):
            return self._for_all(refusal)
        async with AsyncExitStack() as held:
            await held.enter_async_context(self.door.delivery.room_for(spool.size))
            try:
                data = await spool.read()
            except OSError as error:
                log.error("%s: spool: %s", self.peer, error)
                return self._for_all(replies.OUR_FAULT)
            spool.close()
            return await self._deliver(normalise(data) if body.bare else data, held)

    def _refusal(self, body: Body, spool: Spool) -> Answer | None:
        if body.too_large:
            return self._policy_on_size(self.envelope.sender, self.door.settings.size_limit + 1)
        if body.bare and self.door.role is Role.MX:
            return replies.BARE_NEWLINE
        if spool.fault is not None:
            log.error("%s: spool: %s", self.peer, spool.fault)
            full = spool.fault.errno in (errno.ENOSPC, errno.EDQUOT)
            return replies.STORE_FULL if full else replies.OUR_FAULT
        return None

    def _for_all(self, answer: Answer) -> Answers:
        return acceptance.for_all(self.door.role, self._line(answer), len(self.envelope.rcpt_tos))

    def _line(self, answer: Answer) -> str:
        return replies.line_of(answer, utf8=self._reads_utf8)

    async def _deliver(self, data: bytes, held: AsyncExitStack) -> Answers:
        """Deliver, to the end even if the client hangs up meanwhile."""
        known, envelope = self.door.unacknowledged, self.envelope
        if known and (earlier := await known.answers(self._fingerprint(data))):
            return earlier
        trace = Received(self.session.host_name or "", self.peer, self._protocol, self.door.new_id())
        facts = data, envelope.sender, envelope.rcpt_tos, envelope.resolved, self.sending_actor, trace
        taken = acceptance.Taken(*facts, envelope.wishes, envelope.spf, returns=envelope.returns)
        task = self.door.spawn(acceptance.accept(self.door, taken, self._line, held.pop_all()))
        try:
            answers = await asyncio.shield(task)
        except asyncio.CancelledError:  # reset by the client
            self._expect_again(data, task)
            raise
        if self._reader.at_eof():  # closed by the client, perhaps only its half: it may still read
            self._expect_again(data, task)
        return answers

    def _expect_again(self, data: bytes, task: asyncio.Task[Answers]) -> None:
        """The client may never see the answer. Without a Message-ID nobody can tell a retry."""
        if heading.glance(data).message_ids:
            self.door.unacknowledged.note(self._fingerprint(data), task)

    def _fingerprint(self, data: bytes) -> Fingerprint:
        return fingerprint(self.envelope.sender, self.envelope.rcpt_tos, data)

    @property
    def _protocol(self) -> str:
        """The keyword for the trace field (RFC 3848, RFC 6531 §4.3)."""
        role = self.door.role
        base = "LMTP" if role is Role.LMTP else "ESMTP" if self.session.extended_smtp else "SMTP"
        if self.envelope.smtp_utf8:
            base = f"UTF8{base.removeprefix('E')}"
        if base == "SMTP":
            return base
        return base + ("S" if self.secured else "") + ("A" if self.actor is not None else "")
