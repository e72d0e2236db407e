"""Commands cut out of octets that are all there already: the reader of commands without a network or a loop."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, cast

from mailserver.imap.clock import Clock
from mailserver.imap.connection import Connection, Interrupted, PeerGone
from mailserver.imap.conversation import BEFORE_LOGIN
from mailserver.imap.frames import Frame, ReadLimits, read_frame
from mailserver.imap.responses import Reply, bad
from mailserver.store.errors import StoreError

# Small limits, so that short inputs reach them.
LIMITS = ReadLimits(line=300, naming=300, idle=1, literal=1)
LITERAL = 200


class _Silent:
    """A transport that takes everything and says nothing."""

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        assert data == b"+ OK\r\n"

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading


class Fed(Connection):
    """A connection whose octets are all there already and come piece by piece when they are waited for."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__(cast(Clock, None), 1, lambda _connection: None)
        self.transport = cast(Any, _Silent())
        self.pieces = pieces[::-1]

    async def wait(self, seconds: float, more: bool = False) -> None:
        if not self.pieces:
            raise PeerGone
        self.data_received(self.pieces.pop())


class Gate:
    """Takes small literals, as many as a connection may send before signing in."""

    def admit(self, frame: Frame, size: int) -> Reply | None:
        taken = size <= LITERAL and frame.held + size <= BEFORE_LOGIN
        return None if taken else bad("Literal is too large", b"TOOBIG")

    def not_kept(self, error: StoreError) -> Reply:
        raise error


def result_of(coroutine: Coroutine[Any, Any, Frame]) -> Frame:
    """Run what never has to wait for a loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast(Frame, done.value)
    raise AssertionError("the reader waits for something else")


def frames(pieces: list[bytes]) -> tuple[list[Frame], str]:
    """The commands in these pieces, and how the connection ended."""
    connection = Fed(pieces)
    taken: list[Frame] = []
    while True:
        try:
            taken.append(result_of(read_frame(connection, Gate(), LIMITS)))
        except (PeerGone, Interrupted) as end:
            return taken, type(end).__name__
        assert len(taken[-1].data) <= 2 * LIMITS.line
