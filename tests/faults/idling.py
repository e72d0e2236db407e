"""Many IMAP connections in IDLE at once, on one loop in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
# Sign-ins at a time; a first one with a password costs the server a hash.
AT_ONCE = 20
PATIENCE_S = 120.0


@dataclass
class Line:
    """One connection in IDLE, and what the server has said on it since.

    exists: the last count of messages. bye: the words of the BYE. ended: the connection is closed.
    """

    login: str
    exists: int = 0
    pushes: int = 0
    bye: str = ""
    ended: bool = False


class Idling:
    """Connections of these people to INBOX; the loop runs until `close`."""

    def __init__(self, port: int, password: str) -> None:
        self._port, self._password = port, password
        self.lines: list[Line] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._tasks: list[asyncio.Task[None]] = []
        self._gate = asyncio.Semaphore(AT_ONCE)

    def open(self, logins: Sequence[str]) -> None:
        """One connection for each; returns when all are in IDLE. Raises AssertionError, OSError, TimeoutError."""
        self._run(self._open_all(logins))

    def close(self) -> None:
        self._run(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    async def _open_all(self, logins: Sequence[str]) -> None:
        await asyncio.gather(*map(self._open, logins))

    async def _open(self, login: str) -> None:
        async with self._gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            await reader.readline()
            await _command(reader, writer, f'a LOGIN "{login}" "{self._password}"')
            answers = await _command(reader, writer, "b SELECT INBOX")
            line = Line(login, next(_counts(answers)))
            writer.write(b"c IDLE\r\n")
            assert (await reader.readline()).startswith(b"+")
        self.lines.append(line)
        self._tasks.append(self._loop.create_task(_listen(line, reader, writer)))

    async def _cut(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: str) -> list[bytes]:
    """Every line of the answer; AssertionError unless it is OK."""
    writer.write(words.encode() + b"\r\n")
    answers = []
    while line := await reader.readline():
        answers.append(line)
        if not line.startswith(b"*"):
            assert line.split()[1] == b"OK", line
            return answers
    raise AssertionError(f"closed in {words.split()[1]}: {answers}")


def _counts(answers: Sequence[bytes]) -> Iterator[int]:
    return (int(line.split()[1]) for line in answers if line.endswith(b" EXISTS\r\n"))


async def _listen(line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with contextlib.suppress(ConnectionError):
            while said := await reader.readline():
                for count in _counts([said]):
                    line.exists, line.pushes = count, line.pushes + 1
                if said.startswith(b"* BYE"):
                    line.bye = said.decode().strip()
        line.ended = True
    finally:
        writer.close()
