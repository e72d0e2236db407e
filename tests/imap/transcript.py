"""Transcripts: what several sessions say and hear, written down and played.

A file holds scenarios, each begun by `== title`. Lines of a scenario:

    setup 3           three messages (see `message`) are in the folder $box before it begins
    1 C: NOOP         session 1 sends a command; a tag is put in front, `\\r\\n` behind
    1 C: X {mail 2}   … with message 2 as a non-synchronising literal
    1 C: X {"a\\r\\n"} … with these octets as one (escapes as in Python, text in UTF-8)
    1 R: DONE         session 1 sends a line as it is (escapes as in Python)
    1 S: * 3 EXISTS   session 1 hears this; all lines up to the tagged one must be listed, in order
    1 S: ...          any lines may come here
    1 P: * 4 EXISTS   session 1 hears this unasked (while idling)

In what is heard, `$name` stands for any word the first time and for the same one afterwards, and a
line ending in `...` for any rest; `\\r\\n` and `\\x00` are those octets. The tagged line is written
without its tag. Session 1 and 2 are the same user's, session 3 is a colleague's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.dialogue import Client

_STEP = re.compile(r"(\d) ([CRSP]): ?(.*)")
_OCTETS = re.compile(r'\{"(.*?)"\}')
_VARIABLE = re.compile(r"\\\$([a-z]+)")


def message(number: int) -> bytes:
    """Message `number` of every scenario: 7-bit, with a subject and a sender of its own."""
    return (
        f"From: Sender {number} <sender{number}@bench.test>\r\nTo: an@sxd.gov.vn\r\nSubject: Message {number}\r\n"
        f"Date: Wed, {10 + number} Jul 1996 02:23:25 -0700\r\nMessage-ID: <m{number}@bench.test>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=US-ASCII\r\n\r\nBody of message {number}.\r\n"
    ).encode()


def _literal(found: re.Match[str]) -> str:
    text = found[1].encode("latin-1", "backslashreplace").decode("unicode_escape")
    return f"{{{len(text.encode())}+}}\r\n{text}"


@dataclass
class Scenario:
    title: str
    setup: int = 0
    steps: list[tuple[int, str, str]] = field(default_factory=list)


def read_scenarios(path: Path) -> list[Scenario]:
    found: list[Scenario] = []
    for line in path.read_text().splitlines():
        if line.startswith("== "):
            found.append(Scenario(line[3:].strip()))
        elif line.startswith("setup "):
            found[-1].setup = int(line[6:])
        elif (step := _STEP.fullmatch(line)) is not None:
            found[-1].steps.append((int(step[1]), step[2], step[3]))
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"{path.name}: no step: {line!r}")
    return found


class Player:
    """Plays one scenario. connect: opens the session with that number."""

    def __init__(self, connect: Callable[[int], Awaitable[Client]], box: str) -> None:
        self.connect = connect
        self.variables = {"box": box}
        self.sessions: dict[int, Client] = {}
        self.open_tags: dict[int, bytes] = {}

    async def play(self, scenario: Scenario) -> None:
        at = 0
        while at < len(scenario.steps):
            who, kind, text = scenario.steps[at]
            at += 1
            client = await self._session(who)
            if kind == "R":
                await client.send(text.encode().decode("unicode_escape").encode("latin-1") + b"\r\n")
            elif kind == "P":
                self._expect(text, await client.line(), scenario.title)
            elif kind == "C":
                await self._send(who, client, text)
            expected = []
            while at < len(scenario.steps) and scenario.steps[at][:2] == (who, "S"):
                expected.append(scenario.steps[at][2])
                at += 1
            if expected:
                await self._hear(who, client, expected, scenario.title)

    async def _session(self, who: int) -> Client:
        if who not in self.sessions:
            self.sessions[who] = await self.connect(who)
        return self.sessions[who]

    async def _send(self, who: int, client: Client, text: str) -> None:
        client.number += 1
        self.open_tags[who] = b"t%d" % client.number
        for name, value in self.variables.items():
            text = text.replace(f"${name}", value)
        data = _OCTETS.sub(_literal, text).encode()
        while (found := re.search(rb"\{mail (\d+)\}", data)) is not None:
            octets = message(int(found[1]))
            data = data[: found.start()] + b"{%d+}\r\n%b" % (len(octets), octets) + data[found.end() :]
        await client.send(self.open_tags[who] + b" " + data + b"\r\n")

    async def _hear(self, who: int, client: Client, expected: list[str], title: str) -> None:
        tag = self.open_tags[who]
        if expected[-1].startswith("+"):
            lines = [await client.line()]
            while not lines[-1].startswith(b"+"):
                lines.append(await client.line())
        else:
            lines = await client.until(tag)
            lines[-1] = lines[-1][len(tag) + 1 :]
        gap = False
        for text in expected:
            if text == "...":
                gap = True
                continue
            while gap and lines and not self._pattern(text).fullmatch(lines[0]):
                lines.pop(0)
            assert lines, f"{title}: never heard {text!r}"
            self._expect(text, lines.pop(0), title)
            gap = False
        assert gap or not lines, f"{title}: also heard {lines!r}"

    def _expect(self, text: str, line: bytes, title: str) -> None:
        match = self._pattern(text).fullmatch(line)
        assert match, f"{title}: expected {text!r}, heard {line!r}"
        self.variables.update({name: value.decode() for name, value in match.groupdict().items()})

    def _pattern(self, text: str) -> re.Pattern[bytes]:
        rest = text.endswith("...")
        seen: set[str] = set()

        def variable(found: re.Match[str]) -> str:
            name = found[1]
            if name in self.variables:
                return re.escape(self.variables[name])
            if name in seen:
                return f"(?P={name})"
            seen.add(name)
            return rf"(?P<{name}>[^ ()\]]+)"

        octets = text.removesuffix("...").replace("\\r\\n", "\r\n").replace("\\x00", "\0")
        pattern = _VARIABLE.sub(variable, re.escape(octets))
        if text in ("OK", "NO", "BAD"):
            rest = True
        return re.compile((pattern + (".*" if rest else "")).encode(), re.DOTALL)
