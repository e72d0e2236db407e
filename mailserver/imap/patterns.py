"""Mailbox patterns of LIST: "*" for anything, "%" for anything within one level (RFC 3501 §6.3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MAX_LENGTH = 1200  # characters; a name has at most 1,000


@dataclass(frozen=True, slots=True)
class Pattern:
    """Matches by following all readings at once: time is pattern times name, never exponential."""

    text: str

    def matches(self, name: str) -> bool:
        states = self._closed({0})
        for char in name:
            states = self._closed(self._after(states, char))
            if not states:
                return False
        return len(self.text) in states

    def _closed(self, states: set[int]) -> set[int]:
        """With the places reached by letting a wildcard stand for nothing."""
        closed = set(states)
        for state in states:
            while state < len(self.text) and self.text[state] in "*%":
                state += 1
                closed.add(state)
        return closed

    def _after(self, states: set[int], char: str) -> set[int]:
        after: set[int] = set()
        for state in states:
            expected = self.text[state] if state < len(self.text) else ""
            if expected == "*" or (expected == "%" and char != "/"):
                after.add(state)
            elif expected == char:
                after.add(state + 1)
        return after


def make_patterns(reference: str, patterns: Sequence[str]) -> list[Pattern]:
    """The patterns as seen from the reference; INBOX in capitals, runs of wildcards as one."""
    return [Pattern(_spelled(reference + pattern)) for pattern in patterns]


def _spelled(text: str) -> str:
    out: list[str] = []
    for char in text[:MAX_LENGTH]:
        if char in "*%" and out and out[-1] in "*%":
            out[-1] = "*" if "*" in (char, out[-1]) else "%"
        else:
            out.append(char)
    spelled = "".join(out)
    if spelled[:5].upper() == "INBOX" and spelled[5:6] in ("", "/", "*", "%"):
        return "INBOX" + spelled[5:]
    return spelled
