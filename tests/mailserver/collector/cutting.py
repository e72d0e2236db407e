"""A wire between collector and server that breaks, or rings a bell, after so many of the server's answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType

from tests.support.listening import listening


class Cutter:
    """Listens on `port` and passes on to the server at `target`. answers_left: None never cuts."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._bell: Callable[[], object] | None = None
        self._listening = AsyncExitStack()
        self.answers_left: int | None = None
        self.cut = 0
        self.port = 0

    def after(self, answers: int, bell: Callable[[], object]) -> None:
        """Ring instead of cutting."""
        self.answers_left, self._bell = answers, bell

    async def __aenter__(self) -> Cutter:
        self.port = await self._listening.enter_async_context(listening(self._serve))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self._listening.aclose()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        there = asyncio.ensure_future(self._pass_on(reader, far_writer, counted=False))
        back = asyncio.ensure_future(self._pass_on(far_reader, writer, counted=True))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wire in (there, back):
                wire.cancel()
            for one in (writer, far_writer):
                one.transport.abort()
            await asyncio.gather(there, back, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool) -> None:
        while data := await reader.read(65536):
            if counted and self.answers_left is not None:
                if self.answers_left == 0:
                    self.cut += 1
                    self.answers_left = None
                    if self._bell is None:
                        return
                    self._bell()
                    self._bell = None
                else:
                    self.answers_left -= 1
            writer.write(data)
            await writer.drain()
