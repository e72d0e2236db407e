"""BDAT (RFC 3030): a message in chunks whose lengths are told, an alternative to DATA.

Whatever becomes of a chunk, all its octets are read, so that none is ever taken for a command.
"""

from __future__ import annotations

import re
import sys

from mailserver.smtp import replies
from mailserver.smtp.chunks import Chunked, Chunks
from mailserver.smtp.receiving import Receiving
from mailserver.smtp.spool import Spool
from mailserver.smtp.stream import Hangup

_ARGUMENT = re.compile(r"(?P<octets>[0-9]{1,18})(?P<last> +LAST)?", re.I)


class Chunking(Receiving):
    """The connection with every command that it knows."""

    async def smtp_BDAT(self, argument: str) -> None:
        """Take one chunk; with the last one deliver the message (RFC 3030 §2)."""
        match = _ARGUMENT.fullmatch(argument)
        if match is None:  # where the next command begins is anybody's guess
            await self.push(replies.BDAT_SYNTAX)
            raise Hangup
        octets, last = int(match["octets"]), match["last"] is not None
        if obstacle := self._bdat_obstacle():
            if await self._read_chunk(octets, Chunks(_forget, 0), None):
                await self.push(obstacle)
            return
        if not octets and not last and await self._is_junk():
            return
        message = self._begun()
        body = message.body if message.refused is None else Chunks(_forget, 0)
        body.expect(octets)
        if not await self._read_chunk(octets, body, message.spool):
            return
        if last:
            await self._take_last(message)
        else:
            await self._take_one(message, octets)

    def _bdat_obstacle(self) -> str | None:
        """As for DATA, but a message may have been begun (RFC 3030 §2: 503)."""
        return None if self.envelope.chunked is not None else self._data_obstacle("")

    def _begun(self) -> Chunked:
        if self.envelope.chunked is None:
            spool = Spool(self.door.settings.spool_dir)
            self.envelope.chunked = Chunked(spool, Chunks(spool.write, self.door.settings.size_limit or sys.maxsize))
        return self.envelope.chunked

    async def _read_chunk(self, octets: int, body: Chunks, spool: Spool | None) -> bool:
        """Read so many octets; False if the client broke off."""
        self._data_begins(body)
        try:
            while octets:
                if self._at == len(self._input):
                    self._input, self._at = await self._next_chunk(), 0
                    if not self._input:
                        return False
                piece = self._input[self._at : self._at + octets]
                self._at += len(piece)
                octets -= len(piece)
                body.feed(piece)
                if spool is not None:
                    await spool.settle()
        finally:
            self._data_ended()
        return True

    async def _take_one(self, message: Chunked, octets: int) -> None:
        if message.refused is None:
            message.refused = self._refusal(message.body, message.spool)
        if message.refused is None:
            await self.push(replies.chunk_taken(octets))
            return
        message.spool.close()
        await self.push(self._line(message.refused))

    async def _take_last(self, message: Chunked) -> None:
        message.body.end()
        if message.refused is not None:
            answers = self._for_all(message.refused)
        else:
            answers = await self._finish(message.body, message.spool)
        await self._conclude(answers)

    def _forget_transaction(self) -> None:
        self._drop_chunks()
        super()._forget_transaction()

    async def _hang_up(self) -> None:
        self._drop_chunks()
        await super()._hang_up()

    def _drop_chunks(self) -> None:
        if self.envelope.chunked is not None:
            self.envelope.chunked.spool.close()


def _forget(octets: bytes) -> None:
    """Where the octets of a chunk go that nobody asked for."""
