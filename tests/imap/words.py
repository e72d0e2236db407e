"""The words of a transcript that stand for others: `$name`, `...`, and octets written as escapes."""

from __future__ import annotations

import re

_VARIABLE = re.compile(r"\\\$([a-z]+)(?:>\\\$[a-z]+)?")
_GREATER = re.compile(r"\$([a-z]+)>\$([a-z]+)")


class Words:
    """What each `$name` has come to mean in one scenario."""

    def __init__(self, **known: str) -> None:
        self.known = known

    def fill(self, text: str) -> str:
        """A text to be sent, with what is known in the place of names."""
        for name, value in self.known.items():
            text = text.replace(f"${name}", value)
        return text

    def pattern(self, text: str) -> re.Pattern[bytes]:
        """What a line or a word must look like; each name that is not known yet is a group."""
        seen: set[str] = set()

        def variable(found: re.Match[str]) -> str:
            name = found[1]
            if name in self.known:
                return re.escape(self.known[name])
            if name in seen:
                return f"(?P={name})"
            seen.add(name)
            return rf"(?P<{name}>[^ ()\]]+)"

        rest = text.endswith("...") or text in ("OK", "NO", "BAD")
        pattern = _VARIABLE.sub(variable, re.escape(octets(text.removesuffix("..."))))
        return re.compile((pattern + (".*" if rest else "")).encode(), re.DOTALL)

    def take(self, text: str, heard: bytes) -> bool:
        """Whether this was heard; if so, what its names mean is kept."""
        match = self.pattern(text).fullmatch(heard)
        if match is None:
            return False
        known = self.known | {name: value.decode() for name, value in match.groupdict().items()}
        if not all(int(known[one]) > int(known[other]) for one, other in _GREATER.findall(text)):
            return False
        self.known.update(known)
        return True


def octets(text: str) -> str:
    return text.replace("\\r\\n", "\r\n").replace("\\x00", "\0")
