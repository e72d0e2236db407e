"""How Vanthu is listened to: every line, in order, to the last octet that the transcript gives."""

from __future__ import annotations

from collections.abc import Sequence

from tests.imap.transcript import Expected, Server
from tests.imap.words import Words
from tests.support.dialogue import Client


class Strict:
    server = Server.VANTHU

    def __init__(self, words: Words) -> None:
        self.words = words

    def answer(self, expected: Sequence[Expected], lines: list[bytes]) -> None:
        lines = list(lines)
        gap = False
        for text in (one.text for one in expected):
            if text == "...":
                gap = True
                continue
            while gap and lines and not self.words.pattern(text).fullmatch(lines[0]):
                lines.pop(0)
            assert lines, f"never heard {text!r}"
            self._expect(text, lines.pop(0))
            gap = False
        assert gap or not lines, f"also heard {lines!r}"

    async def unasked(self, expected: Expected, client: Client) -> None:
        self._expect(expected.text, await client.line())

    def end(self) -> None:
        """Every line has been judged as it came."""

    def _expect(self, text: str, line: bytes) -> None:
        assert self.words.take(text, line), f"expected {text!r}, heard {line!r}"
