"""Plays a scenario to a server: sends what the sessions send, in its order, and lets an ear judge what they hear."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from tests.imap.transcript import Exchange, Expected, Scenario, Server, message
from tests.imap.words import Words
from tests.support.dialogue import Client

_OCTETS = re.compile(r'\{"(.*?)"\}')
_MAIL = re.compile(rb"\{mail (\d+)\}")


class Ear(Protocol):
    """Whether what a server says is what a transcript says; both raise AssertionError if not."""

    @property
    def server(self) -> Server: ...

    def answer(self, expected: Sequence[Expected], lines: list[bytes]) -> None:
        """lines: up to the tagged one, which is without its tag."""

    async def unasked(self, expected: Expected, client: Client) -> None:
        """Hear a line that comes of itself."""

    def end(self) -> None:
        """Nothing more will be heard."""


class Player:
    """connect: opens the session with that number; box: the folder of this scenario."""

    def __init__(self, connect: Callable[[int], Awaitable[Client]], box: str, ear: Callable[[Words], Ear]) -> None:
        self.connect = connect
        self.words = Words(box=box)
        self.ear = ear(self.words)
        self.sessions: dict[int, Client] = {}
        self.open_tags: dict[int, bytes] = {}

    async def play(self, scenario: Scenario) -> None:
        for exchange in scenario.exchanges():
            try:
                await self._play(exchange)
            except (AssertionError, TimeoutError) as error:
                error.add_note(f"== {scenario.title}: {exchange.who} {exchange.kind}: {exchange.text}")
                raise
        self.ear.end()

    async def _play(self, exchange: Exchange) -> None:
        who, expected = exchange.who, exchange.expected_of(self.ear.server)
        if who not in self.sessions:
            self.sessions[who] = await self.connect(who)
        client = self.sessions[who]
        if exchange.kind == "P":
            await self.ear.unasked(expected[0], client)
            return
        if exchange.kind == "R":
            await client.send(exchange.text.encode().decode("unicode_escape").encode("latin-1") + b"\r\n")
        elif exchange.kind == "C":
            client.number += 1
            self.open_tags[who] = b"t%d" % client.number
            await client.send(b"%b %b\r\n" % (self.open_tags[who], _command(self.words.fill(exchange.text))))
        if expected:
            self.ear.answer(expected, await self._lines(client, self.open_tags[who], expected))

    async def _lines(self, client: Client, tag: bytes, expected: Sequence[Expected]) -> list[bytes]:
        if not expected[-1].text.startswith("+"):
            lines = await client.until(tag)
            return [*lines[:-1], lines[-1][len(tag) + 1 :]]
        lines = [await client.line()]
        while not lines[-1].startswith(b"+"):
            lines.append(await client.line())
        return lines


def _command(text: str) -> bytes:
    """The octets of a command, its literals non-synchronising."""
    data = _OCTETS.sub(_literal, text).encode()
    while (found := _MAIL.search(data)) is not None:
        octets = message(int(found[1]))
        data = data[: found.start()] + b"{%d+}\r\n%b" % (len(octets), octets) + data[found.end() :]
    return data


def _literal(found: re.Match[str]) -> str:
    text = found[1].encode("latin-1", "backslashreplace").decode("unicode_escape")
    return f"{{{len(text.encode())}+}}\r\n{text}"
