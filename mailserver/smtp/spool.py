"""Where a message waits while it comes in: memory first, a nameless temporary file beyond that."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import IO

# Up to here a message stays in memory: most mail is smaller, and a connection in DATA then costs less
# than 1 MiB, what is on its way to us included.
IN_MEMORY = 512 * 1024
# What a message that is in a file already may pile up between two writes.
IN_FLIGHT = 256 * 1024


class Spool:
    """The decoded octets of one message.

    `write` only takes note; `settle` moves what has piled up to the file, off the event loop.
    A file that cannot be written (`OSError`) is remembered in `fault`: the client must be heard to
    the end before it can be told.
    """

    def __init__(self, folder: Path) -> None:
        self.size = 0
        self.fault: OSError | None = None
        self._folder = folder
        self._pending: list[bytes] = []
        self._waiting = 0
        self._file: IO[bytes] | None = None

    def write(self, octets: bytes) -> None:
        self.size += len(octets)
        if self.fault is None:
            self._pending.append(octets)
            self._waiting += len(octets)

    async def settle(self) -> None:
        """Keep memory bounded; call after each chunk."""
        if self._waiting <= (IN_MEMORY if self._file is None else IN_FLIGHT):
            return
        octets, self._pending, self._waiting = b"".join(self._pending), [], 0
        await asyncio.to_thread(self._append, octets)

    def _append(self, octets: bytes) -> None:
        try:
            if self._file is None:
                # Without a name where the system can: it is gone with the process, whatever ends that.
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            self._file.write(octets)
        except OSError as error:
            self.fault = error
            self.close()

    async def read(self) -> bytes:
        """The whole message. Raises OSError if it could not be kept."""
        if self.fault is not None:
            raise self.fault
        rest = b"".join(self._pending)
        if self._file is None:
            return rest
        return await asyncio.to_thread(self._read, self._file, rest)

    @staticmethod
    def _read(file: IO[bytes], rest: bytes) -> bytes:
        file.seek(0)
        return file.read() + rest

    def close(self) -> None:
        """Give memory and disk back. Any number of times."""
        self._pending, self._waiting = [], 0
        if self._file is not None:
            self._file.close()
            self._file = None
