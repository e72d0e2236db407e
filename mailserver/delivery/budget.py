"""A bound on what messages take of a process's memory while they are being delivered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Budget:
    """Octets that may be held at once; who asks for more waits, in the order of asking."""

    def __init__(self, octets: int) -> None:
        self._most = octets
        self._free = octets
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def hold(self, octets: int) -> AsyncIterator[None]:
        """Hold so much; more than the whole budget counts as the whole of it."""
        wanted = min(octets, self._most)
        async with self._turn:
            while self._free < wanted:
                self._freed.clear()
                await self._freed.wait()
            self._free -= wanted
        try:
            yield
        finally:
            self._free += wanted
            self._freed.set()
