"""What is said to a client: gathered, and written before it grows large."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailserver.imap.connection import Connection

FLUSH_ABOVE = 64 * 1024  # octets of a reply gathered before they are written


@dataclass(slots=True, eq=False)
class Output:
    connection: Connection
    _out: list[bytes] = field(default_factory=list, init=False)
    _out_octets: int = field(default=0, init=False)
    _writes: int = field(default=0, init=False)

    def say(self, *pieces: bytes) -> None:
        """Queue octets of the reply; whole lines, or a literal's octets in order."""
        self._out.extend(pieces)
        self._out_octets += sum(map(len, pieces))

    async def flush(self) -> None:
        """Write what is queued and wait until the peer keeps up."""
        self.flush_soon()
        await self.connection.drain()

    async def say_much(self, *pieces: bytes) -> None:
        """`say`, and `flush` once enough has gathered."""
        self.say(*pieces)
        if self._out_octets > FLUSH_ABOVE:
            await self.flush()

    def mark(self) -> tuple[int, int, int]:
        """Where the reply is now, for `take_back`."""
        return self._writes, len(self._out), self._out_octets

    def take_back(self, mark: tuple[int, int, int]) -> bool:
        """Unsay what was said since; False, and nothing done, if something of the reply has been written since."""
        writes, pieces, octets = mark
        if writes != self._writes:
            return False
        del self._out[pieces:]
        self._out_octets = octets
        return True

    def flush_soon(self) -> None:
        if self._out:
            self._writes += 1
            data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
            self._out.clear()
            self._out_octets = 0
            self.connection.write(data)
